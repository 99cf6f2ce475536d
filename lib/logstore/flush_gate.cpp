// SPDX-License-Identifier: Apache-2.0
#include "logstore/flush_gate.hpp"

#include <algorithm>
#include <iterator>

namespace tenon::logstore {

void FlushGate::add(PhysicalOffset end, Clock::time_point deadline, CommitGate::Passed passed) {
  {
    const std::lock_guard lock(mutex_);
    if (!failed_) {
      waiters_.push_back({end, deadline, std::move(passed)});
      return;
    }
  }
  passed(*failed_);  // set once
}

std::size_t FlushGate::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiters_.size();
}

template <class Predicate>
std::vector<FlushGate::Waiter> FlushGate::take(Predicate predicate) {
  const std::lock_guard lock(mutex_);
  const auto stay =
      std::stable_partition(waiters_.begin(), waiters_.end(), [&](const Waiter& waiter) { return !predicate(waiter); });
  std::vector<Waiter> taken(std::make_move_iterator(stay), std::make_move_iterator(waiters_.end()));
  waiters_.erase(stay, waiters_.end());
  return taken;
}

std::size_t FlushGate::pass(PhysicalOffset flushed) {
  const auto through = take([&](const Waiter& one) { return one.end <= flushed; });
  for (const Waiter& waiter : through) waiter.passed({});
  return through.size();
}

void FlushGate::expire(Clock::time_point now) {
  if (empty()) return;
  const Error late(Errc::flush_disk_timeout, "the flush to disk takes longer than sync_flush_timeout");
  for (const Waiter& waiter : take([&](const Waiter& one) { return one.deadline <= now; })) waiter.passed(late);
}

void FlushGate::fail(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (!failed_) failed_.emplace(error);
  }
  for (const Waiter& waiter : take([](const Waiter&) { return true; })) waiter.passed(error);
}

}  // namespace tenon::logstore
