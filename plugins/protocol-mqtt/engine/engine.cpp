// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/engine.hpp"

#include <algorithm>
#include <random>

#include "protocol-mqtt/engine/link.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {

using mqtt::ReasonCode;

Engine::Engine(const EngineSettings& settings, Outside& outside)
    : settings_(settings),
      outside_(outside),
      retained_(settings.retained_max, settings.retained_bytes_max),
      id_seed_((static_cast<std::uint64_t>(std::random_device{}()) << 32) | std::random_device{}()) {}

Engine::~Engine() = default;

void Engine::opened(Link& link) {
  link.id = ++last_link_id_;
  links_.emplace(link.id, &link);
  counters_.connections_max = std::max<std::uint64_t>(counters_.connections_max, links_.size());
}

void Engine::closed(Link& link) { links_.erase(link.id); }

std::string Engine::new_client_id() {
  std::string id;
  do {
    id = text("tenon-", id_seed_++);
  } while (sessions_.contains(id));
  return id;
}

Engine::Admission Engine::admit(std::string_view client_id, bool clean_start) {
  auto found = sessions_.find(client_id);
  if (found != sessions_.end() && found->second->link != nullptr) {
    const std::shared_ptr<Session> old = found->second;
    old->link->disconnect(ReasonCode::session_taken_over, "the client has connected again", LinkEnd::taken_over);
    found = sessions_.find(client_id);
  }
  if (found != sessions_.end() && clean_start) {
    const std::shared_ptr<Session> old = found->second;
    publish_will(*old);
    end_session(*old);
    found = sessions_.end();
  }
  if (found != sessions_.end()) {
    clear_timers(*found->second);
    found->second->will.reset();  // its delay is not over: the client is back
    found->second->disconnected_at_ms = 0;
    return {found->second, true};
  }
  if (sessions_.size() >= settings_.sessions_max) return {};
  auto session = std::make_shared<Session>(client_id);
  sessions_.emplace(session->client_id, session);
  return {session, false};
}

void Engine::detach(Session& session, LinkEnd end) {
  const std::shared_ptr<Session> alive = session.shared_from_this();
  session.link = nullptr;
  session.disconnected_at_ms = outside_.now_ms();
  if (end == LinkEnd::normal) session.will.reset();
  if (Outbound* outbound = session.outbound_if_any()) {
    for (Inflight& inflight : outbound->inflight) inflight.on_wire = false;
  }
  if (end == LinkEnd::shutdown && session.kept()) return touch(session);
  if (session.will && (!session.kept() || session.will_delay_s == 0)) publish_will(session);
  if (!session.kept()) return end_session(session);
  set_timers(session);
  touch(session);
}

/// Forgets everything of the session. Shared messages go back to their groups.
void Engine::end_session(Session& session) {
  const std::shared_ptr<Session> alive = session.shared_from_this();
  clear_timers(session);
  give_back(session);
  while (!session.subscriptions.empty()) {
    const auto first = session.subscriptions.begin();
    remove_subscription(session, first->first, first->second);
    session.subscriptions.erase(first);
  }
  const bool was_kept = session.kept();
  session.expiry_s = 0;
  sessions_.erase(session.client_id);
  if (!was_kept || session.changed) return;
  session.changed = true;
  changed_.push_back(alive);
}

void Engine::publish_will(Session& session) {
  if (!session.will) return;
  const OwnedMessagePtr will = std::move(session.will);
  session.will.reset();
  if (is_reserved(will->topic)) return;
  if (!outside_.may(Access::write, session.client_id, session.user_name, will->topic)) return;
  IncomingMessage incoming;
  incoming.message = will->view();
  incoming.message.retain = session.will_retain;
  if (will->expires_at_ms != 0) {  // until now an interval: it begins with the publication
    incoming.message.expires_at_ms = outside_.now_ms() + will->expires_at_ms;
  }
  incoming.user_name = session.user_name;
  outside_.store(incoming, 0);
}

void Engine::set_timers(Session& session) {
  const std::int64_t from = session.disconnected_at_ms;
  constexpr std::uint32_t kNever = 0xFFFF'FFFF;
  if (session.expiry_s != kNever) {
    session.expires_due_ms = from + std::int64_t{1000} * session.expiry_s;
    timers_.emplace(session.expires_due_ms, &session);
  }
  if (session.will && session.will_delay_s < session.expiry_s) {
    session.will_due_ms = from + std::int64_t{1000} * session.will_delay_s;
    timers_.emplace(session.will_due_ms, &session);
  }
}

void Engine::clear_timers(Session& session) {
  timers_.erase({session.expires_due_ms, &session});
  timers_.erase({session.will_due_ms, &session});
  session.expires_due_ms = session.will_due_ms = 0;
}

void Engine::run_timers(std::int64_t now_ms) {
  while (!timers_.empty() && timers_.begin()->first <= now_ms) {
    const std::shared_ptr<Session> session = timers_.begin()->second->shared_from_this();
    timers_.erase(timers_.begin());
    if (session->will_due_ms != 0 && session->will_due_ms <= now_ms) {
      session->will_due_ms = 0;
      publish_will(*session);
      touch(*session);
    }
    if (session->expires_due_ms != 0 && session->expires_due_ms <= now_ms) {
      publish_will(*session);
      end_session(*session);
      ++counters_.sessions_expired;
    }
  }
}

void Engine::tick() {
  constexpr std::int64_t kSweepPeriodMs = 60'000;
  const std::int64_t now = outside_.now_ms();
  run_timers(now);
  std::vector<std::uint64_t> ids;
  ids.reserve(links_.size());
  for (const auto& [id, link] : links_) ids.push_back(id);
  for (const std::uint64_t id : ids) {
    const auto link = links_.find(id);
    if (link != links_.end()) link->second->check_timeout(now);
  }
  if (now < next_expiry_sweep_ms_) return;
  next_expiry_sweep_ms_ = now + kSweepPeriodMs;
  retained_.remove_expired(now);
}

void Engine::shut_down() {
  shut_down_ = true;
  while (!links_.empty()) {
    links_.begin()->second->disconnect(ReasonCode::server_shutting_down, "the server is shutting down",
                                       LinkEnd::shutdown);
  }
}

bool Engine::kick(std::string_view client_id) {
  const auto found = sessions_.find(client_id);
  if (found == sessions_.end()) return false;
  const std::shared_ptr<Session> session = found->second;
  if (session->link != nullptr) {
    session->link->disconnect(ReasonCode::administrative_action, "ended by an operator", LinkEnd::with_will);
  }
  if (sessions_.contains(client_id)) {
    publish_will(*session);
    end_session(*session);
  }
  return true;
}

std::uint64_t Engine::begin_store(Link& link, std::uint16_t packet_id, std::uint8_t qos) {
  const std::uint64_t token = ++last_token_;
  pending_.emplace(token, PendingStore{link.id, link.session()->weak_from_this(), packet_id, qos});
  return token;
}

void Engine::stored(std::uint64_t token, ReasonCode outcome) {
  const auto found = pending_.find(token);
  if (found == pending_.end()) return;  // a will
  const PendingStore pending = found->second;
  pending_.erase(found);
  const auto link = links_.find(pending.link_id);
  const std::shared_ptr<Session> session = pending.session.lock();
  bool asked_again = false;
  if (session && pending.qos == 2) {
    if (InboundId* id = session->find_inbound(pending.packet_id)) {
      id->stored = true;
      asked_again = id->asked_again;
      if (is_error(outcome)) session->forget_inbound(pending.packet_id);
    }
    touch(*session);
  }
  if (link != links_.end()) return link->second->store_finished(pending.packet_id, pending.qos, outcome);
  if (asked_again && session->online()) session->link->answer_stored(pending.packet_id, pending.qos, outcome);
}

void Engine::touch(Session& session, bool with_subscriptions) {
  if (!session.kept()) return;
  session.subscriptions_changed |= with_subscriptions;
  if (session.changed) return;
  session.changed = true;
  changed_.push_back(session.shared_from_this());
}

std::vector<std::shared_ptr<Session>> Engine::take_changed() {
  for (const auto& session : changed_) session->changed = false;
  return std::exchange(changed_, {});
}

std::shared_ptr<Session> Engine::restore_session(std::string_view client_id) {
  auto session = std::make_shared<Session>(client_id);
  return sessions_.try_emplace(session->client_id, session).first->second;
}

void Engine::restored() {
  for (const auto& [id, session] : sessions_) {
    session->changed = session->subscriptions_changed = false;
    if (session->disconnected_at_ms == 0) session->disconnected_at_ms = outside_.now_ms();
    set_timers(*session);
  }
  changed_.clear();
}

}  // namespace tenon::protocol_mqtt
