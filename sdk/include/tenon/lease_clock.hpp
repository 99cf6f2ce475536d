// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <ctime>

namespace tenon {

/// The clock for a right that runs out elsewhere, as a lease in etcd does: CLOCK_BOOTTIME, which goes on while the
/// machine sleeps; steady_clock (CLOCK_MONOTONIC) stands still then, and who wakes would believe that no time has
/// passed. Nothing sets it back. A virtual machine that its host has paused stops this one as well. Threads: any.
struct LeaseClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<LeaseClock>;
  static constexpr bool is_steady = true;

  static time_point now() noexcept {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + duration(time.tv_nsec));
  }
};

}  // namespace tenon
