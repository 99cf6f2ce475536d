// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/capability.hpp"

namespace tenon {

/// Sum and rate of one counter over a window, as RocketMQ's BrokerStatsData wants it.
struct WindowStatistics {
  std::int64_t sum = 0;
  double per_second = 0;
  double average_per_call = 0;
};
struct CounterStatistics {
  WindowStatistics minute, hour, day;
};

/// Counters of the whole broker for GET_BROKER_RUNTIME_INFO.
struct BrokerTotals {
  std::int64_t messages_put_total = 0, messages_got_total = 0;
  /// The part of both that went through topics of the broker's own: delayed and prepared messages on their way, traces.
  std::int64_t system_put_total = 0, system_got_total = 0;
  /// At local midnight, without the part of system topics.
  std::int64_t put_today_morning = 0, put_yesterday_morning = 0, got_today_morning = 0, got_yesterday_morning = 0;
  std::int64_t put_bytes_total = 0;
  std::int64_t put_failed_total = 0;
  std::array<double, 3> put_per_second{};  ///< Over 10 s, 60 s, 600 s.
  std::array<double, 3> got_per_second{};
  std::int64_t pulls_waiting = 0;  ///< Held by long polling now.
};

/// Counters by name and key, under RocketMQ's names (TOPIC_PUT_NUMS, GROUP_GET_NUMS, ...). Offered by the kernel.
/// Threads: any.
class TENON_EXPORT Statistics : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.statistics", 1};

  /// Empty when nothing was counted under that name and key.
  virtual std::optional<CounterStatistics> find(std::string_view name, std::string_view key) const = 0;
  virtual BrokerTotals totals() const = 0;

  /// Counts an event that a healthy broker does not have: a bound that was hit, a plug-in that threw. `name` is a
  /// literal, or made of the instance names of plug-ins; never of what a client sent, so that the number of names stays
  /// small: "refused.topic", "plugin.stamp.threw". Operators see them in GET_BROKER_RUNTIME_INFO as `incident.<name>`.
  /// The defaults do nothing, for tests.
  virtual void count_incident(std::string_view name);
  /// All of them, by name.
  virtual std::vector<std::pair<std::string, std::int64_t>> incidents() const;
};

}  // namespace tenon
