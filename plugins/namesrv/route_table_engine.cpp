// SPDX-License-Identifier: Apache-2.0
#include "namesrv/route_table_engine.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace tenon::namesrv {
namespace {

Error no_route(std::string_view topic) {
  return {Errc::topic_not_exist, text("No topic route info in name server for the topic: ", topic)};
}

constexpr std::int64_t kTwoMastersLogIntervalMs = 60'000;

/// The address at which the name's master is; empty: none is known.
std::string master_of(const RouteState& state, std::string_view broker_name) {
  const auto broker = state.brokers.find(broker_name);
  return broker == state.brokers.end() ? std::string() : broker->second.master_address();
}

}  // namespace

RouteTableEngine::RouteTableEngine(Settings settings, const KeyValueConfig& order_config, Clock clock)
    : settings_(settings), order_config_(order_config), clock_(std::move(clock)) {}

template <class Predicate>
std::vector<std::shared_ptr<ClientChannel>> RouteTableEngine::remove_live_if(Predicate predicate) {
  std::vector<std::shared_ptr<ClientChannel>> channels;
  const std::unique_lock lock(mutex_);
  std::vector<std::pair<LiveKey, LiveBroker>> gone;
  for (const auto& entry : state_.live) {
    if (predicate(entry.second)) gone.push_back(entry);
  }
  for (const auto& [key, broker] : gone) {
    state_.remove_broker(key.cluster, broker.broker_name, key.address);
    channels.push_back(broker.channel);
  }
  return channels;
}

std::vector<std::shared_ptr<ClientChannel>> RouteTableEngine::expire() {
  const std::int64_t now = clock_();
  return remove_live_if([now](const LiveBroker& broker) {
    return broker.channel != nullptr && now - broker.last_update_ms > broker.timeout.count();
  });
}

void RouteTableEngine::channel_closed(const ClientChannel& channel) {
  remove_live_if([&channel](const LiveBroker& broker) { return broker.channel.get() == &channel; });
}

Result<RegistrationAnswer> RouteTableEngine::register_broker(const RegistrationAtNameServer& registration) {
  const BrokerRegistration& said = registration.registration;
  std::string former, now;
  bool two_masters = false;
  Result<RegistrationAnswer> answer = [&] {
    const std::unique_lock lock(mutex_);
    former = master_of(state_, said.broker_name);
    auto applied = apply_registration(state_, registration, settings_.registration, clock_());
    now = master_of(state_, said.broker_name);
    two_masters = is_worth_saying(said, former, now);
    return applied;
  }();
  if (two_masters) two_masters_(said.broker_name, former, now);
  if (answer && settings_.return_order_topic_config_to_broker) {
    if (auto table = order_config_.table(kOrderTopicNamespace)) answer->order_topic_config = std::move(*table);
  }
  return answer;
}

/// Write lock held. One that left, or has not been heard for its time, is no second master.
bool RouteTableEngine::is_worth_saying(const BrokerRegistration& registration, const std::string& former,
                                       const std::string& now) {
  if (!two_masters_ || former.empty() || now.empty() || former == now) return false;
  if (state_.find_live(registration.cluster, former) == nullptr) return false;
  const std::int64_t time = clock_();
  std::erase_if(two_masters_said_, [&](const auto& said) {
    // Later than now: the clock was set back.
    return said.second > time || time - said.second >= kTwoMastersLogIntervalMs;
  });
  return two_masters_said_.try_emplace(registration.broker_name, time).second;
}

void RouteTableEngine::unregister_broker(std::string_view cluster, std::string_view broker_name, std::int64_t,
                                         std::string_view broker_address) {
  const std::unique_lock lock(mutex_);
  state_.remove_broker(cluster, broker_name, broker_address);
}

std::optional<DataVersion> RouteTableEngine::broker_heartbeat(std::string_view cluster,
                                                              std::string_view broker_address) {
  const std::unique_lock lock(mutex_);
  const auto found = state_.live.find(LiveKey{std::string(cluster), std::string(broker_address)});
  if (found == state_.live.end()) return std::nullopt;
  found->second.last_update_ms = clock_();
  return found->second.version;
}

Result<TopicRoute> RouteTableEngine::route_of(std::string_view topic) const {
  TopicRoute route;
  {
    const std::shared_lock lock(mutex_);
    const auto found = state_.topics.find(topic);
    if (found == state_.topics.end()) return no_route(topic);
    for (const auto& [broker_name, queues] : found->second) {
      route.queues.push_back(queues);
      const auto broker = state_.brokers.find(broker_name);
      if (broker != state_.brokers.end()) route.brokers.push_back(broker->second);
    }
  }
  if (route.queues.empty() || route.brokers.empty()) return no_route(topic);
  if (settings_.order_message_enable) {
    route.order_topic_conf = order_config_.find(kOrderTopicNamespace, topic).value_or("");
  }
  return route;
}

ClusterInfo RouteTableEngine::cluster_info() const {
  const std::shared_lock lock(mutex_);
  return {{state_.brokers.begin(), state_.brokers.end()}, {state_.clusters.begin(), state_.clusters.end()}};
}

std::vector<std::string> RouteTableEngine::topics(std::string_view cluster) const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> names;
  const auto members = state_.clusters.find(cluster);
  for (const auto& [topic, queues] : state_.topics) {
    const bool wanted =
        cluster.empty() || (members != state_.clusters.end() && std::ranges::any_of(queues, [&](auto& entry) {
                              return members->second.contains(entry.first);
                            }));
    if (wanted) names.push_back(topic);
  }
  return names;
}

void RouteTableEngine::remove_topic(std::string_view topic, std::string_view cluster) {
  const std::unique_lock lock(mutex_);
  const auto found = state_.topics.find(topic);
  if (found == state_.topics.end()) return;
  if (cluster.empty()) {
    state_.topics.erase(found);
    return;
  }
  const auto members = state_.clusters.find(cluster);
  if (members == state_.clusters.end()) return;
  for (const auto& broker_name : members->second) found->second.erase(broker_name);
  if (found->second.empty()) state_.topics.erase(found);
}

void RouteTableEngine::put_topic(std::string_view topic, const std::vector<QueueRoute>& queues) {
  const std::unique_lock lock(mutex_);
  const auto is_known = [&](const QueueRoute& queue) { return state_.brokers.contains(queue.broker_name); };
  if (topic.empty() || queues.empty() || !std::ranges::all_of(queues, is_known)) return;
  auto& entries = state_.topics[std::string(topic)];
  for (const QueueRoute& queue : queues) entries.insert_or_assign(queue.broker_name, queue);
}

std::int32_t RouteTableEngine::set_broker_writable(std::string_view broker_name, bool writable) {
  const std::unique_lock lock(mutex_);
  return state_.change_permissions(broker_name, [writable](std::int32_t perm) {
    return writable ? permission::read | permission::write : perm & ~permission::write;
  });
}

}  // namespace tenon::namesrv
