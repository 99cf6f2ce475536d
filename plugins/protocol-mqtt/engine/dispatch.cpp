// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/engine/link.hpp"

namespace tenon::protocol_mqtt {

void Engine::dispatch(const Message& message) {
  if (message.retain && !retained_.apply(message)) ++counters_.publishes_dropped;
  if (subscription_count_ == 0) return;
  ++epoch_;
  std::size_t count = 0;
  std::vector<std::shared_ptr<ShareGroup>> groups;
  tree_.match(message.topic, [&](FilterSubscriptions& of_filter) {
    for (Subscription* subscription : of_filter.plain) collect(*subscription, message, count);
    groups.insert(groups.end(), of_filter.groups.begin(), of_filter.groups.end());
  });
  for (std::size_t i = 0; i < count; ++i) {
    Target& target = targets_[i];
    Delivery delivery;
    delivery.place = message.place;
    delivery.qos = target.qos;
    delivery.retain = message.retain && target.retain_as_published;
    deliver(*target.session, message, std::move(delivery), target.identifiers);
  }
  for (const auto& group : groups) deliver_shared(*group, group, message);
}

/// Adds the subscription's session to the targets, or merges it into its place there.
void Engine::collect(Subscription& subscription, const Message& message, std::size_t& count) {
  Session& session = *subscription.session;
  const bool is_publisher = !message.publisher.empty() && message.publisher == session.client_id;
  if (subscription.options.no_local && is_publisher) return;
  const std::uint8_t qos = std::min(message.qos, subscription.options.qos);
  if (session.match_epoch != epoch_) {
    if (!outside_.may(Access::read, session.client_id, session.user_name, message.topic)) return;
    session.match_epoch = epoch_;
    session.match_position = count++;
    if (targets_.size() < count) targets_.emplace_back();
    Target& fresh = targets_[session.match_position];
    fresh.session = &session;
    fresh.qos = 0;
    fresh.retain_as_published = false;
    fresh.identifiers.clear();
  }
  Target& target = targets_[session.match_position];
  target.qos = std::max(target.qos, qos);
  target.retain_as_published |= subscription.options.retain_as_published;
  if (subscription.identifier != 0) target.identifiers.push_back(subscription.identifier);
}

void Engine::deliver(Session& session, const Message& message, Delivery delivery,
                     std::span<const std::uint32_t> identifiers) {
  Outbound* outbound = session.outbound_if_any();
  const bool behind_others = outbound != nullptr && !outbound->waiting.empty();
  if (delivery.qos == 0) {
    if (!session.online()) return;  // QoS 0 is for who is there
    if (!behind_others) {
      if (session.link->output_full() || !session.link->send_message(message, delivery, 0, false, identifiers)) {
        ++counters_.publishes_dropped;
      }
      return;
    }
  }
  delivery.ids = session.outbound().index_of(identifiers);
  if (behind_others || !window_open(session)) return enqueue(session, message, std::move(delivery));
  Inflight& inflight = session.outbound().inflight.emplace_back();
  inflight.delivery = std::move(delivery);
  inflight.packet_id = session.outbound().next_packet_id();
  send_inflight(session, inflight, &message);
  touch(session);
}

void Engine::enqueue(Session& session, const Message& message, Delivery delivery) {
  Outbound& outbound = session.outbound();
  const bool stored = message.place.value >= 0;
  if (!stored || outbound.waiting.size() >= settings_.queued_messages_max) {
    ++counters_.publishes_dropped;
    return;
  }
  outbound.waiting.push_back(std::move(delivery));
  touch(session);
}

/// One member gets it: the next in turn that can take it now; if none can, it waits for the first that can.
void Engine::deliver_shared(ShareGroup& group, const std::shared_ptr<ShareGroup>& owner, const Message& message) {
  const std::size_t size = group.members.size();
  bool somebody_kept = false;
  for (std::size_t i = 0; i < size; ++i) {
    Subscription& member = *group.members[(group.turn + i) % size];
    Session& session = *member.session;
    somebody_kept |= session.kept() || session.online();
    const std::uint8_t qos = std::min(message.qos, member.options.qos);
    if (!session.online() || (qos > 0 && !window_open(session)) || session.link->output_full()) continue;
    if (!outside_.may(Access::read, session.client_id, session.user_name, message.topic)) continue;
    group.turn = (group.turn + i + 1) % size;
    Delivery delivery;
    delivery.place = message.place;
    delivery.group = owner;
    delivery.qos = qos;
    delivery.retain = message.retain && member.options.retain_as_published;
    const std::uint32_t identifier = member.identifier;
    return deliver(session, message, std::move(delivery), std::span(&identifier, identifier == 0 ? 0 : 1));
  }
  const bool keep = message.qos > 0 && message.place.value >= 0 && somebody_kept;
  if (!keep || group.waiting.size() >= settings_.queued_messages_max) {
    ++counters_.publishes_dropped;
    return;
  }
  Delivery delivery;
  delivery.place = message.place;
  delivery.qos = message.qos;
  delivery.retain = message.retain;
  group.waiting.push_back(std::move(delivery));
}

void Engine::announce(std::string_view topic, std::string_view payload) {
  Message message;
  message.topic = topic;
  message.payload = payload;
  message.retain = true;
  dispatch(message);
}

}  // namespace tenon::protocol_mqtt
