// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/route_table.hpp"

namespace tenon::namesrv {

/// Brokers live by the address they serve, not by name and id: two processes may claim one id for a while.
struct LiveKey {
  std::string cluster;
  std::string address;
  auto operator<=>(const LiveKey&) const = default;
};

struct LiveBroker {
  std::string broker_name;
  std::int64_t broker_id = 0;
  std::int64_t last_update_ms = 0;
  std::chrono::milliseconds timeout{120'000};
  DataVersion version;
  std::string ha_address;
  std::shared_ptr<ClientChannel> channel;  ///< nullptr: the broker of the same process, which never expires.
};

/// The tables of a name server, and the one edit that several events share. Plain data: no lock, no clock.
/// Source: broker-semantics.md 1.1 and 1.4.
struct RouteState {
  using QueuesByBroker = std::map<std::string, QueueRoute, std::less<>>;

  std::map<std::string, QueuesByBroker, std::less<>> topics;  ///< Topic to broker name to queues.
  std::map<std::string, BrokerRoute, std::less<>> brokers;    ///< By broker name.
  std::map<std::string, std::set<std::string>, std::less<>> clusters;
  std::map<LiveKey, LiveBroker> live;

  const LiveBroker* find_live(std::string_view cluster, std::string_view address) const;
  /// Forgets one process; with the last address of a name its queues and cluster membership go, too.
  void remove_broker(std::string_view cluster, std::string_view broker_name, std::string_view address);
  /// Takes `broker_name` out of every topic; topics without a broker disappear.
  void remove_queues_of(std::string_view broker_name);
  /// Sets the permission of every queue entry of a broker to `change(old permission)`; returns how many there are.
  template <class Change>
  std::int32_t change_permissions(std::string_view broker_name, Change change);
};

template <class Change>
std::int32_t RouteState::change_permissions(std::string_view broker_name, Change change) {
  std::int32_t changed = 0;
  for (auto& [topic, queues] : topics) {
    if (const auto found = queues.find(broker_name); found != queues.end()) {
      found->second.perm = change(found->second.perm);
      ++changed;
    }
  }
  return changed;
}

}  // namespace tenon::namesrv
