// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenon/error.hpp"
#include "tenon/pop_consumption.hpp"

namespace tenon::pop {

/// What a consumer holds of a message that was given out: which check point it belongs to, and where it lies. Text:
/// eight words, parted by blanks. Source: remoting-protocol.md 2a.9 (`extraInfo`, POP_CK).
struct Receipt {
  QueueOffset start_offset;
  std::int64_t pop_time_ms = 0;
  std::int64_t invisible_ms = 0;
  std::int32_t revive_queue_id = 0;
  PopSource source = PopSource::topic;
  std::string broker_name;
  std::int32_t queue_id = 0;
  QueueOffset offset;

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

std::string to_string(const Receipt& receipt);
/// Error: invalid_parameter.
Result<Receipt> parse_receipt(std::string_view receipt);

/// Where messages of a group and topic go that were not acknowledged in time.
std::string retry_topic_of(std::string_view group, std::string_view topic, PopSource source);
/// Which of a group's topics this is. A retry topic of another group counts as a topic like any other.
PopSource source_of(std::string_view topic, std::string_view group) noexcept;

}  // namespace tenon::pop
