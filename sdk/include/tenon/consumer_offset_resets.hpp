// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/export.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// The resets that ConsumerOffsets::reset() has left for the next request of a queue. Offered by the kernel, for who
/// gives messages out without Pulling. Threads: any.
class TENON_EXPORT ConsumerOffsetResets : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.consumer-offset-resets", 1};

  /// Takes the reset that waits for the queue, so that commits count again. Empty if none does.
  virtual std::optional<QueueOffset> take_reset(std::string_view group, std::string_view topic,
                                                std::int32_t queue_id) = 0;
};

}  // namespace tenon
