// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "routing/broker_statistics.hpp"
#include "routing/filter_compilers.hpp"
#include "routing/name_map.hpp"

namespace tenon::kernel {

/// What the pull path keeps for one group and topic.
struct Consumption {
  std::shared_ptr<TrafficCounters> gets;
  std::mutex mutex;  ///< Guards request_filter. Leaf.
  RequestFilter request_filter;
  std::atomic<std::int64_t> cold_bytes_left{0};  ///< Of ColdReadPace: above 0 it reads off the disk.
};

/// All pairs of group and topic that have been pulled. A pair is made only for a group and a topic that exist.
/// Threads: any; one shared lock for a look-up.
class ConsumptionTable {
 public:
  static constexpr std::size_t kPairsMax = 1'000'000;

  explicit ConsumptionTable(BrokerStatistics& statistics) : statistics_(statistics) {}
  std::shared_ptr<Consumption> of(std::string_view group, std::string_view topic);

 private:
  BrokerStatistics& statistics_;
  std::shared_mutex mutex_;
  GroupTopicMap<std::shared_ptr<Consumption>> pairs_;
};

}  // namespace tenon::kernel
