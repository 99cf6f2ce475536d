// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <ctime>

namespace tenon {

/// The clock for a right that expires elsewhere, as a lease in etcd does: CLOCK_BOOTTIME. It goes on while the machine
/// sleeps; steady_clock (CLOCK_MONOTONIC) stands still then, so that a process which wakes up would believe that no
/// time has passed. It is never set back. While a host pauses a virtual machine, this clock stands still, too. Threads:
/// any.
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
