// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "check_point.hpp"
#include "names.hpp"
#include "parts.hpp"

namespace tenon::pop {

/// Writes check points and acknowledgements. They wait in the delay plug-in's timer until their messages become visible
/// again, and come to the revive topic then: a check point a second before its acknowledgements.
/// Threads: any.
class ReviveLog {
 public:
  explicit ReviveLog(const Parts& parts) : parts_(parts) {}

  /// The next in turn.
  std::int32_t choose_queue() noexcept {
    return static_cast<std::int32_t>(turn_.fetch_add(1, std::memory_order_relaxed) % kReviveQueues);
  }
  /// Returns the end of its record. Errors: those of DeliveryScheduler::schedule().
  Result<PhysicalOffset> write(const CheckPoint& check_point, std::int32_t revive_queue_id);
  /// `due_ms`: the revive time of the check point.
  Status write(const Acknowledgement& acknowledgement, std::int32_t revive_queue_id, std::int64_t due_ms);

 private:
  Result<PhysicalOffset> write(std::string_view tag, const std::string& unique_key, const std::string& body,
                               std::int32_t revive_queue_id, std::int64_t due_ms);

  const Parts& parts_;
  std::atomic<std::uint32_t> turn_{0};
};

}  // namespace tenon::pop
