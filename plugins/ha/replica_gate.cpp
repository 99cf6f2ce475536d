// SPDX-License-Identifier: Apache-2.0
#include "ha/replica_gate.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace tenon::ha {

void ReplicaGate::wait_for(PhysicalOffset end, Clock::time_point deadline, Passed passed) {
  std::optional<Status> now;
  {
    // confirm() and give_up() look for waiters under the lock, so they miss none.
    const std::scoped_lock lock(mutex_);
    if (is_safe(end)) {
      now.emplace();
    } else if (!available_) {
      now = Error(Errc::slave_not_available, "fewer slaves follow than in_sync_replicas asks for");
    } else {
      auto place = waiters_.end();
      while (place != waiters_.begin() && end < std::prev(place)->end) --place;
      waiters_.insert(place, {end, std::min(deadline, Clock::now() + timeout_), std::move(passed)});
    }
  }
  if (now) passed(*now);
}

void ReplicaGate::confirm(PhysicalOffset end) {
  if (end.value <= confirmed_.load(std::memory_order_relaxed)) return;
  std::vector<Waiter> through;
  {
    const std::scoped_lock lock(mutex_);
    confirmed_.store(end.value, std::memory_order_release);
    const auto stay = std::ranges::upper_bound(waiters_, end, {}, &Waiter::end);
    through.assign(std::make_move_iterator(waiters_.begin()), std::make_move_iterator(stay));
    waiters_.erase(waiters_.begin(), stay);
  }
  for (const Waiter& waiter : through) waiter.passed({});
}

void ReplicaGate::expire(Clock::time_point now) {
  std::vector<Waiter> late;
  {
    const std::scoped_lock lock(mutex_);
    const auto stay = std::ranges::stable_partition(waiters_, [now](const Waiter& one) { return one.deadline > now; });
    if (stay.empty()) return;
    late.assign(std::make_move_iterator(stay.begin()), std::make_move_iterator(stay.end()));
    waiters_.erase(stay.begin(), stay.end());
  }
  const Error error(Errc::flush_slave_timeout, "the slaves did not confirm in time");
  for (const Waiter& waiter : late) waiter.passed(error);
}

void ReplicaGate::give_up() {
  std::deque<Waiter> all;
  {
    const std::scoped_lock lock(mutex_);
    available_ = false;
    confirmed_.store(0, std::memory_order_release);
    all.swap(waiters_);
  }
  const Error error(Errc::slave_not_available, "this broker is no longer the master");
  for (const Waiter& waiter : all) waiter.passed(error);
}

}  // namespace tenon::ha
