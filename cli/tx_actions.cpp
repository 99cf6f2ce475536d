// SPDX-License-Identifier: Apache-2.0
#include "tx_actions.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "client/transaction_admin.hpp"
#include "fastjson/value.hpp"
#include "masters.hpp"
#include "record/message_id.hpp"
#include "rows.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

using client::PendingTransaction;
using fastjson::Value;

std::vector<Master> asked(client::ClientInstance& instance, const TransactionOptions& options) {
  if (!options.broker_address.empty()) return {{"", options.broker_address}};
  return masters_of(instance);
}

/// Where the message lies, which its id says, unless told otherwise.
std::string address_of(const TransactionOptions& options) {
  if (!options.broker_address.empty()) return options.broker_address;
  return record::parse_offset_message_id(options.id).value().store_host.to_string();
}

Value row_of(const PendingTransaction& transaction) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t age =
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count() - transaction.born_timestamp_ms;
  return Value::Object{{"id", transaction.offset_message_id}, {"ageSeconds", std::max<std::int64_t>(age, 0) / 1000},
                       {"checks", transaction.check_times},   {"producerGroup", transaction.producer_group},
                       {"topic", transaction.topic},          {"message", transaction.message_id}};
}

}  // namespace

ExitCode list_transactions(const TransactionOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  std::vector<Value> rows;
  const ExitCode ended = ask_each(asked(instance, options), [&](const Master& master) -> Status {
    client::TransactionAdmin admin(instance, master.address);
    const auto found = options.given_up ? admin.given_up(options.limit) : admin.pending(options.limit);
    if (!found) return found.error();
    for (const PendingTransaction& transaction : *found) rows.push_back(row_of(transaction));
    return {};
  });
  if (ended == ExitCode::ok || !rows.empty()) {
    print_rows(rows, options.format, options.given_up ? "no transactions were given up" : "no transactions wait");
  }
  return ended;
}

ExitCode resume_transaction(const TransactionOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  client::TransactionAdmin(instance, address_of(options)).resume(options.id).value();
  std::printf("%s: its producer group is asked again\n", options.id.c_str());
  return ExitCode::ok;
}

ExitCode discard_transaction(const TransactionOptions& options) {
  client::ClientInstance instance(client_of(options.name_servers));
  client::TransactionAdmin(instance, address_of(options)).discard(options.id).value();
  std::printf("%s: rolled back\n", options.id.c_str());
  return ExitCode::ok;
}

}  // namespace tenon::cli
