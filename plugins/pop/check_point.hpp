// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/offsets.hpp"

namespace tenon::pop {

/// Which check point: one per request and queue.
struct CheckPointId {
  std::string group;
  std::string topic;  ///< That the messages lie in, thus maybe a retry topic.
  std::int32_t queue_id = 0;
  QueueOffset start_offset;
  std::int64_t pop_time_ms = 0;
  std::string broker_name;

  auto operator<=>(const CheckPointId&) const = default;
};

/// When messages become visible again. Receipts come from clients: the end of all time where no sum holds theirs.
constexpr std::int64_t revive_time_ms(std::int64_t pop_time_ms, std::int64_t invisible_ms) noexcept {
  return invisible_ms > 0 && pop_time_ms > INT64_MAX - invisible_ms ? INT64_MAX : pop_time_ms + invisible_ms;
}

/// Which messages of a queue one request has got, and until when. Kept as JSON in the revive topic, in RocketMQ's
/// words. Source: golden/store/pop-5.4.0.
struct CheckPoint {
  CheckPointId id;
  std::int64_t invisible_ms = 0;
  std::vector<std::int32_t> distances;  ///< Of the messages, from start_offset.

  std::int64_t revive_time_ms() const noexcept { return pop::revive_time_ms(id.pop_time_ms, invisible_ms); }
};

/// Messages of a check point that are done.
struct Acknowledgement {
  CheckPointId id;
  std::vector<QueueOffset> offsets;  ///< Of one, or of a batch.
};

std::string to_json(const CheckPoint& check_point);
std::string to_json(const Acknowledgement& acknowledgement);
/// Errors: message_illegal, corrupt (what no broker writes).
Result<CheckPoint> parse_check_point(std::span<const std::byte> json);
/// Of one message, or of a batch.
Result<Acknowledgement> parse_acknowledgement(std::span<const std::byte> json);

/// What stands as UNIQ_KEY on their records.
std::string unique_key_of(const CheckPoint& check_point);
std::string unique_key_of(const Acknowledgement& acknowledgement);

}  // namespace tenon::pop
