// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "tenon/statistics.hpp"

namespace tenon::kernel {

/// Past values of one counter, for sums and rates over the last minute, hour and day.
///
/// Kept as RocketMQ's StatsItem keeps them: every 10 s 7 snapshots, every 10 min 7, every hour 25. A window's figures
/// are the difference of its newest and oldest snapshot, the oldest of all being 0 one step before the first. Source:
/// ../shared/reference/broker-semantics.md 12.1. Threads: guarded by the owner.
class CounterHistory {
 public:
  /// Takes a snapshot of a counter; called every 10 s.
  void sample(std::int64_t now_ms, std::int64_t sum, std::int64_t calls);
  CounterStatistics statistics() const;

 private:
  struct Snapshot {
    std::int64_t at_ms, sum, calls;
  };
  struct Window {
    std::int64_t step_ms;
    std::size_t kept;
    std::deque<Snapshot> snapshots{};

    void sample(const Snapshot& snapshot);
    WindowStatistics statistics() const;
  };

  Window minute_{10'000, 7};
  Window hour_{600'000, 7};
  Window day_{3'600'000, 25};
};

}  // namespace tenon::kernel
