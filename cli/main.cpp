// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "command.hpp"
#include "tenon/plugin.hpp"

namespace {

using tenon::cli::CommandSet;
using tenon::cli::ExitCode;

// CLI11 has an exit code per kind of mistake; users get one for all of them. Help and version are no mistakes.
int report(const CLI::App& program, const CLI::ParseError& problem) {
  return program.exit(problem) == 0 ? static_cast<int>(ExitCode::ok) : static_cast<int>(ExitCode::usage);
}

int run(int argc, char** argv) {
  CLI::App program{"Tenon, a message broker joined from plug-ins. It speaks the RocketMQ protocol.", "tenon"};
  program.set_version_flag("--version", "tenon " TENON_SDK_VERSION "\n" TENON_BUILD_FINGERPRINT);
  program.require_subcommand(1);
  program.footer("Start here:\n  tenon serve -c conf/standalone.toml\nand see `tenon COMMAND --help`.");
  CommandSet commands(program);
  tenon::cli::add_all_commands(commands);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return report(program, problem);
  }
  return static_cast<int>(commands.run_chosen());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "tenon: %s\n", problem.what());
    return static_cast<int>(ExitCode::failure);
  }
}
