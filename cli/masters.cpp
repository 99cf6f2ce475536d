// SPDX-License-Identifier: Apache-2.0
#include "masters.hpp"

#include <cstdio>

#include "tenon/text.hpp"

namespace tenon::cli {

std::vector<Master> masters_of(client::ClientInstance& instance, const std::string& broker_name) {
  std::vector<Master> found;
  for (const client::BrokerData& broker : instance.name_servers().brokers().value()) {
    const auto master = broker.addresses.find(0);
    const bool wanted = broker_name.empty() || broker.broker_name == broker_name;
    if (wanted && master != broker.addresses.end()) found.push_back({broker.broker_name, master->second});
  }
  if (!found.empty()) return found;
  throw Failure(Error(
      Errc::query_not_found,
      text("the name server knows no ", broker_name.empty() ? "broker" : "broker ", broker_name, " with a master")));
}

ExitCode ask_each(const std::vector<Master>& masters, const std::function<Status(const Master&)>& ask) {
  auto ended = ExitCode::ok;
  for (const Master& master : masters) {
    const Status asked = ask(master);
    if (asked) continue;
    std::fprintf(stderr, "tenon: %s\n", asked.error().message().c_str());
    ended = ExitCode::failure;
  }
  return ended;
}

client::ClientOptions client_of(const std::string& name_servers) {
  client::ClientOptions options;
  options.name_servers = name_servers;
  return options;
}

}  // namespace tenon::cli
