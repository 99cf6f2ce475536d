// SPDX-License-Identifier: Apache-2.0
// Where a connection lives. One whose client reads what is far behind the end of the log gets its answers from another
// thread than those that bring messages: they would wait for it, for as long as it takes to copy what it reads.
#include "protocol-native/connection.hpp"
#include "tenon/thread_check.hpp"

namespace tenon::protocol_native {
namespace {

/// How long after the last of such reads a client is taken to go on with them.
constexpr std::int32_t kCatchUpSeconds = 2;

}  // namespace

void Connection::note_distance(std::int64_t bytes_behind) {
  const std::int64_t far = server().settings.catch_up_distance;
  if (far == 0 || bytes_behind < far) return;
  far_second_ = loop().second();
  if (&loop_to_live_on() != &loop()) loop().move_later(*this);
}

bool Connection::catches_up() const noexcept {
  return far_second_ != 0 && loop().seconds_since(far_second_) <= kCatchUpSeconds;
}

NetLoop& Connection::loop_to_live_on() const noexcept {
  NetLoop* const aside = home_.catch_up_loop();
  return aside != nullptr && catches_up() ? *aside : home_;
}

/// Work on the disk and calls end on the thread they began on. The outcomes of sends and pulls find their way.
bool Connection::may_move() noexcept { return is_open() && disk_work_ == 0 && !loop().calls().waits_for(*this); }

void Connection::move_if_it_can() {
  NetLoop& next = loop_to_live_on();
  if (&next == &loop() || !may_move()) return;
  loop().leave(*this);
  has_arrived_ = false;
  has_moved_.store(true, std::memory_order_relaxed);
  loop_.store(&next, std::memory_order_release);
  boost::asio::post(next.executor(), [self = shared_from_this()] { self->arrive(); });
}

void Connection::arrive() {
  NetLoop& here = loop();
  TENON_ASSERT_ON(here.executor());
  const NetLoop::Turn turn(here);
  has_arrived_ = true;
  here.add(self_);
  if (here.is_stopped()) return close_now("the broker stops");
  if (!here.readiness().watch(*this)) return close_now("the system watches no more sockets");
  watch_again();
}

/// The caller is on a thread that has been, or is, this connection's.
bool Connection::is_on_own_thread() const noexcept { return runs_on(executor()) && has_arrived_; }

void Connection::send_on(std::uint64_t token, const Result<PublishReceipt>& outcome) {
  on_own_thread([this, token, outcome] { published(token, outcome); });
}

void Connection::send_on(std::uint64_t token, Result<PullOutcome>&& outcome) {
  on_own_thread([this, token, outcome = std::move(outcome)]() mutable { pulled(token, std::move(outcome)); });
}

}  // namespace tenon::protocol_native
