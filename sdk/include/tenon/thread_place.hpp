// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>
#include <unistd.h>

namespace tenon {

/// Moves the calling thread to the processors of the main thread. To be called first in a thread that does not serve
/// sockets: on Linux a new thread inherits the processors of the thread that starts it, and those that serve sockets
/// may have some to themselves (`runtime.net_cpus`). Threads: moves the caller only.
inline void run_where_main_runs() noexcept {
  cpu_set_t processors;
  if (::sched_getaffinity(::getpid(), sizeof processors, &processors) != 0) return;
  (void)::sched_setaffinity(0, sizeof processors, &processors);
}

}  // namespace tenon
