// SPDX-License-Identifier: Apache-2.0
#include "tx_actions.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "client/transaction_admin.hpp"
#include "record/message_id.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

using client::PendingTransaction;

client::ClientOptions client_options(const TransactionOptions& options) {
  client::ClientOptions out;
  out.name_servers = options.name_servers;
  return out;
}

std::vector<std::string> masters(client::ClientInstance& instance, const TransactionOptions& options) {
  if (!options.broker_address.empty()) return {options.broker_address};
  std::vector<std::string> addresses;
  for (const client::BrokerData& broker : instance.name_servers().brokers().value()) {
    const auto master = broker.addresses.find(0);
    if (master != broker.addresses.end()) addresses.push_back(master->second);
  }
  if (addresses.empty()) throw Failure(Error(Errc::query_not_found, "the name server knows no broker with a master"));
  return addresses;
}

/// Where the message lies, which its id says, unless told otherwise.
std::string address_of(const TransactionOptions& options) {
  if (!options.broker_address.empty()) return options.broker_address;
  return record::parse_offset_message_id(options.id).value().store_host.to_string();
}

std::string age_text(std::int64_t born_ms) {
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  const std::int64_t seconds = std::max<std::int64_t>(now - born_ms, 0) / 1000;
  if (seconds < 600) return text(seconds, "s");
  return seconds < 36'000 ? text(seconds / 60, "m") : text(seconds / 3600, "h");
}

void print(const std::vector<PendingTransaction>& transactions) {
  for (const PendingTransaction& transaction : transactions) {
    std::printf("%-32s %6s %6d %-24s %-24s %s\n", transaction.offset_message_id.c_str(),
                age_text(transaction.born_timestamp_ms).c_str(), transaction.check_times,
                transaction.producer_group.c_str(), transaction.topic.c_str(), transaction.message_id.c_str());
  }
}

}  // namespace

ExitCode list_transactions(const TransactionOptions& options) {
  client::ClientInstance instance(client_options(options));
  std::printf("%-32s %6s %6s %-24s %-24s %s\n", "ID", "AGE", "CHECKS", "PRODUCER GROUP", "TOPIC", "MESSAGE");
  for (const std::string& address : masters(instance, options)) {
    client::TransactionAdmin admin(instance, address);
    print(options.given_up ? admin.given_up(options.limit).value() : admin.pending(options.limit).value());
  }
  return ExitCode::ok;
}

ExitCode resume_transaction(const TransactionOptions& options) {
  client::ClientInstance instance(client_options(options));
  client::TransactionAdmin(instance, address_of(options)).resume(options.id).value();
  std::printf("%s: its producer group is asked again\n", options.id.c_str());
  return ExitCode::ok;
}

ExitCode discard_transaction(const TransactionOptions& options) {
  client::ClientInstance instance(client_options(options));
  client::TransactionAdmin(instance, address_of(options)).discard(options.id).value();
  std::printf("%s: rolled back\n", options.id.c_str());
  return ExitCode::ok;
}

}  // namespace tenon::cli
