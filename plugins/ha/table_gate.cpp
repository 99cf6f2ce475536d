// SPDX-License-Identifier: Apache-2.0
#include "ha/table_gate.hpp"

#include <algorithm>

namespace tenon::ha {
namespace {

void call_all(const std::vector<std::function<void()>>& calls) {
  for (const auto& call : calls) call();
}

}  // namespace

void ReplicaTableGate::wait_for(TableCounters counters, Clock::time_point now, Passed passed) {
  const Followers followers = followers_();
  if (!followers.enough) {
    return passed(Error(Errc::slave_not_available,
                        "the change is made here, but fewer slaves follow than in_sync_replicas asks for"));
  }
  Calls calls;
  {
    const std::scoped_lock lock(mutex_);
    look_who_follows(followers, now);
    if (given_up_) {
      calls.emplace_back([passed = std::move(passed), why = *given_up_] { passed(why); });
    } else if (waiters_.size() >= kWaitersMax) {
      calls.emplace_back([passed = std::move(passed)] {
        passed(Error(Errc::busy, "the change is made here, but too many changes wait for slaves already"));
      });
    } else {
      waiters_.push_back({counters, now + timeout_, std::move(passed)});
      calls = settle(now);
    }
  }
  call_all(calls);
}

void ReplicaTableGate::give_up(const Error& why) {
  Calls calls;
  {
    const std::scoped_lock lock(mutex_);
    given_up_ = why;
    for (Waiter& waiter : waiters_) calls.emplace_back([passed = std::move(waiter.passed), why] { passed(why); });
    waiters_.clear();
    for (auto& [id, slave] : slaves_) {
      if (slave.wanted) calls.push_back(std::move(slave.wanted));
    }
    slaves_.clear();
  }
  call_all(calls);
}

void ReplicaTableGate::open() {
  const std::scoped_lock lock(mutex_);
  given_up_.reset();
}

bool ReplicaTableGate::heard(std::int64_t broker_id, TableCounters has, Clock::time_point now,
                             std::function<void()> wanted) {
  const Followers followers = followers_();
  Calls calls;
  {
    const std::scoped_lock lock(mutex_);
    look_who_follows(followers, now);
    if (speakers_.size() < kSpeakersMax) speakers_.insert(broker_id);
    const auto slave = slaves_.find(broker_id);
    if (given_up_ || slave == slaves_.end()) return false;
    slave->second.has = has;
    wanted.swap(slave->second.wanted);
    if (wanted) calls.push_back(std::move(wanted));
    std::ranges::move(settle(now), std::back_inserter(calls));
  }
  call_all(calls);
  return true;
}

void ReplicaTableGate::tick(const Followers& followers, Clock::time_point now) {
  Calls calls;
  {
    const std::scoped_lock lock(mutex_);
    look_who_follows(followers, now);
    calls = settle(now);
    const auto late = std::stable_partition(waiters_.begin(), waiters_.end(),
                                            [now](const Waiter& one) { return one.deadline > now; });
    for (auto waiter = late; waiter != waiters_.end(); ++waiter) {
      calls.emplace_back([passed = std::move(waiter->passed)] {
        passed(
            Error(Errc::flush_slave_timeout, "the change is made here, but the slaves did not take it over in time"));
      });
    }
    waiters_.erase(late, waiters_.end());
  }
  call_all(calls);
}

void ReplicaTableGate::look_who_follows(const Followers& followers, Clock::time_point now) {
  if (followers.look < look_) return;
  look_ = followers.look;
  enough_ = followers.enough;
  std::erase_if(slaves_, [&](const auto& slave) { return std::ranges::count(followers.broker_ids, slave.first) == 0; });
  for (const std::int64_t id : followers.broker_ids) slaves_.try_emplace(id, Slave{now, {}, {}});
}

bool ReplicaTableGate::is_through(const Waiter& waiter, Clock::time_point now) const {
  if (!enough_) return false;  // who left may come back in time
  return std::ranges::all_of(slaves_, [&](const auto& one) {
    const Slave& slave = one.second;
    if (slave.has) return slave.has->covers(waiter.counters);
    return now - slave.since >= kTimeToSpeak && !speakers_.contains(one.first);
  });
}

ReplicaTableGate::Calls ReplicaTableGate::settle(Clock::time_point now) {
  Calls calls;
  // clang 14, which runs clang-tidy, compiles neither the subrange of std::ranges::stable_partition nor bindings in
  // lambdas.
  const auto through =
      std::stable_partition(waiters_.begin(), waiters_.end(), [&](const Waiter& one) { return !is_through(one, now); });
  for (auto waiter = through; waiter != waiters_.end(); ++waiter)
    calls.emplace_back([passed = std::move(waiter->passed)] { passed({}); });
  waiters_.erase(through, waiters_.end());
  for (auto& entry : slaves_) {
    Slave& slave = entry.second;
    const auto lacks = [&](const Waiter& one) { return !slave.has || !slave.has->covers(one.counters); };
    if (slave.wanted && std::ranges::any_of(waiters_, lacks)) calls.push_back(std::exchange(slave.wanted, nullptr));
  }
  return calls;
}

}  // namespace tenon::ha
