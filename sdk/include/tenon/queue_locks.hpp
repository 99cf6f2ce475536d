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

/// Locks of ordered consumption: of each group at most one client holds a queue. A lock that is not renewed for 60 s is
/// free again. Offered by the kernel; kept in memory only. Threads: any.
class TENON_EXPORT QueueLocks : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.queue-locks", 1};

  /// Takes or renews locks. Returns those of `queues` that `client_id` holds now; the others are held by other clients.
  virtual std::vector<MessageQueue> lock(std::string_view group, std::string_view client_id,
                                         const std::vector<MessageQueue>& queues) = 0;
  /// Frees those of `queues` that `client_id` holds.
  virtual void unlock(std::string_view group, std::string_view client_id, const std::vector<MessageQueue>& queues) = 0;
  /// True while any queue of the group is locked by anyone.
  virtual bool is_any_locked(std::string_view group) const = 0;
};

}  // namespace tenon
