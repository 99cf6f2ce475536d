// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>
#include <unistd.h>

namespace tenon {

/// For a thread that does other work than serving sockets, as the first it does: from now on it runs on the processors
/// of the main thread. Linux has a thread inherit those of whoever starts it, and threads that serve sockets may have
/// some to themselves (`runtime.net_cpus`). Threads: the one that it is for.
inline void run_where_main_runs() noexcept {
  cpu_set_t processors;
  if (::sched_getaffinity(::getpid(), sizeof processors, &processors) != 0) return;
  (void)::sched_setaffinity(0, sizeof processors, &processors);
}

}  // namespace tenon
