// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "routing/consumption.hpp"
#include "routing/filter_compilers.hpp"
#include "routing/name_map.hpp"
#include "tenon/offsets.hpp"
#include "tenon/pulling.hpp"

namespace tenon::kernel {

/// A pull that waits for a message: what it asked for, and who is to be told.
struct WaitingPull {
  std::string group, topic;
  std::int32_t queue_id = 0;
  QueueOffset offset;
  std::int32_t max_messages = 32;
  std::int32_t group_sys_flag = 0;
  FilterPtr filter;
  std::shared_ptr<Consumption> consumption;
  std::weak_ptr<PullCompletion> completion;  ///< A closed connection's pulls are dropped, not served.
  std::uint64_t token = 0;
  std::chrono::steady_clock::time_point deadline;
  ReadForm form = ReadForm::any;
  std::int64_t group_broker_id = 0, slow_broker_id = 1;
};

/// A message that has arrived, as waiting pulls look at it. Borrows.
struct Arrival {
  std::string_view topic;
  std::int32_t queue_id = 0;
  QueueOffset queue_offset;
  IndexEntry index;
  PropertiesView properties;
};

/// The pulls held by long polling, by queue and by deadline. There may be many for one queue and group.
/// Bounded: a full table refuses. Threads: any; one short lock, not taken by arrivals while nothing waits.
class PullWaiters {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// Names one parked pull.
  using Ticket = std::pair<TimePoint, std::uint64_t>;

  explicit PullWaiters(std::size_t waiting_max) : waiting_max_(waiting_max) {}

  /// Empty when the table is full, also after those without a connection were dropped.
  std::optional<Ticket> park(WaitingPull pull);
  /// Takes one back; empty if somebody else has taken it.
  std::optional<WaitingPull> take(const Ticket& ticket);

  /// False when no pull waits at all: the one atomic read that a publish pays then. Orders the read after the append
  /// that came before it, so that of an append and a park at the same time at least one sees the other.
  bool any() const noexcept {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    return count_.load(std::memory_order_relaxed) != 0;
  }
  std::int64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

  /// Takes those that wait for this message: at or before its offset, filter matching.
  std::vector<WaitingPull> take_matching(const Arrival& arrival);
  /// Takes those of a queue that wait for anything below `end`, whatever their filters say.
  std::vector<WaitingPull> take_below(std::string_view topic, std::int32_t queue_id, QueueOffset end);
  std::vector<WaitingPull> take_expired(TimePoint now);
  std::vector<WaitingPull> take_all();
  /// What each of them waits for, to be looked at without a lock.
  struct Wish {
    Ticket ticket;
    QueueKey queue;
    QueueOffset offset;
  };
  std::vector<Wish> wishes() const;
  std::optional<TimePoint> earliest_deadline() const;

 private:
  using ByDeadline = std::map<Ticket, WaitingPull>;

  template <class Predicate>
  std::vector<WaitingPull> take_of_queue(const QueueKeyView& key, const Predicate& wanted);
  WaitingPull remove(ByDeadline::iterator pull);
  void remove_abandoned();

  const std::size_t waiting_max_;
  std::atomic<std::int64_t> count_{0};
  mutable std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  ByDeadline pulls_;
  QueueMap<std::vector<ByDeadline::iterator>> by_queue_;
};

}  // namespace tenon::kernel
