// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/memory_route_table.hpp"

#include <algorithm>

namespace tenon::testing {

bool MemoryRouteTable::is_known(std::string_view broker_name) const { return !addresses_of(broker_name).empty(); }

std::map<std::int64_t, std::string> MemoryRouteTable::addresses_of(std::string_view broker_name) const {
  std::map<std::int64_t, std::string> addresses;
  for (const auto& [address, broker] : brokers_) {
    if (broker.broker_name == broker_name) addresses[broker.id] = address;
  }
  return addresses;
}

void MemoryRouteTable::forget_topics_of(const std::string& broker_name) {
  if (is_known(broker_name)) return;  // others of the name go on
  for (auto& [topic, queues] : topics_) queues.erase(broker_name);
  std::erase_if(topics_, [](const auto& topic) { return topic.second.empty(); });
}

/// In place of who had the address, and of who had the id.
void MemoryRouteTable::enter(const std::string& address, Broker broker) {
  const auto former = brokers_.find(address);
  const std::string former_name = former == brokers_.end() ? broker.broker_name : former->second.broker_name;
  std::erase_if(brokers_, [&](const auto& other) {
    return other.second.broker_name == broker.broker_name && other.second.id == broker.id;
  });
  brokers_[address] = std::move(broker);
  forget_topics_of(former_name);
}

Result<RegistrationAnswer> MemoryRouteTable::register_broker(const RegistrationAtNameServer& incoming) {
  const BrokerRegistration& said = incoming.registration;
  const std::string address = incoming.broker_address_text.empty() ? said.broker_address.to_string()  //
                                                                   : incoming.broker_address_text;
  const std::scoped_lock lock(mutex_);
  if (!said.complete && !addresses_of(said.broker_name).contains(said.broker_id)) {
    return Error(Errc::internal, "register broker failed");
  }
  enter(address,
        {said.cluster, said.broker_name, said.ha_address.to_string(), said.broker_id, said.version, incoming.channel});
  if (said.broker_id == 0 || incoming.enable_acting_master) {
    for (const auto& topic : said.topics) {
      topics_[topic->name][said.broker_name] = {said.broker_name, topic->read_queue_nums, topic->write_queue_nums,
                                                topic->perm, topic->sys_flag};
    }
  }
  RegistrationAnswer answer;
  const auto addresses = addresses_of(said.broker_name);
  if (const auto master = addresses.find(0); said.broker_id != 0 && master != addresses.end()) {
    answer.master_address = master->second;
    answer.ha_server_address = brokers_.find(master->second)->second.ha_address;
  }
  return answer;
}

void MemoryRouteTable::unregister_broker(std::string_view cluster, std::string_view broker_name, std::int64_t,
                                         std::string_view broker_address) {
  const std::scoped_lock lock(mutex_);
  const auto found = brokers_.find(broker_address);
  if (found == brokers_.end() || found->second.cluster != cluster || found->second.broker_name != broker_name) return;
  brokers_.erase(found);
  forget_topics_of(std::string(broker_name));
}

std::optional<DataVersion> MemoryRouteTable::broker_heartbeat(std::string_view cluster,
                                                              std::string_view broker_address) {
  const std::scoped_lock lock(mutex_);
  const auto found = brokers_.find(broker_address);
  if (found == brokers_.end() || found->second.cluster != cluster) return std::nullopt;
  return found->second.version;
}

void MemoryRouteTable::channel_closed(const ClientChannel& channel) {
  const std::scoped_lock lock(mutex_);
  std::set<std::string> names;
  std::erase_if(brokers_, [&](const auto& broker) {
    const bool gone = broker.second.channel.get() == &channel;
    if (gone) names.insert(broker.second.broker_name);
    return gone;
  });
  for (const std::string& name : names) forget_topics_of(name);
}

Result<TopicRoute> MemoryRouteTable::route_of(std::string_view topic) const {
  const std::scoped_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return Error(Errc::topic_not_exist, text("no route of topic ", topic));
  TopicRoute route;
  for (const auto& [broker_name, queues] : found->second) {
    const auto addresses = addresses_of(broker_name);
    route.queues.push_back(queues);
    route.brokers.push_back(
        {brokers_.find(addresses.begin()->second)->second.cluster, broker_name, addresses, false, {}});
  }
  return route;
}

ClusterInfo MemoryRouteTable::cluster_info() const {
  const std::scoped_lock lock(mutex_);
  ClusterInfo info;
  for (const auto& [address, broker] : brokers_) {
    info.brokers[broker.broker_name] = {
        broker.cluster, broker.broker_name, addresses_of(broker.broker_name), false, {}};
    info.clusters[broker.cluster].insert(broker.broker_name);
  }
  return info;
}

std::vector<std::string> MemoryRouteTable::topics(std::string_view cluster) const {
  const ClusterInfo info = cluster_info();
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [topic, queues] : topics_) {
    const bool wanted = std::ranges::any_of(queues, [&](const auto& entry) {
      const auto broker = info.brokers.find(entry.first);
      return cluster.empty() || (broker != info.brokers.end() && broker->second.cluster == cluster);
    });
    if (wanted) names.push_back(topic);
  }
  return names;
}

void MemoryRouteTable::remove_topic(std::string_view topic, std::string_view cluster) {
  const ClusterInfo info = cluster_info();
  const std::scoped_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return;
  std::erase_if(found->second, [&](const auto& entry) {
    const auto broker = info.brokers.find(entry.first);
    return cluster.empty() || (broker != info.brokers.end() && broker->second.cluster == cluster);
  });
  if (found->second.empty()) topics_.erase(found);
}

void MemoryRouteTable::put_topic(std::string_view topic, const std::vector<QueueRoute>& queues) {
  const std::scoped_lock lock(mutex_);
  const auto known = [this](const QueueRoute& queue) { return is_known(queue.broker_name); };
  if (queues.empty() || !std::ranges::all_of(queues, known)) return;
  for (const QueueRoute& queue : queues) topics_[std::string(topic)][queue.broker_name] = queue;
}

std::int32_t MemoryRouteTable::set_broker_writable(std::string_view broker_name, bool writable) {
  const std::scoped_lock lock(mutex_);
  std::int32_t changed = 0;
  for (auto& [topic, queues] : topics_) {
    const auto found = queues.find(std::string(broker_name));
    if (found == queues.end()) continue;
    std::int32_t& perm = found->second.perm;
    perm = writable ? perm | permission::write : perm & ~permission::write;
    ++changed;
  }
  return changed;
}

}  // namespace tenon::testing
