// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "tenon/capability.hpp"

namespace tenon {

/// Tells a store early that an append is on its way, so that it can prefetch what the append needs of the queue: with
/// tens of thousands of queues that is not in the processor's cache. Offered by stores for which that makes a
/// difference; the kernel uses it.
/// Threads: any. Does not wait, and takes no lock.
class TENON_EXPORT AppendHints : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.append-hints", 1};

  /// An append to this queue will probably come from this thread within a microsecond. A hint: the queue need not
  /// exist, the append need not come.
  virtual void expect(std::string_view topic, std::int32_t queue_id) const noexcept = 0;
};

}  // namespace tenon
