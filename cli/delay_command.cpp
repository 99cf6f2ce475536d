// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "command.hpp"
#include "delay_actions.hpp"
#include "name_server_option.hpp"
#include "rows.hpp"

namespace tenon::cli {
namespace {

void add_delay_brokers(CLI::App& command, const std::shared_ptr<DelayOptions>& options) {
  add_name_server_option(command, options->name_servers);
  command.add_option("-b,--broker", options->broker_name, "Only the broker of this name");
}

}  // namespace

void add_delay_commands(CommandSet& commands) {
  CLI::App& delay = commands.add_group("delay", "Look at delayed messages and take them back", "tenon delay list");
  const auto listed = std::make_shared<DelayOptions>();
  CLI::App& list = commands.add(delay, "list", "List messages that wait for their time or in a delay level",
                                "tenon delay list -n 127.0.0.1:9876", [listed] { return list_delayed(*listed); });
  add_delay_brokers(list, listed);
  list.add_option("--limit", listed->limit, "At most this many per broker")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  list.add_option("-o,--output", listed->format, "How to show them")
      ->check(CLI::IsMember(kRowFormats))
      ->capture_default_str();
  const auto cancelled = std::make_shared<DelayOptions>();
  CLI::App& cancel = commands.add(delay, "cancel", "Take a message back that waits for a time (not one of a level)",
                                  "tenon delay cancel HANDLE", [cancelled] { return cancel_delayed(*cancelled); });
  add_delay_brokers(cancel, cancelled);
  cancel.add_option("handle", cancelled->handle, "RECALL HANDLE as `tenon delay list` shows it")->required();
}

}  // namespace tenon::cli
