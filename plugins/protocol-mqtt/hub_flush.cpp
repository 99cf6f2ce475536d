// SPDX-License-Identifier: Apache-2.0
// What leaves at the end of a turn, and what has to wait since a crash would make it untrue.
#include <boost/asio/post.hpp>
#include <utility>

#include "protocol-mqtt/hub.hpp"
#include "protocol-mqtt/transport/connection.hpp"

namespace tenon::protocol_mqtt {
namespace {

/// As long as the kernel lets a message wait by default.
constexpr std::chrono::milliseconds kGateTime{5'000};

}  // namespace

void Hub::flush_listed() noexcept {
  if (!journal_.behind()) {
    for (const auto& connection : std::exchange(held_back_, {})) flush_or_hold_back(connection);
  }
  for (const auto& connection : std::exchange(to_flush_, {})) flush_or_hold_back(connection);
  if (std::exchange(to_flush_missing_, false)) {
    for (const auto& connection : connections_) flush_or_hold_back(connection);
  }
  wait_for_gates();
}

/// While the journal is behind, and until what it has written is safe, clients of kept sessions are told nothing; but
/// that they have to go they are.
void Hub::flush_or_hold_back(const std::shared_ptr<Connection>& connection) noexcept {
  if (fenced_ || !connection->speaks_of_kept()) return connection->flush();
  const bool behind = journal_.behind();
  if (!behind && safe_end_.is_safe(journal_.written_to())) return connection->flush();
  const auto hold_back = [&] {
    if (behind) return held_back_.push_back(connection);
    withheld_.emplace_back(journal_.written_to(), connection);
    if (!connection->withhold()) withheld_.pop_back();
  };
  if (!attempt("holding output back", hold_back)) to_flush_missing_ = true;
}

/// One question at a time, for all that waits: what comes meanwhile is in the next.
void Hub::wait_for_gates() noexcept {
  if (withheld_.empty() || gates_asked_) return;
  const PhysicalOffset end = withheld_.back().first;
  gates_asked_at_ms_ = steady_ms();
  gates_asked_ = true;
  const auto over = [self = weak_from_this(), executor = executor_, end](const Status& safe) {
    boost::asio::post(executor, [self, end, safe] {
      if (const auto hub = self.lock()) hub->gates_answered(end, safe);
    });
  };
  // Else that of the next second does.
  if (!attempt("waiting for commit gates", [&] { safe_end_.wait_for(end, kGateTime, over); })) gates_asked_ = false;
}

/// What is not safe in time is told all the same: MQTT has no words for it, and the client would wait for ever. Not by
/// a broker that is not the master any more, which may be why it is not safe.
void Hub::gates_answered(PhysicalOffset end, const Status& safe) noexcept {
  if (stopped_) return;
  const Turn turn(*this);
  gates_asked_ = false;
  if (!safe) attempt("looking at the role", [this] { look_at_role(); });
  if (!safe && !fenced_ && unsafe_notes_++ % 1000 == 0) {
    log().warn("state of sessions is not as safe as promised (", unsafe_notes_, " so far): ", safe.error().message());
  }
  while (!withheld_.empty() && !(end < withheld_.front().first)) {
    withheld_.front().second->release();
    withheld_.pop_front();
  }
}

/// The next master may not have it, so nobody is told; the client comes again, to the next master.
void Hub::drop_what_is_not_safe() noexcept {
  const auto drop = [this](Connection& connection) {
    if (connection.closed()) return;
    connection.close_now();
    remove(connection);
  };
  for (const auto& connection : std::exchange(held_back_, {})) drop(*connection);
  for (const auto& [end, connection] : std::exchange(withheld_, {})) drop(*connection);
}

/// An answer that could not be posted, for want of memory, is given up.
void Hub::look_after_gates() noexcept {
  if (gates_asked_ && steady_ms() > gates_asked_at_ms_ + 2 * kGateTime.count()) {
    gates_answered(withheld_.empty() ? PhysicalOffset{0} : withheld_.back().first, Error(Errc::internal, "no answer"));
  }
}

}  // namespace tenon::protocol_mqtt
