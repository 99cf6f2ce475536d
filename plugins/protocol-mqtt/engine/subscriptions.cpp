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
template <class List>
void take_out(List& list, const Subscription& subscription) {
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
  if (shared && !settings_.shared_subscriptions) return ReasonCode::shared_subscriptions_not_supported;
  if (!settings_.wildcard_subscriptions && mqtt::has_wildcard(request.filter)) {
    return ReasonCode::wildcard_subscriptions_not_supported;
  }
  Subscription* const known = session.find_subscription(request.filter);
  const bool is_new = known == nullptr;
  if (is_new && session.subscriptions.size() >= settings_.subscriptions_max) return ReasonCode::quota_exceeded;
  if (is_new && session.filter_bytes + request.filter.size() > kFilterBytesMax) return ReasonCode::quota_exceeded;
  if (is_new) outside_.catch_up();
  Subscription& subscription = is_new ? add_subscription(session, request.filter) : *known;
  subscription.options = request.options;
  subscription.options.qos = std::min(request.options.qos, settings_.qos_max);
  subscription.identifier = identifier;
  touch(session, true);
  const bool wanted = request.options.retain_handling == mqtt::RetainHandling::send ||
                      (request.options.retain_handling == mqtt::RetainHandling::send_if_new && is_new);
  if (!shared && wanted) {
    if (!is_new) outside_.catch_up();
    send_retained(session, subscription);
  }
  return static_cast<ReasonCode>(subscription.options.qos);
}

Subscription& Engine::add_subscription(Session& session, std::string_view filter) {
  auto fresh = std::make_unique<Subscription>();
  Subscription& subscription = *fresh;
  subscription.session = &session;
  session.filter_bytes += static_cast<std::uint32_t>(filter.size());
  ++subscription_count_;
  if (mqtt::is_shared(filter)) {
    join_group(subscription, filter);
  } else {
    subscription.of_filter = &tree_.at(filter);
    subscription.position = static_cast<std::uint32_t>(subscription.of_filter->plain.size());
    subscription.of_filter->plain.push_back(&subscription);
  }
  session.subscriptions.insert(std::move(fresh));
  return subscription;
}

void Engine::join_group(Subscription& subscription, std::string_view filter) {
  FilterSubscriptions& of_filter = tree_.at(mqtt::parse_shared(filter)->filter);
  auto found = std::ranges::find_if(of_filter.groups, [&](const auto& group) { return group->text() == filter; });
  if (found == of_filter.groups.end()) {
    of_filter.groups.push_front(std::make_shared<ShareGroup>(++last_group_id_, filter, of_filter, waiting_memory_));
    found = of_filter.groups.begin();
    groups_.emplace(last_group_id_, found->get());
  }
  ShareGroup& group = **found;
  subscription.of_filter = &of_filter;
  subscription.group = &group;
  subscription.position = static_cast<std::uint32_t>(group.members.size());
  group.members.push_back(&subscription);
  if (subscription.session->kept()) ++group.kept_members;
  subscription.session->groups.push_front(*found);
  ++shared_subscription_count_;
}

void Engine::leave_group(Subscription& subscription) {
  ShareGroup& group = *subscription.group;
  take_out(group.members, subscription);
  if (subscription.session->kept()) --group.kept_members;
  --shared_subscription_count_;
  const auto is_it = [&group](const auto& other) { return other.get() == &group; };
  FilterSubscriptions& of_filter = group.of_filter();
  if (group.members.empty()) {
    groups_.erase(group.id());
    touch(group.shared_from_this());
    counters_.publishes_dropped += group.waiting.size();
    group.waiting.clear();
    of_filter.groups.remove_if(is_it);
  }
  subscription.session->groups.remove_if(is_it);
  tree_.tidy(of_filter.filter);
}

/// Takes it out of the tree; the session still owns it, but must not ask for its filter any more.
void Engine::remove_subscription(Subscription& subscription) {
  subscription.session->filter_bytes -= static_cast<std::uint32_t>(subscription.filter().size());
  --subscription_count_;
  if (subscription.group != nullptr) return leave_group(subscription);
  take_out(subscription.of_filter->plain, subscription);
  if (subscription.of_filter->plain.empty()) tree_.tidy(subscription.of_filter->filter);
}

bool Engine::unsubscribe(Session& session, std::string_view filter) {
  const auto found = session.subscriptions.find(filter);
  if (found == session.subscriptions.end()) return false;
  const std::unique_ptr<Subscription> gone = std::move(*found);
  session.subscriptions.erase(found);
  remove_subscription(*gone);
  touch(session, true);
  return true;
}

void Engine::restore_subscription(Session& session, std::string_view filter, const mqtt::SubscriptionOptions& options,
                                  std::uint32_t identifier) {
  const bool shared = mqtt::is_shared(filter);
  if (shared ? !mqtt::parse_shared(filter) : !mqtt::is_valid_topic_filter(filter)) return;
  if (session.find_subscription(filter) != nullptr) return;
  Subscription& subscription = add_subscription(session, filter);
  subscription.options = options;
  subscription.identifier = identifier;
}

/// What waits is bounded: who asks again and again without reading gets what fits, and nobody looks for the rest.
void Engine::send_retained(Session& session, const Subscription& subscription) {
  const std::size_t waiting_max = settings_.queued_messages_max + retained_.count();
  const Outbound* before = session.outbound_if_any();
  if (before != nullptr && !has_room(before->waiting, waiting_max)) return;
  retained_.match(subscription.filter(), outside_.now_ms(), [&](const OwnedMessagePtr& message) {
    if (subscription.options.no_local && message->publisher == session.client_id) return;
    if (!outside_.may(Access::read, session.client_id, session.user_name, message->topic)) return;
    Outbound& out = outbound(session);
    if (!has_room(out.waiting, waiting_max)) {
      ++counters_.publishes_dropped;
      return;
    }
    Delivery delivery;
    delivery.place = message->place;
    delivery.retained = message;
    delivery.ids = out.index_of(subscription.identifiers());
    delivery.qos = std::min(message->qos, subscription.options.qos);
    delivery.retain = true;
    out.waiting.push_back(std::move(delivery));
  });
  touch(session);
  // Sent by the link when the SUBACK is written.
}

}  // namespace tenon::protocol_mqtt
