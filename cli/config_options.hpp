// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/assembly.hpp"

namespace CLI {
class App;
}

namespace tenon::cli {

/// -c FILE and --set KEY=VALUE, the same for every command that reads a configuration. `source` must outlive the parse.
void add_config_options(CLI::App& command, kernel::ConfigSource& source);

}  // namespace tenon::cli
