// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "command.hpp"
#include "skeleton/skeleton.hpp"

namespace tenon::cli {
namespace {

struct NewPluginOptions {
  std::string name;
  std::string capability = "filter";
  std::string directory = ".";
};

ExitCode write_new_plugin(const NewPluginOptions& options) {
  const auto files = write_skeleton(options.name, options.capability, options.directory);
  if (!files) {
    std::fprintf(stderr, "tenon: %s\n", files.error().message().c_str());
    return files.error().is(Errc::invalid_parameter) ? ExitCode::usage : ExitCode::failure;
  }
  for (const auto& file : *files) std::printf("%s\n", file.c_str());
  return ExitCode::ok;
}

}  // namespace

void add_plugin_new_command(CommandSet& commands, CLI::App& plugin) {
  const auto options = std::make_shared<NewPluginOptions>();
  CLI::App& command = commands.add(
      plugin, "new", "Write the skeleton of a new plug-in, with a test and a CMake project",
      "tenon plugin new filter-region --capability filter", [options] { return write_new_plugin(*options); });
  command.add_option("name", options->name, "Name of the plug-in and of its directory")->required();
  command.add_option("--capability", options->capability, "What it offers")
      ->check(CLI::IsMember(skeleton_capabilities()))
      ->capture_default_str();
  command.add_option("--directory", options->directory, "Where its directory is made")->capture_default_str();
}

}  // namespace tenon::cli
