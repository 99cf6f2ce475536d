// SPDX-License-Identifier: Apache-2.0
#include "ha/replica_gate.hpp"

#include <algorithm>
#include <iterator>

namespace tenon::ha {

void ReplicaGate::wait_for(PhysicalOffset end, Clock::time_point deadline, Passed passed) {
  Status now;
  {
    // confirm() and give_up() look for waiters under the lock, so they miss none.
    const std::scoped_lock lock(mutex_);
    const bool safe = is_safe(end);
    if (!safe && available_) {
      auto place = waiters_.end();
      while (place != waiters_.begin() && end < std::prev(place)->end) --place;
      waiters_.insert(place, {end, std::min(deadline, Clock::now() + timeout_), std::move(passed)});
      return;
    }
    if (!safe) now = Error(Errc::slave_not_available, "fewer slaves follow than in_sync_replicas asks for");
  }
  passed(now);
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
    // clang 14, which runs clang-tidy, does not compile the subrange of std::ranges::stable_partition.
    const auto gone = std::stable_partition(waiters_.begin(), waiters_.end(),
                                            [now](const Waiter& one) { return one.deadline > now; });
    if (gone == waiters_.end()) return;
    late.assign(std::make_move_iterator(gone), std::make_move_iterator(waiters_.end()));
    waiters_.erase(gone, waiters_.end());
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
