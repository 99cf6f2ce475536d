// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tenon/error.hpp"

namespace tenon::delay {

/// The table of delay levels, counted from 1. Threads: immutable.
class DelayLevels {
 public:
  static constexpr std::string_view kDefault = "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h";

  DelayLevels() = default;
  /// Reads RocketMQ's messageDelayLevel: numbers with a unit s, m, h or d, separated by blanks. Error:
  /// invalid_parameter, which names the word that is none.
  static Result<DelayLevels> parse(std::string_view text);

  std::int32_t count() const noexcept { return static_cast<std::int32_t>(delays_ms_.size()); }
  /// What a message of this level waits; a level above the highest counts as the highest. `level` is at least 1.
  std::int64_t delay_ms(std::int32_t level) const noexcept;
  /// The time for the index entry: store time plus delay. Source: ScheduleMessageService.computeDeliverTimestamp.
  std::int64_t deliver_time_ms(std::int32_t level, std::int64_t store_timestamp_ms) const noexcept {
    return store_timestamp_ms + delay_ms(level);
  }

 private:
  std::vector<std::int64_t> delays_ms_;
};

/// The number in a property, all of it. Java's Integer.parseInt and Long.parseLong allow a sign, and so does this.
Result<std::int64_t> parse_number(std::string_view name, std::string_view value);

}  // namespace tenon::delay
