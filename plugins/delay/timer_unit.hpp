// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "big_endian.hpp"

namespace tenon::delay {

/// One unit of the timer log: a message, and when its slot is due. Source: store-format.md 11.3.
struct TimerUnit {
  static constexpr std::int64_t kSize = 52;
  static constexpr std::int32_t kDefault = 1, kRoll = 2, kDelete = 4;

  std::int64_t previous = -1;  ///< Position of the previous unit of the slot.
  std::int32_t magic = kDefault;
  std::int64_t write_time_ms = 0;
  std::int32_t delay_ms = 0;  ///< From write_time_ms to the time that decides about the slot.
  std::int64_t physical_offset = 0;
  std::int32_t size_bytes = 0;
  std::int32_t topic_hash = 0;

  std::int64_t out_ms() const noexcept { return write_time_ms + delay_ms; }
  bool rolls() const noexcept { return (magic & kRoll) != 0; }
  bool deletes() const noexcept { return (magic & kDelete) != 0; }
  std::int64_t record_end() const noexcept { return physical_offset + size_bytes; }

  void encode(std::byte* out) const noexcept {
    store_big<std::int32_t>(out, kSize);
    store_big(out + 4, previous);
    store_big(out + 12, magic);
    store_big(out + 16, write_time_ms);
    store_big(out + 24, delay_ms);
    store_big(out + 28, physical_offset);
    store_big(out + 36, size_bytes);
    store_big(out + 40, topic_hash);
    store_big<std::int64_t>(out + 44, 0);
  }
  /// Empty: no unit lies here.
  static std::optional<TimerUnit> decode(const std::byte* in) noexcept {
    TimerUnit unit;
    unit.previous = load_big<std::int64_t>(in + 4);
    unit.magic = load_big<std::int32_t>(in + 12);
    unit.write_time_ms = load_big<std::int64_t>(in + 16);
    unit.delay_ms = load_big<std::int32_t>(in + 24);
    unit.physical_offset = load_big<std::int64_t>(in + 28);
    unit.size_bytes = load_big<std::int32_t>(in + 36);
    unit.topic_hash = load_big<std::int32_t>(in + 40);
    const bool accepted = load_big<std::int32_t>(in) == kSize && (unit.magic | 15) == 15 && unit.magic != 0;
    if (!accepted || unit.physical_offset < 0 || unit.size_bytes <= 0) return std::nullopt;
    return unit;
  }
};

}  // namespace tenon::delay
