// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fastjson/writer.hpp"
#include "tenon/queue_locks.hpp"
#include "tenon/statistics.hpp"

namespace tenon::protocol_native {

/// Bodies of 202, 208, 315, 317 and 303. Object keys are raw. remoting-protocol.md 3.5. Times are ms since the epoch.
struct TopicOffset {
  std::int64_t min_offset = 0;
  std::int64_t max_offset = 0;
  std::int64_t last_update_timestamp_ms = 0;  ///< Store time of the newest message, 0 without one.
};
std::string topic_stats_body(const std::map<MessageQueue, TopicOffset>& queues, double put_tps);

struct ConsumeOffset {
  std::int64_t broker_offset = 0;
  std::int64_t consumer_offset = 0;
  std::int64_t pull_offset = 0;
  std::int64_t last_timestamp_ms = 0;  ///< Store time of the last consumed message.
};
struct ConsumeStats {
  std::map<MessageQueue, ConsumeOffset> queues;
  double consume_tps = 0;

  /// Messages that wait for the group.
  std::int64_t total_difference() const noexcept;
};
void write_consume_stats(fastjson::Writer& json, const ConsumeStats& stats);
std::string consume_stats_body(const ConsumeStats& stats);
/// One list of stats (an entry per topic) for each group.
using ConsumeStatsByGroup = std::vector<std::pair<std::string, std::vector<ConsumeStats>>>;
std::string consume_stats_list_body(const std::string& broker_address, const ConsumeStatsByGroup& groups);

std::string broker_stats_data_body(const CounterStatistics& statistics);

struct QueueTimeSpan {
  MessageQueue queue;
  std::int64_t min_timestamp_ms = -1;
  std::int64_t max_timestamp_ms = -1;
  std::int64_t consume_timestamp_ms = -1;
  std::int64_t delay_ms = 0;
};
std::string consume_time_span_body(const std::vector<QueueTimeSpan>& spans);

}  // namespace tenon::protocol_native
