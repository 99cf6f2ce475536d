// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "address_check.hpp"
#include "command.hpp"
#include "ha_actions.hpp"
#include "name_server_option.hpp"

namespace tenon::cli {
namespace {

using SharedHaOptions = std::shared_ptr<HaOptions>;

void add_output(CLI::App& command, const SharedHaOptions& options) {
  const auto choose = [options](const std::string& form) { options->json = form == "json"; };
  command.add_option_function<std::string>("-o,--output", choose, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
}

void add_status(CommandSet& commands, CLI::App& ha) {
  const SharedHaOptions options = std::make_shared<HaOptions>();
  CLI::App& status = commands.add(ha, "status", "Show masters and slaves, and how far each is",
                                  "tenon ha status -n 127.0.0.1:9876", [options] { return show_ha_status(*options); });
  add_name_server_option(status, options->name_servers);
  status.add_option("-b,--broker", options->broker_address, "Only this broker, host:port")->check(is_address());
  add_output(status, options);
}

void add_promote(CommandSet& commands, CLI::App& ha) {
  const SharedHaOptions options = std::make_shared<HaOptions>();
  CLI::App& promote =
      commands.add(ha, "promote", "Make a slave the master; exit code 1 when a check speaks against it",
                   "tenon ha promote -b 127.0.0.1:10921 --check", [options] { return promote_broker(*options); });
  promote.add_option("-b,--broker", options->broker_address, "The slave, host:port")->check(is_address())->required();
  promote.add_flag("--check", options->only_check, "Only print what the checks find");
  promote.add_flag("--force", options->force,
                   "Promote whatever the checks find; messages that only the old master has are lost");
  add_output(promote, options);
}

void add_drain(CommandSet& commands, CLI::App& ha) {
  const SharedHaOptions options = std::make_shared<HaOptions>();
  CLI::App& drain = commands.add(ha, "drain", "Stop new messages, wait until all is consumed, unregister",
                                 "tenon ha drain -b 127.0.0.1:10911", [options] { return drain_broker(*options); });
  drain.add_option("-b,--broker", options->broker_address, "The broker, host:port")->check(is_address())->required();
  drain
      .add_option_function<int>(
          "--timeout", [options](int seconds) { options->drain_timeout = std::chrono::seconds(seconds); },
          "Seconds to wait until all is consumed (3600); after that the broker stays closed, exit code 1")
      ->check(CLI::Range(0, 86'400));
  drain.add_flag("--everything", options->drain_everything,
                 "Also wait for delayed messages and for transactions without a decision");
  auto* const now = drain.add_flag("--now", options->leave_at_once, "Unregister without waiting");
  drain.add_flag("--cancel", options->cancel, "Take messages again")->excludes(now);
  add_output(drain, options);
}

}  // namespace

void add_ha_commands(CommandSet& commands) {
  CLI::App& ha = commands.add_group("ha", "Look at replication, change the master, empty a broker", "tenon ha status");
  add_status(commands, ha);
  add_promote(commands, ha);
  add_drain(commands, ha);
}

}  // namespace tenon::cli
