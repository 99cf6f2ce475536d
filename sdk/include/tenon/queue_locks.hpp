// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"

namespace tenon {

/// A queue as clients name it.
struct MessageQueue {
  std::string topic;
  std::string broker_name;
  std::int32_t queue_id = 0;

  friend auto operator<=>(const MessageQueue&, const MessageQueue&) = default;
};

/// Locks of ordered consumption: one client of a group holds a queue; a lock lives 60 s without renewal.
/// Offered by the kernel. Memory only. Threads: any.
class TENON_EXPORT QueueLocks : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.queue-locks", 1};

  /// Returns the queues that `client_id` now holds out of `queues`.
  virtual std::vector<MessageQueue> lock(std::string_view group, std::string_view client_id,
                                         const std::vector<MessageQueue>& queues) = 0;
  /// Frees those of `queues` that `client_id` holds.
  virtual void unlock(std::string_view group, std::string_view client_id, const std::vector<MessageQueue>& queues) = 0;
  /// True while any queue of the group is locked by anyone.
  virtual bool is_any_locked(std::string_view group) const = 0;
};

}  // namespace tenon
