// SPDX-License-Identifier: Apache-2.0
// The window of messages under way to a session: what is sent, sent again, confirmed.
#include <algorithm>

#include "protocol-mqtt/engine/engine.hpp"
#include "protocol-mqtt/engine/link.hpp"

namespace tenon::protocol_mqtt {

using mqtt::PacketType;
using mqtt::ReasonCode;

namespace {

bool is_over(const Message& message, std::int64_t now_ms) {
  return message.expires_at_ms != 0 && message.expires_at_ms <= now_ms;
}

}  // namespace

bool Engine::window_open(Session& session) {
  if (!session.online() || session.link->output_full()) return false;
  const Outbound* out = session.outbound_if_any();
  return out == nullptr || (!out->resending && out->inflight().size() < session.link->window());
}

/// Looks the message up. False when nobody has it any more.
bool Engine::with_message(const Delivery& delivery, const std::function<void(const Message&)>& use) {
  if (const OwnedMessagePtr retained = delivery.retained.lock()) {
    use(retained->view());
    return true;
  }
  return outside_.load(delivery.place, use);
}

/// Sends a message of the window; `message` if the caller has it at hand. What cannot be sent is finished silently.
void Engine::send_inflight(Session& session, Inflight& inflight, const Message* message) {
  inflight.on_wire = true;
  const bool dup = std::exchange(inflight.sent_before, true);
  bool sent = false;
  const auto send = [&](const Message& it) {
    if (!dup && is_over(it, outside_.now_ms())) return;
    sent = session.link->send_message(it, inflight.delivery, inflight.packet_id, dup,
                                      session.outbound().identifiers(inflight.delivery.ids));
  };
  message != nullptr ? send(*message) : void(with_message(inflight.delivery, send));
  if (sent) return;
  ++counters_.publishes_dropped;
  settle(session, inflight.delivery);
  session.outbound().erase(inflight.packet_id);
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
  Outbound* out = session.outbound_if_any();
  const bool window_full = out != nullptr && out->inflight().size() >= session.link->window();
  if (out == nullptr || out->waiting.empty()) return !window_full && next_shared(session, delivery);
  if (window_full && out->waiting.front().qos > 0) return false;
  delivery = out->take_waiting();
  return true;
}

bool Engine::next_shared(Session& session, Delivery& delivery) {
  for (const auto& group : session.groups) {
    if (group->waiting.empty() || !may_read(session, group->waiting.front())) continue;
    const auto member = std::ranges::find(group->members, &session, &Subscription::session);
    if (member == group->members.end()) continue;
    delivery = group->take_waiting();
    touch(group);
    delivery.group = group->id();
    delivery.qos = std::min(delivery.qos, (*member)->options.qos);
    delivery.retain = delivery.retain && (*member)->options.retain_as_published;
    delivery.ids = outbound(session).index_of((*member)->identifiers());
    lend(session, *group, delivery);
    return true;
  }
  return false;
}

void Engine::start_delivery(Session& session, Delivery delivery) {
  Outbound& out = outbound(session);
  if (delivery.qos > 0) return send_inflight(session, out.begin(std::move(delivery)), nullptr);
  bool sent = false;
  with_message(delivery, [&](const Message& it) {
    if (is_over(it, outside_.now_ms())) return;
    sent = session.link->send_message(it, delivery, 0, false, out.identifiers(delivery.ids));
  });
  if (!sent) ++counters_.publishes_dropped;
}

void Engine::pump(Session& session) {
  Outbound* out = session.outbound_if_any();
  if (!session.online() || (out == nullptr && session.groups.empty())) return;
  if (out != nullptr && out->resending && !resend_inflight(session)) return touch(session);
  bool any = false;
  Delivery delivery;
  while (!session.link->output_full() && next_waiting(session, delivery)) {
    start_delivery(session, std::move(delivery));
    any = true;
  }
  if (any) touch(session);
}

/// On a new connection: what was under way goes out again, in its order, before anything new.
void Engine::resend(Session& session) {
  if (Outbound* out = session.outbound_if_any()) out->resending = !out->inflight().empty();
  touch(session);
  pump(session);
}

/// False when something is left that must go out again later: the window or the output is full.
bool Engine::resend_inflight(Session& session) {
  Outbound& out = session.outbound();
  std::vector<std::uint16_t> ids;
  for (const Inflight& inflight : out.inflight()) {
    if (!inflight.on_wire) ids.push_back(inflight.packet_id);
  }
  std::size_t on_wire = out.inflight().size() - ids.size();
  for (const std::uint16_t id : ids) {
    if (on_wire >= session.link->window() || session.link->output_full()) return false;
    Inflight& inflight = *out.find(id);
    if (inflight.received) {
      inflight.on_wire = true;
      session.link->send_answer(PacketType::pubrel, id, ReasonCode::success);
    } else {
      send_inflight(session, inflight, nullptr);
    }
    if (out.find(id) != nullptr) ++on_wire;  // else it does not fit this client, and is finished
  }
  out.resending = false;
  return true;
}

/// A QoS 1 message of a group goes to a session that ends with the process, but the group does not.
void Engine::lend(const Session& session, ShareGroup& group, const Delivery& delivery) {
  if (delivery.qos != 1 || session.kept() || group.kept_members == 0) return;
  group.lend(delivery.place);
  touch(group.shared_from_this());
}

/// The session does not outlive the process any more, nor does what the journal knew of its window.
void Engine::lend_inflight(const Session& session) {
  const Outbound* out = session.outbound_if_any();
  if (out == nullptr) return;
  for (const Inflight& inflight : out->inflight()) {
    const auto group = groups_.find(inflight.delivery.group);
    if (group != groups_.end()) lend(session, *group->second, inflight.delivery);
  }
}

void Engine::settle(const Session& session, const Delivery& delivery) {
  if (delivery.group == 0 || session.kept()) return;
  const auto group = groups_.find(delivery.group);
  if (group != groups_.end() && group->second->settle(delivery.place)) touch(group->second->shared_from_this());
}

void Engine::confirmed(Session& session, std::uint16_t packet_id) {
  if (const Inflight* inflight = session.outbound().find(packet_id)) settle(session, inflight->delivery);
  session.outbound().erase(packet_id);
  touch(session);
  pump(session);
}

/// Shared QoS 1 messages that an ended session leaves unconfirmed go to the other members.
void Engine::give_back(Session& session) {
  Outbound* out = session.outbound_if_any();
  if (out == nullptr) return;
  std::set<ShareGroup*> receivers;
  for (auto inflight = out->inflight().rbegin(); inflight != out->inflight().rend(); ++inflight) {
    const auto group = groups_.find(inflight->delivery.group);
    if (group == groups_.end() || inflight->delivery.qos != 1) continue;
    group->second->settle(inflight->delivery.place);
    inflight->delivery.ids = 0;
    inflight->delivery.group = 0;
    group->second->give_back(std::move(inflight->delivery));
    touch(group->second->shared_from_this());
    receivers.insert(group->second);
  }
  out->inflight().clear();
  for (const ShareGroup* group : receivers) {
    const std::vector<Subscription*> members = group->members;
    for (const Subscription* member : members) {
      if (member->session != &session) pump(*member->session);
    }
  }
}

}  // namespace tenon::protocol_mqtt
