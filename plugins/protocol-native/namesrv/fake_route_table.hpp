// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "tenon/route_table.hpp"

namespace tenon::protocol_native {

/// Remembers what a handler passed on, and answers what a test has put in.
class FakeRouteTable final : public RouteTable {
 public:
  Result<RegistrationAnswer> register_broker(const RegistrationAtNameServer& registration) override {
    const std::lock_guard lock(mutex);
    registrations.push_back(registration);
    changed.notify_all();
    if (refuse_registrations) return Error(Errc::internal, "register broker failed");
    return answer;
  }
  void unregister_broker(std::string_view cluster, std::string_view broker_name, std::int64_t broker_id,
                         std::string_view broker_address) override {
    const std::lock_guard lock(mutex);
    unregistered.push_back(text(cluster, ' ', broker_name, ' ', broker_id, ' ', broker_address));
  }
  std::optional<DataVersion> broker_heartbeat(std::string_view, std::string_view) override { return stored_version; }
  void channel_closed(const ClientChannel&) override {}
  Result<TopicRoute> route_of(std::string_view topic) const override {
    const auto found = routes.find(std::string(topic));
    if (found == routes.end())
      return Error(Errc::topic_not_exist, text("No topic route info in name server for the topic: ", topic));
    return found->second;
  }
  ClusterInfo cluster_info() const override { return info; }
  std::vector<std::string> topics(std::string_view cluster) const override {
    std::vector<std::string> names;
    for (const auto& [topic, route] : routes) {
      if (cluster.empty() || route.brokers.front().cluster == cluster) names.push_back(topic);
    }
    return names;
  }
  void remove_topic(std::string_view topic, std::string_view cluster) override {
    removed.push_back(text(topic, ' ', cluster));
  }
  void put_topic(std::string_view topic, const std::vector<QueueRoute>& queues) override {
    routes[std::string(topic)].queues = queues;
  }
  std::int32_t set_broker_writable(std::string_view, bool writable) override { return writable ? 3 : 2; }

  /// True when that many registrations have arrived.
  bool wait_for_registrations(std::size_t count) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(10), [&] { return registrations.size() >= count; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<RegistrationAtNameServer> registrations;
  std::vector<std::string> unregistered, removed;
  std::map<std::string, TopicRoute> routes;
  ClusterInfo info;
  RegistrationAnswer answer;
  std::optional<DataVersion> stored_version;
  bool refuse_registrations = false;
};

class FakeKeyValues final : public KeyValueConfig {
 public:
  Status put(std::string_view name_space, std::string_view key, std::string_view value) override {
    if (throws) throw std::runtime_error("no memory left");
    tables[std::string(name_space)][std::string(key)] = value;
    return {};
  }
  Status remove(std::string_view name_space, std::string_view key) override {
    tables[std::string(name_space)].erase(std::string(key));
    return {};
  }
  std::optional<std::string> find(std::string_view name_space, std::string_view key) const override {
    const auto found = tables.find(std::string(name_space));
    if (found == tables.end()) return std::nullopt;
    const auto entry = found->second.find(std::string(key));
    return entry == found->second.end() ? std::nullopt : std::optional(entry->second);
  }
  std::optional<Table> table(std::string_view name_space) const override {
    const auto found = tables.find(std::string(name_space));
    return found == tables.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<std::string, Table> tables;
  bool throws = false;
};

}  // namespace tenon::protocol_native
