// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace tenon::delay {

/// How a time of delivery becomes TIMER_OUT_MS and back. Times in ms since the epoch.
///
/// RocketMQ rounds a time down to its precision (an exact multiple by one precision more) and delivers when the slot is
/// over: up to two seconds late. Tenon notes the time itself, less one millisecond: it falls into the very slot that
/// RocketMQ's rounding gives, so that either broker goes on with the files of the other and finds what was taken back
/// in the same slot, and Tenon delivers to the millisecond. An exact multiple can only come from RocketMQ, or would be
/// taken for one, so it is moved by a millisecond.
struct TimerRules {
  std::int64_t precision_ms = 1000;

  std::int64_t out_ms(std::int64_t deliver_ms) const noexcept {
    const std::int64_t out = deliver_ms - 1;
    return out % precision_ms == 0 ? out + 1 : out;
  }
  /// When a message with this TIMER_OUT_MS is delivered.
  std::int64_t deliver_ms(std::int64_t out) const noexcept {
    return out % precision_ms == 0 ? out + precision_ms : out + 1;
  }
  std::int64_t slot_of(std::int64_t out) const noexcept { return out / precision_ms; }
};

}  // namespace tenon::delay
