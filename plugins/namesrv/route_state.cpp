// SPDX-License-Identifier: Apache-2.0
#include "namesrv/route_state.hpp"

namespace tenon::namesrv {

const LiveBroker* RouteState::find_live(std::string_view cluster, std::string_view address) const {
  const auto found = live.find(LiveKey{std::string(cluster), std::string(address)});
  return found == live.end() ? nullptr : &found->second;
}

void RouteState::remove_queues_of(std::string_view broker_name) {
  for (auto topic = topics.begin(); topic != topics.end();) {
    auto& queues = topic->second;
    if (const auto entry = queues.find(broker_name); entry != queues.end()) queues.erase(entry);
    topic = queues.empty() ? topics.erase(topic) : std::next(topic);
  }
}

void RouteState::remove_broker(std::string_view cluster, std::string_view broker_name, std::string_view address) {
  live.erase(LiveKey{std::string(cluster), std::string(address)});
  const auto broker = brokers.find(broker_name);
  if (broker == brokers.end()) return;
  auto& addresses = broker->second.addresses;
  const auto removed = std::erase_if(addresses, [&](const auto& entry) { return entry.second == address; });
  if (addresses.empty()) {
    for (auto names = clusters.begin(); names != clusters.end();) {
      names->second.erase(broker->first);
      names = names->second.empty() ? clusters.erase(names) : std::next(names);
    }
    brokers.erase(broker);
    remove_queues_of(broker_name);
  } else if (removed > 0 && broker->second.enable_acting_master && addresses.begin()->first != 0) {
    change_permissions(broker_name, [](std::int32_t perm) { return perm & ~permission::write; });
  }
}

}  // namespace tenon::namesrv
