// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <vector>

#include "tenon/commit_gate.hpp"

namespace tenon::ha {

/// Lets an append through when enough slaves have it. Threads: any, confirm() and give_up() one at a time; whoever
/// calls runs the callbacks, without a lock.
class ReplicaGate final : public CommitGate {
 public:
  using Clock = std::chrono::steady_clock;

  /// `timeout`: RocketMQ's slaveTimeout, if the caller would wait longer. Whoever waits has appended, so the log is on
  /// its way already (LogWatcher).
  explicit ReplicaGate(std::chrono::milliseconds timeout) : timeout_(timeout) {}

  bool is_safe(PhysicalOffset end) const noexcept override {
    return end.value <= confirmed_.load(std::memory_order_acquire);
  }
  /// As RocketMQ answers: slave_not_available at once when there are too few slaves to wait for, else
  /// flush_slave_timeout when they take too long.
  void wait_for(PhysicalOffset end, Clock::time_point deadline, Passed passed) override;

  PhysicalOffset confirmed() const noexcept { return {confirmed_.load(std::memory_order_acquire)}; }
  /// Everything below `end` is where it should be. Does not go back before give_up().
  void confirm(PhysicalOffset end);
  /// Whether there are enough slaves to wait for. Who waits already waits on: a slave may come back in time.
  void set_available(bool available) { available_ = available; }
  void expire(Clock::time_point now);
  /// This broker is no longer the master: answers slave_not_available to everybody, and forgets what was confirmed,
  /// because its log may be cut below that.
  void give_up();

 private:
  struct Waiter {
    PhysicalOffset end;
    Clock::time_point deadline;
    Passed passed;
  };

  const std::chrono::milliseconds timeout_;
  std::atomic<std::int64_t> confirmed_{0};
  std::atomic<bool> available_{false};
  std::mutex mutex_;
  std::deque<Waiter> waiters_;  ///< By end, the lowest first: as they come, but for what two threads append at once.
};

}  // namespace tenon::ha
