// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "tenon/commit_gate.hpp"

namespace tenon::logstore {

/// Those who wait until the log is on disk up to some offset. All that came while one flush ran are let through by the
/// next one together. Threads: any; callbacks run on the thread that calls pass(), expire() or fail(), without a lock.
class FlushGate {
 public:
  using Clock = std::chrono::steady_clock;

  void add(PhysicalOffset end, Clock::time_point deadline, CommitGate::Passed passed);
  bool empty() const { return waiting() == 0; }
  std::size_t waiting() const;
  /// Everything below `flushed` is on disk. Returns how many were let through.
  std::size_t pass(PhysicalOffset flushed);
  /// Answers flush_disk_timeout to those whose deadline is over.
  void expire(Clock::time_point now);
  /// Answers `error` to everybody, also to those who come later.
  void fail(const Error& error);

 private:
  struct Waiter {
    PhysicalOffset end;
    Clock::time_point deadline;
    CommitGate::Passed passed;
  };
  template <class Predicate>
  std::vector<Waiter> take(Predicate predicate);

  mutable std::mutex mutex_;
  std::vector<Waiter> waiters_;
  std::optional<Error> failed_;
};

}  // namespace tenon::logstore
