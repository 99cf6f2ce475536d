// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "tenon/table_gate.hpp"

namespace tenon::ha {

/// Lets a change of a table through when the slaves that count have taken it over: all of them, because the log decides
/// who is promoted, and any of them may have enough of that. A classic slave does not say what it has, nor one of an
/// older Tenon, so nothing is promised there and nobody waits. Threads: any; whoever calls runs the callbacks, without
/// a lock.
class ReplicaTableGate final : public TableGate {
 public:
  using Clock = std::chrono::steady_clock;
  /// The slaves that count for a message now.
  struct Followers {
    bool enough = false;                   ///< As many as a message waits for.
    std::vector<std::int64_t> broker_ids;  ///< Without classic ones, which do not say who they are.
    std::uint64_t look = 0;                ///< What comes from an older look than another is passed over.
  };
  /// A slave that has just come, and never spoke to this process, is waited for so long without having said anything.
  static constexpr std::chrono::seconds kTimeToSpeak{1};
  /// Beyond so many a change is answered busy. And so many ids of brokers that spoke are kept, whoever said them.
  static constexpr std::size_t kWaitersMax = 4'096, kSpeakersMax = 1'024;

  /// `followers` is called without a lock, from any thread. `timeout`: RocketMQ's slaveTimeout.
  ReplicaTableGate(std::chrono::milliseconds timeout, std::function<Followers()> followers)
      : timeout_(timeout), followers_(std::move(followers)) {}

  void wait_for(TableCounters counters, Passed passed) override { wait_for(counters, Clock::now(), std::move(passed)); }
  bool heard(std::int64_t broker_id, TableCounters has, std::function<void()> wanted) override {
    return heard(broker_id, has, Clock::now(), std::move(wanted));
  }
  /// Who has waited too long is told so. To be called some times a second.
  void tick(const Followers& followers, Clock::time_point now);
  /// Tells all who wait `why`, and all who come, until open().
  void give_up(const Error& why);
  void open();

  /// The same, at a time.
  void wait_for(TableCounters counters, Clock::time_point now, Passed passed);
  bool heard(std::int64_t broker_id, TableCounters has, Clock::time_point now, std::function<void()> wanted);

 private:
  struct Slave {
    Clock::time_point since;
    std::optional<TableCounters> has;
    std::function<void()> wanted;
  };
  struct Waiter {
    TableCounters counters;
    Clock::time_point deadline;
    Passed passed;
  };
  using Calls = std::vector<std::function<void()>>;

  void look_who_follows(const Followers& followers, Clock::time_point now);
  bool is_through(const Waiter& waiter, Clock::time_point now) const;
  /// What is to be called without the lock: waiters that are through, slaves that lack what others wait for.
  Calls settle(Clock::time_point now);

  const std::chrono::milliseconds timeout_;
  const std::function<Followers()> followers_;
  std::mutex mutex_;
  std::optional<Error> given_up_;
  std::uint64_t look_ = 0;
  bool enough_ = false;                   ///< Of the followers that were looked at last.
  std::set<std::int64_t> speakers_;       ///< Brokers that have ever said what they have.
  std::map<std::int64_t, Slave> slaves_;  ///< Those that follow, by broker id.
  std::vector<Waiter> waiters_;
};

}  // namespace tenon::ha
