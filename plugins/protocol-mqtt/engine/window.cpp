// SPDX-License-Identifier: Apache-2.0
// The window of messages under way to a session: what is sent, sent again, confirmed.
#include <algorithm>

#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/engine/link.hpp"

namespace tenon::protocol_mqtt {

using mqtt::PacketType;
using mqtt::ReasonCode;

bool Engine::window_open(Session& session) {
  if (!session.online() || session.link->output_full()) return false;
  const Outbound* outbound = session.outbound_if_any();
  return outbound == nullptr || (!outbound->resending && outbound->inflight.size() < session.link->window());
}

/// Sends a message of the window; `message` if the caller has it at hand. What cannot be sent is finished silently.
void Engine::send_inflight(Session& session, Inflight& inflight, const Message* message) {
  inflight.on_wire = true;
  const std::uint16_t packet_id = inflight.packet_id;
  const Delivery delivery = inflight.delivery;
  const bool dup = inflight.sent_before;
  inflight.sent_before = true;
  const auto identifiers = session.outbound().identifiers(delivery.ids);
  bool sent = false;
  const std::int64_t now = outside_.now_ms();
  const auto send = [&](const Message& it) {
    if (!dup && it.expires_at_ms != 0 && it.expires_at_ms <= now) return;
    sent = session.link->send_message(it, delivery, packet_id, dup, identifiers);
  };
  if (message != nullptr) {
    send(*message);
  } else if (delivery.owned) {
    send(delivery.owned->view());
  } else {
    outside_.load(delivery.place, send);
  }
  if (sent) return;
  ++counters_.publishes_dropped;
  session.outbound().erase(packet_id);
}

/// Whether a message that waits for a group may go to this member. One that is gone goes to whoever asks first.
bool Engine::may_read(Session& session, const Delivery& delivery) {
  bool allowed = true;
  outside_.load(delivery.place, [&](const Message& message) {
    allowed = outside_.may(Access::read, session.client_id, session.user_name, message.topic);
  });
  return allowed;
}

/// The next message that waits for this session, its own first, then those of its groups.
bool Engine::next_waiting(Session& session, Delivery& delivery) {
  Outbound& outbound = session.outbound();
  if (!outbound.waiting.empty()) {
    if (outbound.waiting.front().qos > 0 && outbound.inflight.size() >= session.link->window()) return false;
    delivery = outbound.take_waiting();
    return true;
  }
  if (outbound.inflight.size() >= session.link->window()) return false;
  for (const auto& group : session.groups) {
    if (group->waiting.empty() || !may_read(session, group->waiting.front())) continue;
    delivery = std::move(group->waiting.front());
    delivery.group = group;
    group->waiting.pop_front();
    const auto member = std::ranges::find(group->members, &session, &Subscription::session);
    if (member == group->members.end()) return true;
    const std::uint32_t identifier = (*member)->identifier;
    delivery.qos = std::min(delivery.qos, (*member)->options.qos);
    delivery.retain = delivery.retain && (*member)->options.retain_as_published;
    delivery.ids = outbound.index_of(std::span(&identifier, identifier == 0 ? 0 : 1));
    return true;
  }
  return false;
}

void Engine::start_delivery(Session& session, Delivery delivery) {
  Outbound& outbound = session.outbound();
  if (delivery.qos > 0) {
    Inflight& inflight = outbound.inflight.emplace_back();
    inflight.delivery = std::move(delivery);
    inflight.packet_id = outbound.next_packet_id();
    return send_inflight(session, inflight, nullptr);
  }
  const auto identifiers = outbound.identifiers(delivery.ids);
  bool sent = false;
  const std::int64_t now = outside_.now_ms();
  const auto send = [&](const Message& it) {
    if (it.expires_at_ms != 0 && it.expires_at_ms <= now) return;
    sent = session.link->send_message(it, delivery, 0, false, identifiers);
  };
  if (delivery.owned) {
    send(delivery.owned->view());
  } else {
    outside_.load(delivery.place, send);
  }
  if (!sent) ++counters_.publishes_dropped;
}

void Engine::pump(Session& session) {
  if (!session.online() || (session.outbound_if_any() == nullptr && session.groups.empty())) return;
  if (session.outbound().resending && !resend_inflight(session)) return touch(session);
  bool any = false;
  Delivery delivery;
  while (session.online() && !session.link->output_full() && next_waiting(session, delivery)) {
    start_delivery(session, std::move(delivery));
    any = true;
  }
  if (any) touch(session);
}

/// On a new connection: what was under way goes out again, in its order, before anything new.
void Engine::resend(Session& session) {
  if (Outbound* outbound = session.outbound_if_any()) outbound->resending = !outbound->inflight.empty();
  touch(session);
  pump(session);
}

/// False when something is left that must go out again later: the window or the output is full.
bool Engine::resend_inflight(Session& session) {
  Outbound& outbound = session.outbound();
  std::vector<std::uint16_t> ids;
  for (const Inflight& inflight : outbound.inflight) {
    if (!inflight.on_wire) ids.push_back(inflight.packet_id);
  }
  std::size_t on_wire = outbound.inflight.size() - ids.size();
  for (const std::uint16_t id : ids) {
    if (on_wire >= session.link->window() || session.link->output_full()) return false;
    Inflight& inflight = *outbound.find(id);
    if (inflight.received) {
      inflight.on_wire = true;
      session.link->send_answer(PacketType::pubrel, id, ReasonCode::success);
    } else {
      send_inflight(session, inflight, nullptr);
    }
    if (outbound.find(id) != nullptr) ++on_wire;  // else it does not fit this client, and is finished
  }
  outbound.resending = false;
  return true;
}

void Engine::confirmed(Session& session, std::uint16_t packet_id) {
  session.outbound().erase(packet_id);
  touch(session);
  pump(session);
  session.release_idle_memory();
}

/// Shared QoS 1 messages that an ended session leaves unconfirmed go to the other members.
void Engine::give_back(Session& session) {
  Outbound* outbound = session.outbound_if_any();
  if (outbound == nullptr) return;
  std::vector<std::shared_ptr<ShareGroup>> groups;
  for (auto inflight = outbound->inflight.rbegin(); inflight != outbound->inflight.rend(); ++inflight) {
    Delivery& delivery = inflight->delivery;
    if (!delivery.group || delivery.qos != 1) continue;
    const std::shared_ptr<ShareGroup> group = std::move(delivery.group);
    groups.push_back(group);
    delivery.ids = 0;
    group->waiting.push_front(std::move(delivery));
  }
  outbound->inflight.clear();
  for (const auto& group : groups) {
    const std::vector<Subscription*> members = group->members;
    for (const Subscription* member : members) {
      if (member->session != &session) pump(*member->session);
    }
  }
}

}  // namespace tenon::protocol_mqtt
