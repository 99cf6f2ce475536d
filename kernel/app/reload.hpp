// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/assembly.hpp"
#include "tenon/log.hpp"

namespace tenon::kernel {

/// SIGHUP: reads the configuration again, takes over the keys that are declared live, and logs what was taken over and
/// what waits for a restart. With a mistake anywhere nothing is changed. Threads: `ctl`.
void reload(const ConfigSource& source, Assembly& running, const Logger& log);

}  // namespace tenon::kernel
