// SPDX-License-Identifier: Apache-2.0
#include "delay_actions.hpp"

#include <cstdio>
#include <ctime>
#include <vector>

#include "client/delay_admin.hpp"
#include "tenon/text.hpp"

namespace tenon::cli {
namespace {

struct Master {
  std::string broker_name, address;
};

client::ClientOptions client_options(const DelayOptions& options) {
  client::ClientOptions out;
  out.name_servers = options.name_servers;
  return out;
}

std::vector<Master> masters(client::ClientInstance& instance, const DelayOptions& options) {
  std::vector<Master> found;
  for (const client::BrokerData& broker : instance.name_servers().brokers().value()) {
    const auto master = broker.addresses.find(0);
    const bool wanted = options.broker_name.empty() || broker.broker_name == options.broker_name;
    if (wanted && master != broker.addresses.end()) found.push_back({broker.broker_name, master->second});
  }
  if (found.empty()) throw Failure(Error(Errc::query_not_found, "the name server knows no such broker with a master"));
  return found;
}

std::string time_text(std::int64_t time_ms) {
  if (time_ms == 0) return "-";
  const std::time_t seconds = time_ms / 1000;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  char out[32];
  const std::size_t size = std::strftime(out, sizeof out, "%Y-%m-%d %H:%M:%S", &parts);
  return {out, size};
}

}  // namespace

ExitCode list_delayed(const DelayOptions& options) {
  client::ClientInstance instance(client_options(options));
  std::printf("%-19s %5s %-19s %-24s %-34s %s\n", "DUE", "LEVEL", "STORED", "TOPIC", "MESSAGE", "RECALL HANDLE");
  for (const Master& master : masters(instance, options)) {
    client::DelayAdmin admin(instance, master.broker_name, master.address);
    for (const client::WaitingMessage& waiting : admin.waiting(options.limit).value()) {
      const std::string level = waiting.level == 0 ? "-" : std::to_string(waiting.level);
      std::printf("%-19s %5s %-19s %-24s %-34s %s\n", time_text(waiting.due_ms).c_str(), level.c_str(),
                  time_text(waiting.stored_ms).c_str(), waiting.topic.c_str(), waiting.message_id.c_str(),
                  waiting.recall_handle.empty() ? "-" : waiting.recall_handle.c_str());
    }
  }
  return ExitCode::ok;
}

ExitCode cancel_delayed(const DelayOptions& options) {
  client::ClientInstance instance(client_options(options));
  Result<std::string> cancelled = Error(Errc::query_not_found, "no broker was asked");
  for (const Master& master : masters(instance, options)) {
    cancelled = client::DelayAdmin(instance, master.broker_name, master.address).cancel(options.handle);
    if (cancelled) break;
  }
  std::printf("%s: not delivered any more, unless it was already\n", cancelled.value().c_str());
  return ExitCode::ok;
}

}  // namespace tenon::cli
