// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/consumer_offsets.hpp"

namespace tenon {

/// What has changed since a reader asked last, and where it asks on.
struct OffsetChanges {
  std::int64_t origin = 0;    ///< Whose positions these are: another process counts from another origin.
  std::int64_t position = 0;  ///< Everything that changed up to here is known with `offsets`.
  bool complete = true;       ///< False: there is more behind `position`.
  std::vector<GroupOffsets> offsets;
};

/// Which consumer offsets have changed, so that a slave need not copy all of them to learn of one. Offered by the
/// kernel beside ConsumerOffsets. Remembers no readers and costs a commit a few instructions.
/// Threads: any.
class TENON_EXPORT ConsumerOffsetChanges : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.consumer-offset-changes", 2};

  /// Another number in each process.
  virtual std::int64_t origin() const noexcept = 0;
  /// The offsets of each group in each topic of which one was stored after `position`, all queues together, the oldest
  /// change first; of names and numbers about `bytes_max`, one pair at least. With another origin than its own: after
  /// 0, which means all. Offsets that were removed are not reported.
  virtual OffsetChanges changes_since(std::int64_t origin, std::int64_t position, std::size_t bytes_max) const = 0;
};

}  // namespace tenon
