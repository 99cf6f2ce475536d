// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "routing/clock.hpp"
#include "routing/counter_history.hpp"
#include "routing/counters.hpp"
#include "routing/name_map.hpp"
#include "tenon/statistics.hpp"

namespace tenon::kernel {

/// The counters of the broker under RocketMQ's names and keys. Who counts keeps the TrafficCounters and adds to them;
/// this class knows them by (name, key) and samples them every 10 s.
/// Threads: any; tick() is called by one timer.
class BrokerStatistics final : public Statistics {
 public:
  static constexpr std::size_t kItemsMax = 1'000'000;

  /// `items_max`: keys that each family of counters can hold.
  BrokerStatistics(std::string cluster, WallClock now, std::size_t items_max = kItemsMax);

  /// Counters of what was put into a topic (TOPIC_PUT_NUMS, TOPIC_PUT_SIZE); the same object for the same topic.
  std::shared_ptr<TrafficCounters> of_topic_puts(std::string_view topic);
  /// Counters of what a group got from a topic (GROUP_GET_NUMS, GROUP_GET_SIZE).
  std::shared_ptr<TrafficCounters> of_group_gets(std::string_view group, std::string_view topic);
  /// Counters of what a group sent back (SNDBCK_PUT_NUMS).
  std::shared_ptr<TrafficCounters> of_send_backs(std::string_view group, std::string_view topic);

  TrafficCounters& puts() noexcept { return *puts_; }
  TrafficCounters& gets() noexcept { return *gets_; }
  void count_put_failure() noexcept { put_failures_.fetch_add(1, std::memory_order_relaxed); }
  void set_pulls_waiting(std::function<std::int64_t()> count) { pulls_waiting_ = std::move(count); }

  /// Samples every counter. Call every 10 s.
  void tick();

  std::optional<CounterStatistics> find(std::string_view name, std::string_view key) const override;
  BrokerTotals totals() const override;
  void count_incident(std::string_view name) override;
  std::vector<std::pair<std::string, std::int64_t>> incidents() const override;

 private:
  struct Item {
    std::shared_ptr<TrafficCounters> counters;
    CounterHistory messages, bytes;
  };
  /// The items that share a pair of names, such as TOPIC_PUT_NUMS and TOPIC_PUT_SIZE, by key.
  struct Family {
    std::string_view messages_name, bytes_name;
    NameMap<Item> items{};
  };
  struct Totals {
    std::int64_t at_ms, puts, gets;
  };
  /// What went through system topics is a part of `all`; `others` is the rest, as of the last tick.
  struct SystemShare {
    std::vector<std::shared_ptr<TrafficCounters>> counters{};
    std::shared_ptr<TrafficCounters> others = std::make_shared<TrafficCounters>();

    std::int64_t messages() const;
    void rest_of(const TrafficCounters& all);
  };

  std::shared_ptr<TrafficCounters> counters_of(Family& family, std::string key, SystemShare* system = nullptr);
  bool is_system(std::string_view topic) const;
  static void sample(Item& item, std::int64_t now_ms);
  void begin_new_day(std::int64_t now_ms, std::int64_t puts, std::int64_t gets);
  std::array<double, 3> rates(std::int64_t Totals::*total) const;

  const std::string cluster_;
  const WallClock now_;
  const std::size_t items_max_;
  const std::shared_ptr<TrafficCounters> puts_ = std::make_shared<TrafficCounters>();
  const std::shared_ptr<TrafficCounters> gets_ = std::make_shared<TrafficCounters>();
  std::atomic<std::int64_t> put_failures_{0};
  std::function<std::int64_t()> pulls_waiting_;

  mutable std::mutex incidents_mutex_;
  std::map<std::string, std::int64_t, std::less<>> incidents_;

  mutable std::shared_mutex mutex_;
  Family topic_puts_{"TOPIC_PUT_NUMS", "TOPIC_PUT_SIZE"};
  Family group_gets_{"GROUP_GET_NUMS", "GROUP_GET_SIZE"};
  Family send_backs_{"SNDBCK_PUT_NUMS", ""};
  Family broker_puts_{"BROKER_PUT_NUMS", ""};
  Family broker_gets_{"BROKER_GET_NUMS", ""};
  Family other_puts_{"BROKER_PUT_NUMS_WITHOUT_SYSTEM_TOPIC", ""};
  Family other_gets_{"BROKER_GET_NUMS_WITHOUT_SYSTEM_TOPIC", ""};
  const std::array<Family*, 7> families_{&topic_puts_,  &group_gets_, &send_backs_, &broker_puts_,
                                         &broker_gets_, &other_puts_, &other_gets_};
  SystemShare system_puts_, system_gets_;
  std::deque<Totals> history_;  ///< One per tick, 10 min.
  std::int64_t day_ = 0;
  std::int64_t put_today_morning_ = 0, put_yesterday_morning_ = 0, got_today_morning_ = 0, got_yesterday_morning_ = 0;
};

}  // namespace tenon::kernel
