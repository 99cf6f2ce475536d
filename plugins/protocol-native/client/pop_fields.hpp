// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "protocol-native/request.hpp"

namespace tenon::protocol_native {

/// A thousand years: nobody means more, and it can be added to a time.
inline constexpr std::int64_t kInvisibleMaxMs = std::int64_t{1000} * 365 * 24 * 60 * 60 * 1000;

inline std::chrono::milliseconds invisible_time_of(std::int64_t milliseconds) {
  return std::chrono::milliseconds(std::clamp<std::int64_t>(milliseconds, 0, kInvisibleMaxMs));
}

inline std::chrono::milliseconds require_invisible_time(const Request& request) {
  return invisible_time_of(request.require_int64("invisibleTime"));
}

}  // namespace tenon::protocol_native
