// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <exception>

#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/engine/link.hpp"

namespace tenon::protocol_mqtt {

void Engine::dispatch(const Message& message) {
  // $SYS is the server's own: it is told even where clients may retain nothing.
  const bool retain = message.retain && (settings_.retain_available || is_reserved(message.topic));
  if (retain && !retained_.apply(message)) ++counters_.publishes_dropped;
  if (subscription_count_ == 0) return;
  ++epoch_;
  target_groups_.clear();
  std::uint32_t count = 0;
  tree_.match(message.topic, [&](FilterSubscriptions& of_filter) {
    for (Subscription* subscription : of_filter.plain) collect(*subscription, message, count);
    target_groups_.insert(target_groups_.end(), of_filter.groups.begin(), of_filter.groups.end());
  });
  for (std::uint32_t i = 0; i < count; ++i) {
    Target& target = targets_[i];
    Delivery delivery;
    delivery.place = message.place;
    delivery.qos = target.qos;
    delivery.retain = message.retain && target.retain_as_published;
    deliver_or_fail(*target.session, message, std::move(delivery), target.identifiers);
  }
  for (const auto& group : target_groups_) {
    try {
      deliver_shared(*group, message);
    } catch (const std::exception&) {
      ++counters_.publishes_dropped;
    }
  }
  target_groups_.clear();
}

/// Adds the subscription's session to the targets, or merges it into its place there.
void Engine::collect(Subscription& subscription, const Message& message, std::uint32_t& count) {
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

void Engine::deliver_or_fail(Session& session, const Message& message, Delivery delivery,
                             std::span<const std::uint32_t> identifiers) noexcept {
  try {
    deliver(session, message, std::move(delivery), identifiers);
  } catch (const std::exception&) {
    ++counters_.publishes_dropped;
    if (session.online()) session.link->fail();
  }
}

void Engine::deliver(Session& session, const Message& message, Delivery delivery,
                     std::span<const std::uint32_t> identifiers) {
  Outbound* out = session.outbound_if_any();
  const bool behind_others = out != nullptr && !out->waiting.empty();
  if (delivery.qos == 0) {
    if (!session.online()) return;  // QoS 0 is for who is there
    if (!behind_others) {
      if (session.link->output_full() || !session.link->send_message(message, delivery, 0, false, identifiers)) {
        ++counters_.publishes_dropped;
      }
      return;
    }
  }
  const bool now = !behind_others && window_open(session);
  delivery.ids = outbound(session).index_of(identifiers);
  if (!now) return enqueue(session, message, std::move(delivery));
  Inflight& inflight = session.outbound().begin(std::move(delivery));
  send_inflight(session, inflight, &message);
  touch(session);
}

bool Engine::has_room(const WaitingQueue& queue, std::size_t count_max) {
  return queue.size() < count_max && queue.has_place();
}

void Engine::enqueue(Session& session, const Message& message, Delivery delivery) {
  Outbound& out = session.outbound();
  const bool in_log = message.place.value >= 0;
  if (!in_log || !has_room(out.waiting, settings_.queued_messages_max)) {
    ++counters_.publishes_dropped;
    return;
  }
  out.waiting.push_back(std::move(delivery));
  touch(session);
}

/// One member gets it: the next in turn that can take it now; if none can, it waits for the first that can.
void Engine::deliver_shared(ShareGroup& group, const Message& message) {
  const std::size_t size = group.members.size();
  bool somebody_kept = false;
  Delivery delivery;
  delivery.place = message.place;
  for (std::size_t i = 0; i < size; ++i) {
    const Subscription& member = *group.members[(group.turn + i) % size];
    Session& session = *member.session;
    somebody_kept |= session.kept() || session.online();
    delivery.qos = std::min(message.qos, member.options.qos);
    if (!session.online() || (delivery.qos > 0 && !window_open(session)) || session.link->output_full()) continue;
    if (!outside_.may(Access::read, session.client_id, session.user_name, message.topic)) continue;
    group.turn = (group.turn + i + 1) % size;
    delivery.group = group.id();
    delivery.retain = message.retain && member.options.retain_as_published;
    lend(session, group, delivery);
    return deliver_or_fail(session, message, std::move(delivery), member.identifiers());
  }
  const bool keep = message.qos > 0 && message.place.value >= 0 && somebody_kept;
  if (!keep || !has_room(group.waiting, settings_.queued_messages_max)) {
    ++counters_.publishes_dropped;
    return;
  }
  delivery.qos = message.qos;
  delivery.retain = message.retain;
  group.waiting.push_back(std::move(delivery));
  touch(group.shared_from_this());
}

void Engine::announce(std::string_view topic, std::string_view payload) {
  Message message;
  message.topic = topic;
  message.payload = payload;
  message.retain = true;
  dispatch(message);
}

}  // namespace tenon::protocol_mqtt
