// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "exit_code.hpp"

namespace CLI {
class App;
}

namespace tenon::cli {

/// The commands of the program while they are being declared. One file per command (group) adds its own:
///
///     void add_topic_commands(CommandSet& commands) {                        // cli/topic_command.cpp
///       auto options = std::make_shared<TopicOptions>();
///       CLI::App& topic = commands.add_group("topic", "Create and look at topics", "tenon topic list");
///       CLI::App& list = commands.add(topic, "list", "List the topics", "tenon topic list -n 127.0.0.1:9876",
///                                     [options] { return list_topics(*options); });
///       list.add_option("-n,--name-server", options->name_server, "Name server, host:port");
///     }
///
/// and is called in command_list.cpp. CLI11 comes from the precompiled header of the program (`#include <CLI/CLI.hpp>`
/// in the command files only): keep what a command does in files that do not include it.
/// Threads: none; bodies run on the main thread after the whole command line was read without a mistake.
class CommandSet {
 public:
  /// What a command does; runs at most once. May throw tenon::Failure, which is printed and ends with
  /// ExitCode::failure.
  using Body = std::function<ExitCode()>;

  explicit CommandSet(CLI::App& root) : root_(root) {}
  CommandSet(const CommandSet&) = delete;
  CommandSet& operator=(const CommandSet&) = delete;

  CLI::App& root() noexcept { return root_; }
  /// A command that only has sub-commands; `example` stands at the end of its --help.
  CLI::App& add_group(const std::string& name, const std::string& meaning, const std::string& example);
  /// A command below `parent`; `example` stands at the end of its --help.
  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& meaning, const std::string& example,
                Body body);
  /// Runs what the command line chose.
  ExitCode run_chosen() const;

 private:
  CLI::App& root_;
  Body chosen_;
};

/// Declares every command of the program: the list in command_list.cpp.
void add_all_commands(CommandSet& commands);

}  // namespace tenon::cli
