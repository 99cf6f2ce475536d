// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <CLI/CLI.hpp>
#include <utility>

namespace tenon::cli {

CLI::App& CommandSet::add_group(const std::string& name, const std::string& meaning, const std::string& example) {
  CLI::App& group = *root_.add_subcommand(name, meaning);
  group.footer("Example:\n  " + example);
  group.require_subcommand(1);
  return group;
}

CLI::App& CommandSet::add(CLI::App& parent, const std::string& name, const std::string& meaning,
                          const std::string& example, Body body) {
  CLI::App& command = *parent.add_subcommand(name, meaning);
  command.footer("Example:\n  " + example);
  command.final_callback([this, body = std::move(body)] { chosen_ = body; });
  return command;
}

ExitCode CommandSet::run_chosen() const { return chosen_ ? chosen_() : ExitCode::usage; }

}  // namespace tenon::cli
