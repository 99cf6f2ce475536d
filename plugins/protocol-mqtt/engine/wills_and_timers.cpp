// SPDX-License-Identifier: Apache-2.0
// What happens to a session while its client is away: its will, and its end.
#include <algorithm>

#include "protocol-mqtt/engine/engine.hpp"

namespace tenon::protocol_mqtt {

void Engine::publish_will(Session& session) {
  const std::unique_ptr<SessionWill> will = std::move(session.will);
  if (!will || is_reserved(will->message.topic)) return;
  if (!outside_.may(Access::write, session.client_id, session.user_name, will->message.topic)) return;
  IncomingMessage incoming;
  incoming.message = will->message.view();
  incoming.message.retain = will->retain;
  if (will->message.expires_at_ms != 0) {  // until now an interval: it begins with the publication
    incoming.message.expires_at_ms = outside_.now_ms() + will->message.expires_at_ms;
  }
  incoming.user_name = session.user_name;
  outside_.store(incoming, 0);
}

/// A session that is not kept has none but that of its will: it was online when the process before this one ended.
void Engine::set_timers(Session& session, std::int64_t wills_not_before_ms) {
  const std::int64_t from = session.disconnected_at_ms;
  constexpr std::uint32_t kNever = 0xFFFF'FFFF;
  if (session.kept() && session.expiry_s != kNever) {
    session.expires_due_ms = from + std::int64_t{1000} * session.expiry_s;
    timers_.emplace(session.expires_due_ms, &session);
  }
  if (session.will && (session.will->delay_s < session.expiry_s || !session.kept())) {
    const std::int64_t delay_ms = session.kept() ? std::int64_t{1000} * session.will->delay_s : 0;
    session.will_due_ms = std::max(from + delay_ms, wills_not_before_ms);
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
      session->kept() ? touch(*session) : end_session(*session);
    }
    if (session->expires_due_ms != 0 && session->expires_due_ms <= now_ms) {
      publish_will(*session);
      end_session(*session);
      ++counters_.sessions_expired;
    }
  }
}

}  // namespace tenon::protocol_mqtt
