// SPDX-License-Identifier: Apache-2.0
#include "routing/consumer_group.hpp"

#include <algorithm>
#include <set>

#include "routing/consumer_filter.hpp"

namespace tenon::kernel {
namespace {

RegisteredSubscriptionPtr compile(const Subscription& subscription, const FilterCompilers& compilers) {
  Result<FilterPtr> filter = FilterPtr{};
  if (is_tag_type(subscription.expression_type)) filter = compilers.compile({}, subscription.expression);
  return std::make_shared<RegisteredSubscription>(RegisteredSubscription{subscription, std::move(filter)});
}

}  // namespace

bool ConsumerGroup::add_member(const ClientIdentity& client, std::int64_t now_ms) {
  ClientConnection& member = members_[client.channel.get()];
  const bool fresh = member.client.channel == nullptr;
  member.client = client;
  member.last_update_timestamp_ms = now_ms;
  return fresh;
}

bool ConsumerGroup::remove_member(const ClientChannel* channel) { return members_.erase(channel) > 0; }

void ConsumerGroup::set_attributes(const ConsumerRegistration& registration) {
  consume_type_ = registration.consume_type;
  message_model_ = registration.message_model;
  consume_from_where_ = registration.consume_from_where;
}

bool ConsumerGroup::update_subscriptions(const std::vector<Subscription>& subscriptions,
                                         const FilterCompilers& compilers) {
  bool changed = false;
  std::set<std::string_view> named;
  for (const Subscription& subscription : subscriptions) {
    named.insert(subscription.topic);
    RegisteredSubscriptionPtr& known = subscriptions_[subscription.topic];
    changed |= known == nullptr;
    if (known == nullptr || subscription.version > known->subscription.version)
      known = compile(subscription, compilers);
  }
  const auto removed = std::erase_if(subscriptions_, [&](const auto& entry) { return !named.contains(entry.first); });
  return changed || removed > 0;
}

RegisteredSubscriptionPtr ConsumerGroup::subscription(std::string_view topic) const {
  const auto found = subscriptions_.find(topic);
  return found == subscriptions_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<ClientChannel>> ConsumerGroup::channels() const {
  std::vector<std::shared_ptr<ClientChannel>> all;
  for (const auto& [channel, member] : members_) all.push_back(member.client.channel);
  return all;
}

std::vector<std::string> ConsumerGroup::client_ids() const {
  std::vector<std::string> ids;
  for (const auto& [channel, member] : members_) ids.push_back(member.client.client_id);
  std::ranges::sort(ids);
  return ids;
}

ConsumerGroupState ConsumerGroup::state() const {
  ConsumerGroupState state{consume_type_, message_model_, consume_from_where_, {}, {}};
  for (const auto& [topic, registered] : subscriptions_) state.subscriptions.push_back(registered->subscription);
  for (const auto& [channel, member] : members_) state.connections.push_back(member);
  return state;
}

void ConsumerGroup::collect_expired(std::int64_t before_ms, std::vector<std::shared_ptr<ClientChannel>>& out) const {
  for (const auto& [channel, member] : members_) {
    if (member.last_update_timestamp_ms < before_ms) out.push_back(member.client.channel);
  }
}

}  // namespace tenon::kernel
