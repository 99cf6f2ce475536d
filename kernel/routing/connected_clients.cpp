// SPDX-License-Identifier: Apache-2.0
#include "routing/connected_clients.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>

#include "routing/consumer_filters.hpp"
#include "routing/topic_table.hpp"

namespace tenon::kernel {
namespace {

void erase_name(std::set<std::string, std::less<>>& names, std::string_view name) {
  if (const auto found = names.find(name); found != names.end()) names.erase(found);
}

template <class Value>
std::vector<std::string> names_of(const NameMap<Value>& table) {
  std::vector<std::string> names;
  for (const auto& [name, value] : table) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

}  // namespace

ConnectedClients::ConnectedClients(Groups& groups, TopicTable& topics, const FilterCompilers& compilers,
                                   ConsumerFilters& filters, WallClock now, Logger log)
    : groups_(groups), topics_(topics), compilers_(compilers), filters_(filters), now_(std::move(now)), log_(log) {}

// The order on the wire is RocketMQ's: new topics to the name servers, then the notice to the members, then the answer.
void ConnectedClients::heartbeat(Heartbeat heartbeat, HeartbeatDone done) {
  auto shared = std::make_shared<Heartbeat>(std::move(heartbeat));
  create_retry_topics(shared, [this, shared, done = std::move(done)] { done(register_all(*shared)); });
}

/// Counts the retry topics of one heartbeat that have not settled yet.
struct ConnectedClients::RetryTopics {
  std::atomic<int> unsettled{1};
  std::function<void()> done;

  void one_settled() {
    if (unsettled.fetch_sub(1) == 1) done();
  }
};

void ConnectedClients::create_retry_topics(const std::shared_ptr<Heartbeat>& heartbeat, std::function<void()> done) {
  auto topics = std::make_shared<RetryTopics>();
  topics->done = std::move(done);
  const auto thread = std::this_thread::get_id();
  for (const ConsumerRegistration& registration : heartbeat->consumers) {
    const auto group = groups_.find_or_create(registration.group);
    if (!group || group->retry_queue_nums <= 0) continue;
    TopicConfig retry;
    retry.name = retry_topic_of(registration.group);
    retry.read_queue_nums = retry.write_queue_nums = group->retry_queue_nums;
    retry.order = is_order_group(registration);
    retry.sys_flag = registration.unit_mode ? 1 : 0;
    const Result<TopicEntryPtr> entry = topics_.ensure(std::move(retry));
    if (!entry || (*entry)->settled.load(std::memory_order_acquire)) continue;
    topics->unsettled.fetch_add(1);
    // The answer is given by the thread that the connection has or had, whichever thread settled the topic.
    topics_.when_settled(*entry, [topics, channel = heartbeat->client.channel, thread] {
      if (std::this_thread::get_id() == thread) return topics->one_settled();
      boost::asio::post(channel->executor(), [topics] { topics->one_settled(); });
    });
  }
  topics->one_settled();
}

bool ConnectedClients::is_order_group(const ConsumerRegistration& registration) const {
  return std::ranges::any_of(registration.subscriptions, [this](const Subscription& subscription) {
    const auto topic = topics_.find(subscription.topic);
    return topic && topic->order;
  });
}

HeartbeatOutcome ConnectedClients::register_all(const Heartbeat& heartbeat) {
  HeartbeatOutcome outcome;
  outcome.subscription_changed = heartbeat.fingerprint == 0;
  // The connection may have ended while its topics were announced: then nobody would ever take it out again.
  std::vector<Notification> notifications;
  {
    const std::scoped_lock lock(mutex_);
    // Under the lock: one that closes now tells so later, and is forgotten then.
    if (!heartbeat.client.channel->is_open()) return outcome;
    for (const ConsumerRegistration& registration : heartbeat.consumers) {
      if (groups_.find(registration.group)) register_consumer(heartbeat, registration, notifications, outcome);
    }
    register_producers(heartbeat);
  }
  notify(notifications);
  return outcome;
}

bool ConnectedClients::may_join(const ClientChannel* channel) const {
  const auto found = memberships_.find(channel);
  return found == memberships_.end() || found->second.count() < kGroupsPerChannelMax;
}

void ConnectedClients::register_consumer(const Heartbeat& heartbeat, const ConsumerRegistration& registration,
                                         std::vector<Notification>& notifications, HeartbeatOutcome& outcome) {
  const ClientChannel* channel = heartbeat.client.channel.get();
  if (!may_join(channel)) return;
  auto found = consumers_.find(registration.group);
  if (found == consumers_.end()) found = consumers_.emplace(registration.group, ConsumerGroup{}).first;
  ConsumerGroup& group = found->second;
  bool changed = group.add_member(heartbeat.client, now_());
  memberships_[channel].consumers.insert(registration.group);
  group.set_attributes(registration);
  if (heartbeat.without_subscriptions) {
    // Only a full heartbeat can fill the table again, for example after a restart of the broker.
    outcome.subscription_changed |= !group.has_subscriptions();
  } else {
    changed |= group.update_subscriptions(registration.subscriptions, compilers_);
    filters_.register_group(registration.group, registration.subscriptions);
  }
  const auto [stored, fresh] = fingerprints_.try_emplace(registration.group, heartbeat.fingerprint);
  if (!fresh && stored->second != heartbeat.fingerprint) {
    outcome.subscription_changed = true;
    stored->second = heartbeat.fingerprint;
  }
  if (changed) prepare_notification(registration.group, group, notifications);
}

void ConnectedClients::register_producers(const Heartbeat& heartbeat) {
  const ClientChannel* channel = heartbeat.client.channel.get();
  const std::string& id = heartbeat.client.client_id;
  const auto known = memberships_.find(channel);
  const bool is_new_id = known != memberships_.end() && !known->second.producer_ids.contains(id);
  if (id.size() > kClientIdMax) return;
  if (is_new_id && known->second.producer_ids.size() >= kProducerIdsPerChannelMax) return;
  for (const std::string& group : heartbeat.producer_groups) {
    if (group.size() > kGroupNameMax) continue;
    if (!may_join(channel)) return;
    producers_[group][channel] = ClientConnection{heartbeat.client, now_()};
    producer_channels_[heartbeat.client.client_id][channel] = heartbeat.client.channel;
    Memberships& memberships = memberships_[channel];
    memberships.producers.insert(group);
    memberships.producer_ids.insert(heartbeat.client.client_id);
  }
}

void ConnectedClients::prepare_notification(const std::string& name, const ConsumerGroup& group,
                                            std::vector<Notification>& out) const {
  if (group.message_model() == MessageModel::broadcasting) return;
  const auto config = groups_.find(name);
  if (config && config->notify_consumer_ids_changed_enable) out.push_back({name, group.channels()});
}

void ConnectedClients::notify(const std::vector<Notification>& notifications) {
  for (const Notification& notification : notifications) {
    for (const ChannelPtr& channel : notification.channels) channel->notify_consumer_ids_changed(notification.group);
  }
}

void ConnectedClients::leave_consumer_group(std::string_view group, const ClientChannel* channel,
                                            std::vector<Notification>& notifications) {
  const auto found = consumers_.find(group);
  if (found == consumers_.end() || !found->second.remove_member(channel)) return;
  if (!found->second.empty()) return prepare_notification(found->first, found->second, notifications);
  if (const auto stored = fingerprints_.find(group); stored != fingerprints_.end()) fingerprints_.erase(stored);
  filters_.unregister_group(group);
  consumers_.erase(found);
}

void ConnectedClients::leave_producer_group(std::string_view group, const ClientChannel* channel) {
  const auto found = producers_.find(group);
  if (found == producers_.end()) return;
  found->second.erase(channel);
  if (found->second.empty()) producers_.erase(found);
}

void ConnectedClients::forget_producer_ids(const ClientChannel* channel, Memberships& memberships) {
  for (const std::string& client_id : memberships.producer_ids) {
    const auto found = producer_channels_.find(client_id);
    if (found == producer_channels_.end()) continue;
    found->second.erase(channel);
    if (found->second.empty()) producer_channels_.erase(found);
  }
  memberships.producer_ids.clear();
}

void ConnectedClients::unregister(const ClientIdentity& client, std::string_view producer_group,
                                  std::string_view consumer_group) {
  std::vector<Notification> notifications;
  {
    const std::scoped_lock lock(mutex_);
    const ClientChannel* channel = client.channel.get();
    leave_consumer_group(consumer_group, channel, notifications);
    leave_producer_group(producer_group, channel);
    if (const auto found = memberships_.find(channel); found != memberships_.end()) {
      Memberships& memberships = found->second;
      erase_name(memberships.consumers, consumer_group);
      erase_name(memberships.producers, producer_group);
      if (memberships.producers.empty()) forget_producer_ids(channel, memberships);
      if (memberships.count() == 0) memberships_.erase(found);
    }
  }
  notify(notifications);
}

void ConnectedClients::channel_closed(const ClientChannel& channel) {
  std::vector<Notification> notifications;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = memberships_.find(&channel);
    if (found == memberships_.end()) return;
    for (const std::string& group : found->second.consumers) leave_consumer_group(group, &channel, notifications);
    for (const std::string& group : found->second.producers) leave_producer_group(group, &channel);
    forget_producer_ids(&channel, found->second);
    memberships_.erase(found);
  }
  notify(notifications);
}

void ConnectedClients::scan() {
  std::vector<ChannelPtr> expired;
  const std::int64_t before_ms = now_() - kExpiryMs;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, group] : consumers_) group.collect_expired(before_ms, expired);
    for (const auto& [name, group] : producers_) {
      for (const auto& [channel, member] : group) {
        if (member.last_update_timestamp_ms < before_ms) expired.push_back(member.client.channel);
      }
    }
  }
  std::ranges::sort(expired);
  expired.erase(std::unique(expired.begin(), expired.end()), expired.end());  // clang 14 cannot take the ranges one
  for (const ChannelPtr& channel : expired) {
    log_.warn("closing ", channel->remote_address(), ": no heartbeat for ", kExpiryMs / 1000, " s");
    channel_closed(*channel);
    channel->close();
  }
}

std::optional<ConnectedClients::PullSubscription> ConnectedClients::find_subscription(std::string_view group,
                                                                                      std::string_view topic) const {
  const std::shared_lock lock(mutex_);
  const auto found = consumers_.find(group);
  if (found == consumers_.end()) return std::nullopt;
  return PullSubscription{found->second.message_model(), found->second.subscription(topic)};
}

std::vector<std::string> ConnectedClients::consumer_ids(std::string_view group) const {
  const std::shared_lock lock(mutex_);
  const auto found = consumers_.find(group);
  return found == consumers_.end() ? std::vector<std::string>{} : found->second.client_ids();
}

std::optional<ConsumerGroupState> ConnectedClients::consumer_group(std::string_view group) const {
  const std::shared_lock lock(mutex_);
  const auto found = consumers_.find(group);
  if (found == consumers_.end()) return std::nullopt;
  return found->second.state();
}

std::vector<std::string> ConnectedClients::consumer_groups() const {
  const std::shared_lock lock(mutex_);
  return names_of(consumers_);
}

std::vector<ClientConnection> ConnectedClients::producers(std::string_view group) const {
  const std::shared_lock lock(mutex_);
  std::vector<ClientConnection> members;
  const auto found = producers_.find(group);
  if (found == producers_.end()) return members;
  for (const auto& [channel, member] : found->second) members.push_back(member);
  return members;
}

std::vector<std::string> ConnectedClients::producer_groups() const {
  const std::shared_lock lock(mutex_);
  return names_of(producers_);
}

std::shared_ptr<ClientChannel> ConnectedClients::producer_channel(std::string_view client_id) const {
  const std::shared_lock lock(mutex_);
  const auto found = producer_channels_.find(client_id);
  if (found == producer_channels_.end()) return nullptr;
  for (const auto& [channel, shared] : found->second) {
    if (shared->is_open()) return shared;
  }
  return nullptr;
}

}  // namespace tenon::kernel
