// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "command.hpp"
#include "plugin_files.hpp"

namespace tenon::cli {

void add_plugin_new_command(CommandSet& commands, CLI::App& plugin);  // plugin_new_command.cpp

void add_plugin_commands(CommandSet& commands) {
  CLI::App& plugin =
      commands.add_group("plugin", "Look at plug-in files, write new ones", "tenon plugin inspect filter-tag");
  commands.add(plugin, "list", "List the plug-ins that `serve` would find, and whether they fit", "tenon plugin list",
               list_plugins);
  const auto which = std::make_shared<std::string>();
  CLI::App& inspect = commands.add(plugin, "inspect", "Read a plug-in's identity card without running any of its code",
                                   "tenon plugin inspect build/release/lib/tenon/plugins/filter-tag.so",
                                   [which] { return inspect_plugin(*which); });
  inspect.add_option("plugin", *which, "A file, or the type of a plug-in on the search path")->required();
  add_plugin_new_command(commands, plugin);
}

}  // namespace tenon::cli
