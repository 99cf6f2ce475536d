// SPDX-License-Identifier: Apache-2.0
#include "app/banner.hpp"

#include <algorithm>

#include "app/listed.hpp"
#include "tenon/build_fingerprint.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

constexpr std::size_t kLabelWidth = 20;

std::string line(std::string_view label, std::string_view value) {
  std::string padded(label);
  padded.resize(std::max(kLabelWidth, padded.size() + 1), ' ');
  return text("  ", padded, value, "\n");
}

// Clients cannot connect to "any address".
std::string reachable(std::string address) {
  for (const std::string_view any : {"0.0.0.0:", "[::]:"}) {
    if (address.starts_with(any)) return text("127.0.0.1:", std::string_view(address).substr(any.size()));
  }
  return address;
}

std::string first_message(const std::string& name_server) {
  return text("\nFirst message:\n  tenon produce -n ", name_server, " -t hello -m 'first message'\n  tenon consume -n ",
              name_server, " -t hello --from-beginning\n  Java: new DefaultMQProducer(\"my-group\").setNamesrvAddr(\"",
              name_server, "\")\n");
}

}  // namespace

std::string name_server_for_clients(const BannerFacts& facts) {
  if (!facts.is_name_server) return facts.name_servers.empty() ? std::string() : facts.name_servers.front();
  // Every listener answers name-server requests; people know the port 9876.
  const auto usual = std::find_if(facts.listeners.begin(), facts.listeners.end(),
                                  [](const Listener& listener) { return listener.address.ends_with(":9876"); });
  if (usual != facts.listeners.end()) return reachable(usual->address);
  return facts.listeners.empty() ? std::string() : reachable(facts.listeners.front().address);
}

std::string banner(const BannerFacts& facts) {
  const std::string_view role = facts.is_broker ? (facts.is_name_server ? "broker and name server" : "broker")
                                                : (facts.is_name_server ? "name server" : "no broker, no name server");
  std::string out = text("tenon ", TENON_SDK_VERSION, " is serving: ", role, "\n");
  for (const Listener& listener : facts.listeners) out += line(listener.what, listener.address);
  out += line("data", facts.data_dir.string());
  if (facts.is_broker && !facts.name_servers.empty()) out += line("registers with", listed(facts.name_servers));
  out += line("plug-ins", listed(facts.plugins));
  const std::string name_server = name_server_for_clients(facts);
  if (!name_server.empty()) out += first_message(name_server);
  return out + "\nStop with Ctrl-C or SIGTERM: work in flight is finished first.\n";
}

}  // namespace tenon::kernel
