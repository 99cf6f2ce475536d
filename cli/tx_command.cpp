// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "address_check.hpp"
#include "command.hpp"
#include "name_server_option.hpp"
#include "rows.hpp"
#include "tx_actions.hpp"

namespace tenon::cli {
namespace {

using SharedTransactionOptions = std::shared_ptr<TransactionOptions>;

void add_transaction_list(CommandSet& commands, CLI::App& tx) {
  const SharedTransactionOptions options = std::make_shared<TransactionOptions>();
  CLI::App& list = commands.add(tx, "list", "List transactions that wait for their producer's decision",
                                "tenon tx list -n 127.0.0.1:9876", [options] { return list_transactions(*options); });
  add_name_server_option(list, options->name_servers);
  list.add_option("-b,--broker", options->broker_address, "Only this broker, host:port")->check(is_address());
  list.add_option("--limit", options->limit, "At most this many per broker")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  list.add_option("-o,--output", options->format, "How to show them")
      ->check(CLI::IsMember(kRowFormats))
      ->capture_default_str();
  list.add_flag("--given-up", options->given_up, "List those that the broker has given up instead");
}

void add_one(CommandSet& commands, CLI::App& tx, const char* name, const char* meaning,
             ExitCode (*body)(const TransactionOptions&)) {
  const SharedTransactionOptions options = std::make_shared<TransactionOptions>();
  CLI::App& command =
      commands.add(tx, name, meaning, std::string("tenon tx ") + name + " 7F00000100002A9F0000000000000C1B",
                   [options, body] { return body(*options); });
  command.add_option("-b,--broker", options->broker_address, "Broker, host:port; by default the one that the id names")
      ->check(is_address());
  command.add_option("id", options->id, "ID as `tenon tx list` shows it")->required();
}

}  // namespace

void add_tx_commands(CommandSet& commands) {
  CLI::App& tx = commands.add_group("tx", "Look at transactions and settle them", "tenon tx list");
  add_transaction_list(commands, tx);
  add_one(commands, tx, "resume", "Ask the producer group again, from the first check on; also one that was given up",
          resume_transaction);
  add_one(commands, tx, "discard", "Roll a waiting transaction back: its message is never delivered",
          discard_transaction);
}

}  // namespace tenon::cli
