// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "routing/consumption.hpp"
#include "routing/pull_waiters.hpp"
#include "tenon/message_store.hpp"

namespace tenon::kernel {

/// The rate at which all consumers together read what comes off the disk (`broker.cold_read_rate`). What such a read
/// has brought is paid for in time, and pulls that would read on meanwhile wait here, in their order. None waits longer
/// than it would wait for a message: then it is served, so that a rate that is too low for so many makes nobody believe
/// that there is nothing to read.
///
/// A group reads cold in a topic from a read that would have waited for the disk on, until it has read more than an
/// operating system reads ahead without another one. Threads: any; one lock, which only pulls of such groups take.
class ColdReadPace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr std::int64_t kStretchBytes = 64 * 1024 * 1024;
  /// How long a pull waits at most that would not wait for a message.
  static constexpr std::chrono::milliseconds kLongestWait{1'000};

  /// What is late by so much is made up for.
  static constexpr std::chrono::milliseconds kCredit{10};

  /// What pulls have read whose time was over does not keep others waiting longer than that.
  static constexpr std::chrono::milliseconds kDebtMax{1'000};

  /// 0: as fast as they can. Not more than `waiting_max` pulls wait.
  ColdReadPace(std::int64_t bytes_per_second, std::size_t waiting_max)
      : bytes_per_second_(bytes_per_second), waiting_max_(waiting_max) {}
  bool is_limited() const noexcept { return bytes_per_second_ != 0; }

  /// Takes down what a read of this group and topic has come to.
  void note(Consumption& consumption, const ReadResult& read, TimePoint now);
  bool must_wait(const Consumption& consumption, TimePoint now) const;

  /// Keeps a pull that must wait, at most until its deadline. earliest() may come sooner now. Gives it back when too
  /// many wait.
  std::optional<WaitingPull> park(WaitingPull pull);
  /// Takes the next one if everything is paid, and those whose time is over. Nobody waits for a closed connection's.
  std::vector<WaitingPull> take_due(TimePoint now);
  std::vector<WaitingPull> take_all();
  /// When take_due() takes something, as things are.
  std::optional<TimePoint> earliest() const;

 private:
  TimePoint next_at() const { return std::max(paid_at_, not_before_); }

  WaitingPull take(std::uint64_t id);

  const std::int64_t bytes_per_second_;
  const std::size_t waiting_max_;
  mutable std::mutex mutex_;
  TimePoint paid_at_{};     ///< When what was read is paid.
  TimePoint not_before_{};  ///< When what was let go on is, if it costs as much as the read before.
  TimePoint::duration last_price_{};
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, WaitingPull> waiting_;  ///< In the order in which they came.
  std::set<std::pair<TimePoint, std::uint64_t>> deadlines_;
};

}  // namespace tenon::kernel
