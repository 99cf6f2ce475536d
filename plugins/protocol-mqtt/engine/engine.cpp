// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/engine.hpp"

#include <algorithm>
#include <exception>
#include <random>

#include "protocol-mqtt/engine/link.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {

using mqtt::ReasonCode;

Engine::Engine(const EngineSettings& settings, Outside& outside)
    : settings_(settings),
      outside_(outside),
      waiting_memory_(settings.waiting_bytes_max),
      retained_(settings.retained_max, settings.retained_bytes_max),
      id_seed_((static_cast<std::uint64_t>(std::random_device{}()) << 32) | std::random_device{}()) {}

Engine::~Engine() = default;

void Engine::opened(Link& link) {
  link.id = ++last_link_id_;
  ++link_count_;
  ++counters_.sockets;
  counters_.connections_max = std::max<std::uint64_t>(counters_.connections_max, link_count_);
  watch(link);
}

void Engine::closed(Link& link) {
  const std::uint64_t id = std::exchange(link.id, 0);
  if (id == 0) return;
  --link_count_;
  publishers_.erase(id);
  link.unlink();
}

void Engine::watch(Link& link) { wheel_.put(link, link.look_at_ms()); }

Session* Engine::find_session(std::string_view client_id) const {
  const auto found = sessions_.find(client_id);
  return found == sessions_.end() ? nullptr : found->get();
}

std::string Engine::new_client_id() {
  std::string id;
  do {
    id = text("tenon-", id_seed_++);
  } while (find_session(id) != nullptr);
  return id;
}

Engine::Admission Engine::admit(std::string_view client_id, bool clean_start) {
  if (Session* old = find_session(client_id); old != nullptr && old->link != nullptr) {
    old->link->disconnect(ReasonCode::session_taken_over, "the client has connected again", LinkEnd::taken_over);
  }
  // One that is not kept is there for its will only: it ended with the process before this one.
  if (Session* old = find_session(client_id); old != nullptr && (clean_start || !old->kept())) {
    publish_will(*old);
    end_session(*old);
  }
  if (Session* old = find_session(client_id)) {
    clear_timers(*old);
    old->will.reset();  // its delay is not over: the client is back
    old->disconnected_at_ms = 0;
    return {old->shared_from_this(), true};
  }
  if (sessions_.size() >= settings_.sessions_max) return {};
  return {*sessions_.insert(std::make_shared<Session>(client_id)).first, false};
}

void Engine::detach(Session& session, LinkEnd end) {
  const std::shared_ptr<Session> alive = session.shared_from_this();
  session.link = nullptr;
  session.disconnected_at_ms = outside_.now_ms();
  if (end == LinkEnd::normal) session.will.reset();
  if (Outbound* outbound = session.outbound_if_any()) {
    for (Inflight& inflight : outbound->inflight()) inflight.on_wire = false;
  }
  if (end == LinkEnd::shutdown && session.kept()) return touch(session);
  if (session.will && (!session.kept() || session.will->delay_s == 0)) publish_will(session);
  if (!session.kept()) return end_session(session);
  set_timers(session);
  touch(session);
}

void Engine::set_expiry(Session& session, std::uint32_t expiry_s) {
  const bool before = session.kept();
  session.expiry_s = expiry_s;
  if (before == session.kept()) return;
  for (const auto& group : session.groups) before ? --group->kept_members : ++group->kept_members;
  if (before) lend_inflight(session);
}

/// Forgets everything of the session. Shared messages go back to their groups.
void Engine::end_session(Session& session) {
  const std::shared_ptr<Session> alive = session.shared_from_this();
  clear_timers(session);
  give_back(session);
  while (!session.subscriptions.empty()) {
    const auto last = std::prev(session.subscriptions.end());
    remove_subscription(**last);
    session.subscriptions.erase(last);
  }
  session.drop_outbound();
  const bool journal_knows = session.kept() || session.noted != Noted::nothing;
  session.expiry_s = 0;
  session.will.reset();
  sessions_.erase(alive);
  if (journal_knows) list_changed(session);
}

void Engine::tick() {
  constexpr std::int64_t kSweepPeriodMs = 60'000;
  const std::int64_t now = outside_.now_ms();
  run_timers(now);
  const std::int64_t steady = outside_.steady_ms();
  wheel_.turn(steady, [&](Wheeled& wheeled) {
    auto& link = static_cast<Link&>(wheeled);
    try {
      link.check_timeout(steady);
    } catch (const std::exception&) {
      link.fail();
    }
    if (link.finished()) return;
    link.release_idle_memory();
    watch(link);
  });
  if (now < next_expiry_sweep_ms_) return;
  next_expiry_sweep_ms_ = now + kSweepPeriodMs;
  retained_.remove_expired(now);
}

void Engine::shut_down(ReasonCode reason, std::string_view why) {
  while (Wheeled* wheeled = wheel_.any()) {
    auto& link = static_cast<Link&>(*wheeled);
    link.disconnect(reason, why, LinkEnd::shutdown);
  }
}

void Engine::for_each_unsent(const std::function<void(std::size_t bytes)>& visit) const {
  wheel_.for_each([&](const Wheeled& wheeled) {
    const std::size_t bytes = static_cast<const Link&>(wheeled).unsent_bytes();
    if (bytes > 0) visit(bytes);
  });
}

bool Engine::kick(std::string_view client_id) {
  Session* session = find_session(client_id);
  if (session == nullptr) return false;
  if (session->link != nullptr) {
    session->link->disconnect(ReasonCode::administrative_action, "ended by an operator", LinkEnd::with_will);
  }
  if (Session* kept = find_session(client_id)) {
    publish_will(*kept);
    end_session(*kept);
  }
  return true;
}

bool Engine::anybody_wants(std::string_view topic) {
  bool any = false;
  if (subscription_count_ > 0) tree_.match(topic, [&any](const FilterSubscriptions&) { any = true; });
  return any;
}

std::uint64_t Engine::begin_store(Link& link, std::uint16_t packet_id, std::uint8_t qos, bool heard) {
  const std::uint64_t token = ++last_token_;
  pending_.emplace_hint(pending_.end(), token,
                        PendingStore{link.id, link.session()->weak_from_this(), packet_id, qos, heard});
  publishers_.try_emplace(link.id, &link);
  return token;
}

Engine::PendingStore Engine::take_pending(std::uint64_t token) {
  const auto found = pending_.find(token);
  if (found == pending_.end()) return {};  // a will
  PendingStore pending = std::move(found->second);
  pending_.erase(found);
  return pending;
}

Link* Engine::link_of(const PendingStore& pending) const {
  const auto found = publishers_.find(pending.link_id);
  return found == publishers_.end() ? nullptr : found->second;
}

std::uint64_t Engine::begin_judgement(Link& link) {
  judged_links_.emplace(++last_token_, &link);
  return last_token_;
}

void Engine::judged(std::uint64_t token, ReasonCode verdict) {
  const auto found = judged_links_.find(token);
  if (found == judged_links_.end()) return;
  Link& link = *found->second;
  try {
    link.judged(verdict);
  } catch (const std::exception&) {  // it would wait for its answer for ever
    link.fail();
  }
}

void Engine::stored(std::uint64_t token, ReasonCode outcome) {
  const PendingStore pending = take_pending(token);
  const std::shared_ptr<Session> session = pending.session.lock();
  bool asked_again = false;
  if (session && pending.qos == 2) {
    if (InboundId* id = session->inbound.find(pending.packet_id)) {
      id->stored = true;
      asked_again = id->asked_again;
      if (is_error(outcome)) session->inbound.forget(pending.packet_id);
    }
    touch(*session);
  }
  const bool unheard = outcome == ReasonCode::success && !pending.heard;
  if (Link* link = link_of(pending)) {
    return link->store_finished(pending.packet_id, pending.qos,
                                unheard ? ReasonCode::no_matching_subscribers : outcome);
  }
  if (asked_again && session->online()) session->link->answer_stored(pending.packet_id, pending.qos, outcome);
}

void Engine::stored_unsafely(std::uint64_t token) {
  constexpr std::string_view kWhy = "a message is stored, but not as safe as promised";
  const PendingStore pending = take_pending(token);
  const std::shared_ptr<Session> session = pending.session.lock();
  Link* const link = link_of(pending);
  if (pending.qos < 2) {
    if (link != nullptr) link->store_finished(pending.packet_id, pending.qos, ReasonCode::unspecified_error);
    return;
  }
  // An answer would free the identifier while the log has the message: it comes again, and then it is known.
  if (InboundId* id = session ? session->inbound.find(pending.packet_id) : nullptr) id->stored = id->in_log = true;
  if (session) touch(*session);
  if (link != nullptr) link->store_abandoned();
  if (session && session->online()) {
    session->link->disconnect(ReasonCode::unspecified_error, kWhy, LinkEnd::with_will);
  }
}

void Engine::held_back_no_more(Session& session, InboundId& id) {
  id.held_back = false;
  id.stored = true;
  touch(session);
  const bool asked_again = std::exchange(id.asked_again, false);
  if (asked_again && session.online()) session.link->answer_stored(id.packet_id, 2, ReasonCode::success);
}

void Engine::touch(Session& session, bool with_subscriptions) {
  if (!session.kept()) return;
  session.subscriptions_changed |= with_subscriptions;
  list_changed(session);
}

void Engine::touch_state(Session& session) {
  if (session.to_be_noted() != Noted::nothing || session.noted != Noted::nothing) list_changed(session);
}

void Engine::list_changed(Session& session) {
  if (std::exchange(session.changed, true)) return;
  changed_.push_back(session.shared_from_this());
}

std::vector<std::shared_ptr<Session>> Engine::take_changed() {
  for (const auto& session : changed_) session->changed = false;
  return std::exchange(changed_, {});
}

void Engine::touch(const std::shared_ptr<ShareGroup>& group) {
  if (!std::exchange(group->changed, true)) changed_groups_.push_back(group);
}

std::vector<std::shared_ptr<ShareGroup>> Engine::take_changed_groups() {
  for (const auto& group : changed_groups_) group->changed = false;
  return std::exchange(changed_groups_, {});
}

bool Engine::restore_waiting(std::string_view shared_filter, Delivery delivery) {
  const auto is_it = [&](const auto& group) { return group.second->text() == shared_filter; };
  const auto found = std::ranges::find_if(groups_, is_it);
  if (found == groups_.end()) return false;
  found->second->waiting.push_back(std::move(delivery));
  return true;
}

Session& Engine::restore_session(std::string_view client_id) {
  return **sessions_.insert(std::make_shared<Session>(client_id)).first;
}

/// A client has some time to come back after a crash before its will is published.
void Engine::restored() {
  constexpr std::int64_t kGraceMs = 5'000;
  const std::int64_t now = outside_.now_ms();
  for (const auto& session : sessions_) {
    session->changed = session->subscriptions_changed = false;
    if (session->disconnected_at_ms == 0) session->disconnected_at_ms = now;
    set_timers(*session, now + kGraceMs);
  }
  changed_.clear();
  // Their queues get new numbers, so they are noted anew.
  for (const auto& [id, group] : groups_) touch(group->shared_from_this());
}

}  // namespace tenon::protocol_mqtt
