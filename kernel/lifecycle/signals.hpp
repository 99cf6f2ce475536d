// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include "lifecycle/control.hpp"
#include "lifecycle/service_manager.hpp"

namespace tenon::kernel {

/// Runs the main thread of a serving process: turns signals into wishes of Control and feeds the watchdog of the
/// service manager, while `work` runs on a thread of its own, called `ctl`.
///
/// SIGTERM and SIGINT ask for an orderly stop, a second one ends the process at once with exit code 1 (as after a
/// crash; the next start recovers), unless it comes within half a second: that is the same stop, said twice. SIGHUP
/// asks for a reload. SIGPIPE is ignored, SIGBUS says which file failed. `still_well` decides whether the watchdog is
/// fed. Returns what `work` returned. Threads: main.
int run_under_signals(Control& control, const ServiceManager& manager, const std::function<bool()>& still_well,
                      const std::function<int()>& work);

}  // namespace tenon::kernel
