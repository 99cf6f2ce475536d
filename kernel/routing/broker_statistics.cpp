// SPDX-License-Identifier: Apache-2.0
#include "routing/broker_statistics.hpp"

#include <ctime>
#include <mutex>

#include "routing/system_names.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

constexpr std::size_t kTicksKept = 61;                      // 600 s and the point before them.
constexpr std::array<std::size_t, 3> kRateTicks{1, 6, 60};  // 10 s, 60 s, 600 s.

/// Ordinal of the local day: RocketMQ counts "this morning" from local midnight.
std::int64_t local_day(std::int64_t now_ms) {
  const std::time_t seconds = now_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return (seconds + local.tm_gmtoff) / 86'400;
}

}  // namespace

BrokerStatistics::BrokerStatistics(std::string cluster, WallClock now, std::size_t items_max)
    : cluster_(std::move(cluster)), now_(std::move(now)), items_max_(items_max) {
  broker_puts_.items[cluster_].counters = puts_;
  broker_gets_.items[cluster_].counters = gets_;
  other_puts_.items[cluster_].counters = system_puts_.others;
  other_gets_.items[cluster_].counters = system_gets_.others;
  day_ = local_day(now_());
}

std::int64_t BrokerStatistics::SystemShare::messages() const {
  std::int64_t sum = 0;
  for (const auto& one : counters) sum += one->messages.load(std::memory_order_relaxed);
  return sum;
}

void BrokerStatistics::SystemShare::rest_of(const TrafficCounters& all) {
  std::int64_t calls = all.calls.load(std::memory_order_relaxed);
  for (const auto& one : counters) calls -= one->calls.load(std::memory_order_relaxed);
  others->messages.store(all.messages.load(std::memory_order_relaxed) - messages(), std::memory_order_relaxed);
  others->calls.store(calls, std::memory_order_relaxed);
}

bool BrokerStatistics::is_system(std::string_view topic) const {
  BrokerConfig config;
  config.cluster = cluster_;
  return is_system_topic(topic, config);
}

std::shared_ptr<TrafficCounters> BrokerStatistics::counters_of(Family& family, std::string key, SystemShare* system) {
  const std::scoped_lock lock(mutex_);
  // Keys are made of names that clients choose: at the limit what is new is counted where nobody looks.
  if (family.items.size() >= items_max_ && !family.items.contains(key)) return std::make_shared<TrafficCounters>();
  Item& item = family.items[std::move(key)];
  if (!item.counters) {
    item.counters = std::make_shared<TrafficCounters>();
    if (system != nullptr) system->counters.push_back(item.counters);
  }
  return item.counters;
}

std::shared_ptr<TrafficCounters> BrokerStatistics::of_topic_puts(std::string_view topic) {
  return counters_of(topic_puts_, std::string(topic), is_system(topic) ? &system_puts_ : nullptr);
}
std::shared_ptr<TrafficCounters> BrokerStatistics::of_group_gets(std::string_view group, std::string_view topic) {
  return counters_of(group_gets_, text(topic, "@", group), is_system(topic) ? &system_gets_ : nullptr);
}
std::shared_ptr<TrafficCounters> BrokerStatistics::of_send_backs(std::string_view group, std::string_view topic) {
  return counters_of(send_backs_, text(topic, "@", group));
}

void BrokerStatistics::sample(Item& item, std::int64_t now_ms) {
  const std::int64_t calls = item.counters->calls.load(std::memory_order_relaxed);
  item.messages.sample(now_ms, item.counters->messages.load(std::memory_order_relaxed), calls);
  item.bytes.sample(now_ms, item.counters->bytes.load(std::memory_order_relaxed), calls);
}

void BrokerStatistics::tick() {
  const std::int64_t now_ms = now_();
  const std::scoped_lock lock(mutex_);
  system_puts_.rest_of(*puts_);
  system_gets_.rest_of(*gets_);
  for (Family* family : families_) {
    for (auto& [key, item] : family->items) sample(item, now_ms);
  }
  const std::int64_t puts = puts_->messages.load(std::memory_order_relaxed);
  const std::int64_t gets = gets_->messages.load(std::memory_order_relaxed);
  history_.push_back({now_ms, puts, gets});
  if (history_.size() > kTicksKept) history_.pop_front();
  begin_new_day(now_ms, puts - system_puts_.messages(), gets - system_gets_.messages());
}

void BrokerStatistics::begin_new_day(std::int64_t now_ms, std::int64_t puts, std::int64_t gets) {
  const std::int64_t today = local_day(now_ms);
  if (today == day_) return;
  day_ = today;
  put_yesterday_morning_ = put_today_morning_;
  got_yesterday_morning_ = got_today_morning_;
  put_today_morning_ = puts;
  got_today_morning_ = gets;
}

std::optional<CounterStatistics> BrokerStatistics::find(std::string_view name, std::string_view key) const {
  const std::shared_lock lock(mutex_);
  for (const Family* family : families_) {
    const bool messages = name == family->messages_name;
    if (!messages && (name.empty() || name != family->bytes_name)) continue;
    const auto item = family->items.find(key);
    // The counters of a topic exist from its creation on; RocketMQ knows them from the first message on.
    if (item == family->items.end() || item->second.counters->calls.load(std::memory_order_relaxed) == 0)
      return std::nullopt;
    return messages ? item->second.messages.statistics() : item->second.bytes.statistics();
  }
  return std::nullopt;
}

std::array<double, 3> BrokerStatistics::rates(std::int64_t Totals::*total) const {
  std::array<double, 3> per_second{};
  for (std::size_t index = 0; index < kRateTicks.size() && history_.size() >= 2; ++index) {
    const Totals& last = history_.back();
    const Totals& first = history_[history_.size() - 1 - std::min(kRateTicks[index], history_.size() - 1)];
    const auto elapsed_ms = static_cast<double>(last.at_ms - first.at_ms);
    if (elapsed_ms > 0) per_second[index] = static_cast<double>(last.*total - first.*total) * 1000 / elapsed_ms;
  }
  return per_second;
}

void BrokerStatistics::count_incident(std::string_view name) {
  const std::scoped_lock lock(incidents_mutex_);
  const auto found = incidents_.find(name);
  if (found != incidents_.end()) {
    ++found->second;
  } else {
    incidents_.emplace(name, 1);
  }
}

std::vector<std::pair<std::string, std::int64_t>> BrokerStatistics::incidents() const {
  const std::scoped_lock lock(incidents_mutex_);
  return {incidents_.begin(), incidents_.end()};
}

BrokerTotals BrokerStatistics::totals() const {
  BrokerTotals totals;
  totals.messages_put_total = puts_->messages.load(std::memory_order_relaxed);
  totals.messages_got_total = gets_->messages.load(std::memory_order_relaxed);
  totals.put_bytes_total = puts_->bytes.load(std::memory_order_relaxed);
  totals.put_failed_total = put_failures_.load(std::memory_order_relaxed);
  if (pulls_waiting_) totals.pulls_waiting = pulls_waiting_();
  const std::shared_lock lock(mutex_);
  totals.system_put_total = system_puts_.messages();
  totals.system_got_total = system_gets_.messages();
  totals.put_today_morning = put_today_morning_;
  totals.put_yesterday_morning = put_yesterday_morning_;
  totals.got_today_morning = got_today_morning_;
  totals.got_yesterday_morning = got_yesterday_morning_;
  totals.put_per_second = rates(&Totals::puts);
  totals.got_per_second = rates(&Totals::gets);
  return totals;
}

}  // namespace tenon::kernel
