// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <cstdint>

namespace tenon::bench {

/// CLOCK_MONOTONIC in nanoseconds.
inline std::int64_t now_ns() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// A load gives up on a broker that has answered nothing for so long.
inline constexpr std::int64_t kSilenceMaxNs = 10'000'000'000;

inline std::int64_t ns_of(double seconds) noexcept { return static_cast<std::int64_t>(seconds * 1e9); }

}  // namespace tenon::bench
