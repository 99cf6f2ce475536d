// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "command.hpp"
#include "config/nearest.hpp"
#include "tenon/build_fingerprint.hpp"

namespace {

using tenon::cli::CommandSet;
using tenon::cli::ExitCode;

// CLI11 has an exit code per kind of mistake; users get one for all of them. Help and version are no mistakes.
int report(const CLI::App& program, const CLI::ParseError& problem) {
  return program.exit(problem) == 0 ? static_cast<int>(ExitCode::ok) : static_cast<int>(ExitCode::usage);
}

// CLI11 would only say that a command is required. True if the first word is a command, an option or missing.
bool names_a_command(const CLI::App& program, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({})) names.push_back(command->get_name());
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  if (word.starts_with('-') || std::find(candidates.begin(), candidates.end(), word) != candidates.end()) return true;
  std::fprintf(stderr, "tenon: no command '%.*s'%s; see `tenon --help`\n", static_cast<int>(word.size()), word.data(),
               tenon::kernel::did_you_mean(word, candidates).c_str());
  return false;
}

int run(int argc, char** argv) {
  CLI::App program{"Tenon, a message broker joined from plug-ins. It speaks the RocketMQ protocol.", "tenon"};
  program.set_version_flag("--version", "tenon " TENON_SDK_VERSION "\n" TENON_BUILD_FINGERPRINT);
  program.require_subcommand(1);
  program.footer("Start here:\n  tenon serve -c conf/standalone.toml\nand see `tenon COMMAND --help`.");
  CommandSet commands(program);
  tenon::cli::add_all_commands(commands);
  if (argc > 1 && !names_a_command(program, argv[1])) return static_cast<int>(ExitCode::usage);
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
