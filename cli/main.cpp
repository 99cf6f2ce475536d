// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <span>
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

bool complain(std::string_view what, std::string_view word, const std::string& hint, const std::string& command) {
  std::fprintf(stderr, "tenon: no %.*s '%.*s'%s; see `%s --help`\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(word.size()), word.data(), hint.c_str(), command.c_str());
  return false;
}

// CLI11 would only say that a command is required. True if each word up to a command is one, or missing.
bool names_a_command(const CLI::App& program, std::span<char* const> words) {
  const CLI::App* at = &program;
  std::string path = "tenon";
  for (const std::string_view word : words) {
    const auto commands = at->get_subcommands({});
    if (commands.empty()) return true;
    if (word.starts_with('-')) {
      return at->get_option_no_throw(std::string(word)) != nullptr || complain("option", word, "", path);
    }
    std::vector<std::string> names;
    names.reserve(commands.size());
    for (const CLI::App* command : commands) names.push_back(command->get_name());
    const auto found = std::find(names.begin(), names.end(), word);
    if (found == names.end()) {
      const std::vector<std::string_view> candidates(names.begin(), names.end());
      return complain("command", word, tenon::kernel::did_you_mean(word, candidates), path);
    }
    at = commands[static_cast<std::size_t>(found - names.begin())];
    path.append(" ").append(word);
  }
  return true;
}

int run(int argc, char** argv) {
  CLI::App program{"Tenon, a message broker joined from plug-ins. It speaks the RocketMQ protocol.", "tenon"};
  program.set_version_flag("--version", "tenon " TENON_SDK_VERSION "\n" TENON_BUILD_FINGERPRINT);
  program.require_subcommand(1);
  program.footer("Start here:\n  tenon serve -c conf/standalone.toml\nand see `tenon COMMAND --help`.");
  CommandSet commands(program);
  tenon::cli::add_all_commands(commands);
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  if (argc > 0 && !names_a_command(program, words.subspan(1))) return static_cast<int>(ExitCode::usage);
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
