// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "lifecycle/plugin_host.hpp"

namespace tenon::kernel {

/// Writes one line per listener, `what<TAB>address`, so that a script that asked for port 0 learns what it got. The
/// file appears whole or not at all. A failure is logged; the process serves on.
void write_ports_file(const std::filesystem::path& file, const std::vector<Listener>& listeners);

}  // namespace tenon::kernel
