// SPDX-License-Identifier: Apache-2.0
#include "client/client_instance.hpp"

#include <utility>

namespace tenon::client {

ClientInstance::ClientInstance(ClientOptions options)
    : options_(std::move(options)), name_servers_(remoting_, options_.name_servers, options_.timeout) {
  remoting_.on_push([this](const std::string&, const Reply& push) { return take_push(push); });
}

std::optional<Reply> ClientInstance::take_push(const Reply& push) {
  if (static_cast<remoting::RequestCode>(push.code) != remoting::RequestCode::notify_consumer_ids_changed)
    return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto watcher = group_watchers_.find(std::string(push.field("consumerGroup").value_or("")));
  if (watcher != group_watchers_.end()) watcher->second();
  return Reply{};
}

Result<TopicRoute> ClientInstance::route_of(const std::string& topic) {
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    const auto found = routes_.find(topic);
    if (found != routes_.end() && now - found->second.asked < options_.route_refresh) return found->second.route;
  }
  auto fresh = name_servers_.route_of(topic);
  const std::lock_guard lock(mutex_);
  if (fresh) {
    routes_[topic] = {*fresh, now};
    return fresh;
  }
  const auto old = routes_.find(topic);
  if (old == routes_.end()) return fresh.error();
  if (fresh.error().is(Errc::topic_not_exist)) {
    routes_.erase(old);
    return fresh.error();
  }
  old->second.asked = now;
  return old->second.route;
}

void ClientInstance::forget_route(const std::string& topic) {
  const std::lock_guard lock(mutex_);
  routes_.erase(topic);
}

void ClientInstance::watch_group(const std::string& group, std::function<void()> on_change) {
  const std::lock_guard lock(mutex_);
  group_watchers_[group] = std::move(on_change);
}

void ClientInstance::unwatch_group(const std::string& group) {
  const std::lock_guard lock(mutex_);
  group_watchers_.erase(group);
}

}  // namespace tenon::client
