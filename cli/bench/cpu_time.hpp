// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace tenon::bench {

/// CPU seconds that all threads of a process have used so far: the sum of /proc/PID/task/*/schedstat, exact to the
/// nanosecond where /proc/PID/stat counts ticks. Threads that ended no longer count. Empty: no such process.
std::optional<double> cpu_seconds_of(int pid);
/// The same of this process.
double own_cpu_seconds();

}  // namespace tenon::bench
