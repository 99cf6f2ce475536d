// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "app/serve.hpp"
#include "command.hpp"
#include "config_options.hpp"

namespace tenon::cli {

void add_serve_command(CommandSet& commands) {
  const auto source = std::make_shared<kernel::ConfigSource>();
  CLI::App& serve = commands.add(commands.root(), "serve", "Run what a configuration file composes, in the foreground",
                                 "tenon serve -c conf/standalone.toml --set plugins.native.listen=127.0.0.1:20911",
                                 [source] { return static_cast<ExitCode>(kernel::serve(*source)); });
  add_config_options(serve, *source);
}

}  // namespace tenon::cli
