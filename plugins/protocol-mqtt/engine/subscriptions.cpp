// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mqtt/topic.hpp"
#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/engine/link.hpp"

namespace tenon::protocol_mqtt {

using mqtt::ReasonCode;

namespace {

/// All filters of a session together: they are one record of the journal, and nobody's memory is endless.
constexpr std::size_t kFilterBytesMax = std::size_t{1} << 20;

/// Takes the subscription out of a list that remembers positions.
void take_out(std::vector<Subscription*>& list, const Subscription& subscription) {
  list[subscription.position] = list.back();
  list[subscription.position]->position = subscription.position;
  list.pop_back();
}

}  // namespace

ReasonCode Engine::subscribe(Session& session, const mqtt::SubscriptionRequest& request, std::uint32_t identifier) {
  const bool shared = mqtt::is_shared(request.filter);
  if (shared ? !mqtt::parse_shared(request.filter) : !mqtt::is_valid_topic_filter(request.filter)) {
    return ReasonCode::topic_filter_invalid;
  }
  const auto known = session.subscriptions.find(request.filter);
  const bool is_new = known == session.subscriptions.end();
  if (is_new && session.subscriptions.size() >= settings_.subscriptions_max) return ReasonCode::quota_exceeded;
  if (is_new && session.filter_bytes + request.filter.size() > kFilterBytesMax) return ReasonCode::quota_exceeded;
  if (is_new) outside_.catch_up();
  Subscription& subscription = is_new ? add_subscription(session, request.filter) : known->second;
  subscription.options = request.options;
  subscription.identifier = identifier;
  touch(session, true);
  const bool wanted = request.options.retain_handling == mqtt::RetainHandling::send ||
                      (request.options.retain_handling == mqtt::RetainHandling::send_if_new && is_new);
  if (!shared && wanted) {
    if (!is_new) outside_.catch_up();
    send_retained(session, request.filter, subscription);
  }
  return static_cast<ReasonCode>(request.options.qos);
}

Subscription& Engine::add_subscription(Session& session, std::string_view filter) {
  Subscription& subscription = session.subscriptions.try_emplace(std::string(filter)).first->second;
  subscription.session = &session;
  session.filter_bytes += filter.size();
  ++subscription_count_;
  if (mqtt::is_shared(filter)) {
    join_group(subscription, filter);
    return subscription;
  }
  FilterSubscriptions& of_filter = tree_.at(filter);
  subscription.of_filter = &of_filter;
  subscription.position = of_filter.plain.size();
  of_filter.plain.push_back(&subscription);
  return subscription;
}

void Engine::join_group(Subscription& subscription, std::string_view filter) {
  const auto parts = mqtt::parse_shared(filter);
  FilterSubscriptions& of_filter = tree_.at(parts->filter);
  auto found =
      std::ranges::find_if(of_filter.groups, [&](const auto& group) { return group->name() == parts->share_name; });
  if (found == of_filter.groups.end()) {
    of_filter.groups.push_back(std::make_shared<ShareGroup>(parts->share_name, parts->filter));
    found = std::prev(of_filter.groups.end());
  }
  subscription.group = *found;
  subscription.position = (*found)->members.size();
  (*found)->members.push_back(&subscription);
  subscription.session->groups.push_back(*found);
}

void Engine::leave_group(Session& session, Subscription& subscription) {
  const std::shared_ptr<ShareGroup> group = std::move(subscription.group);
  take_out(group->members, subscription);
  std::erase(session.groups, group);
  if (!group->members.empty()) return;
  FilterSubscriptions& of_filter = tree_.at(group->filter());
  std::erase(of_filter.groups, group);
  counters_.publishes_dropped += group->waiting.size();
  tree_.tidy(group->filter());
}

void Engine::remove_subscription(Session& session, std::string_view filter, Subscription& subscription) {
  session.filter_bytes -= filter.size();
  --subscription_count_;
  if (subscription.group) return leave_group(session, subscription);
  take_out(subscription.of_filter->plain, subscription);
  if (subscription.of_filter->plain.empty()) tree_.tidy(filter);
}

bool Engine::unsubscribe(Session& session, std::string_view filter) {
  const auto found = session.subscriptions.find(filter);
  if (found == session.subscriptions.end()) return false;
  remove_subscription(session, found->first, found->second);
  session.subscriptions.erase(found);
  touch(session, true);
  return true;
}

void Engine::restore_subscription(Session& session, std::string_view filter, const mqtt::SubscriptionOptions& options,
                                  std::uint32_t identifier) {
  const bool shared = mqtt::is_shared(filter);
  if (shared ? !mqtt::parse_shared(filter) : !mqtt::is_valid_topic_filter(filter)) return;
  if (session.subscriptions.contains(filter)) return;
  Subscription& subscription = add_subscription(session, filter);
  subscription.options = options;
  subscription.identifier = identifier;
}

/// What waits is bounded: who asks again and again without reading gets what fits, and nobody looks for the rest.
void Engine::send_retained(Session& session, std::string_view filter, const Subscription& subscription) {
  Outbound& outbound = session.outbound();
  const std::uint32_t identifier = subscription.identifier;
  const std::size_t waiting_max = settings_.queued_messages_max + retained_.count();
  if (outbound.waiting.size() >= waiting_max) return;
  retained_.match(filter, outside_.now_ms(), [&](const OwnedMessagePtr& message) {
    if (subscription.options.no_local && message->publisher == session.client_id) return;
    if (!outside_.may(Access::read, session.client_id, session.user_name, message->topic)) return;
    if (outbound.waiting.size() >= waiting_max) {
      ++counters_.publishes_dropped;
      return;
    }
    Delivery delivery;
    delivery.place = message->place;
    delivery.owned = message;
    delivery.ids = outbound.index_of(std::span(&identifier, identifier == 0 ? 0 : 1));
    delivery.qos = std::min(message->qos, subscription.options.qos);
    delivery.retain = true;
    outbound.waiting.push_back(std::move(delivery));
  });
  touch(session);
  // Sent by the link when the SUBACK is written.
}

}  // namespace tenon::protocol_mqtt
