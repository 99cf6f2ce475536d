// SPDX-License-Identifier: Apache-2.0
#include "routing/counter_history.hpp"

namespace tenon::kernel {

void CounterHistory::Window::sample(const Snapshot& snapshot) {
  // A tick that comes a little early still counts as the next step.
  const std::int64_t tolerance_ms = 1'000;
  if (!snapshots.empty() && snapshot.at_ms - snapshots.back().at_ms < step_ms - tolerance_ms) return;
  // Counters begin at 0: what came before the first snapshot counts, too.
  if (snapshots.empty()) snapshots.push_back({snapshot.at_ms - step_ms, 0, 0});
  snapshots.push_back(snapshot);
  if (snapshots.size() > kept) snapshots.pop_front();
}

WindowStatistics CounterHistory::Window::statistics() const {
  if (snapshots.size() < 2) return {};
  const Snapshot& first = snapshots.front();
  const Snapshot& last = snapshots.back();
  WindowStatistics window;
  window.sum = last.sum - first.sum;
  const auto elapsed_ms = static_cast<double>(last.at_ms - first.at_ms);
  if (elapsed_ms > 0) window.per_second = static_cast<double>(window.sum) * 1000 / elapsed_ms;
  const std::int64_t calls = last.calls - first.calls;
  if (calls > 0) window.average_per_call = static_cast<double>(window.sum) / static_cast<double>(calls);
  return window;
}

void CounterHistory::sample(std::int64_t now_ms, std::int64_t sum, std::int64_t calls) {
  const Snapshot snapshot{now_ms, sum, calls};
  minute_.sample(snapshot);
  hour_.sample(snapshot);
  day_.sample(snapshot);
}

CounterStatistics CounterHistory::statistics() const {
  return {minute_.statistics(), hour_.statistics(), day_.statistics()};
}

}  // namespace tenon::kernel
