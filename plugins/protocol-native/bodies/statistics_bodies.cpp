// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/statistics_bodies.hpp"

#include "protocol-native/bodies/message_queue_body.hpp"

namespace tenon::protocol_native {
namespace {

void write_window(fastjson::Writer& json, const char* name, const WindowStatistics& window) {
  json.key(name)
      .begin_object()
      .member("avgpt", window.average_per_call)
      .member("sum", window.sum)
      .member("tps", window.per_second)
      .end_object();
}

}  // namespace

std::string topic_stats_body(const std::map<MessageQueue, TopicOffset>& queues, double put_tps) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("offsetTable").begin_object();
  for (const auto& [queue, offset] : queues) {
    write_message_queue_key(json, queue);
    json.begin_object()
        .member("lastUpdateTimestamp", offset.last_update_timestamp_ms)
        .member("maxOffset", offset.max_offset)
        .member("minOffset", offset.min_offset)
        .end_object();
  }
  json.end_object().member("topicPutTps", put_tps).end_object();
  return body;
}

std::int64_t ConsumeStats::total_difference() const noexcept {
  std::int64_t total = 0;
  for (const auto& [queue, offset] : queues) total += offset.broker_offset - offset.consumer_offset;
  return total;
}

void write_consume_stats(fastjson::Writer& json, const ConsumeStats& stats) {
  json.begin_object().member("consumeTps", stats.consume_tps).key("offsetTable").begin_object();
  for (const auto& [queue, offset] : stats.queues) {
    write_message_queue_key(json, queue);
    json.begin_object()
        .member("brokerOffset", offset.broker_offset)
        .member("consumerOffset", offset.consumer_offset)
        .member("lastTimestamp", offset.last_timestamp_ms)
        .member("pullOffset", offset.pull_offset)
        .end_object();
  }
  json.end_object().end_object();
}

std::string consume_stats_body(const ConsumeStats& stats) {
  std::string body;
  fastjson::Writer json(body);
  write_consume_stats(json, stats);
  return body;
}

std::string consume_stats_list_body(const std::string& broker_address, const ConsumeStatsByGroup& groups) {
  std::string body;
  std::int64_t difference = 0;
  fastjson::Writer json(body);
  json.begin_object().member("brokerAddr", broker_address).key("consumeStatsList").begin_array();
  for (const auto& [group, topics] : groups) {
    json.begin_object().key(group).begin_array();
    for (const ConsumeStats& stats : topics) {
      write_consume_stats(json, stats);
      difference += stats.total_difference();
    }
    json.end_array().end_object();
  }
  json.end_array().member("totalDiff", difference).member("totalInflightDiff", 0).end_object();
  return body;
}

std::string broker_stats_data_body(const CounterStatistics& statistics) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object();
  write_window(json, "statsDay", statistics.day);
  write_window(json, "statsHour", statistics.hour);
  write_window(json, "statsMinute", statistics.minute);
  json.end_object();
  return body;
}

std::string consume_time_span_body(const std::vector<QueueTimeSpan>& spans) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("consumeTimeSpanSet").begin_array();
  for (const QueueTimeSpan& span : spans) {
    json.begin_object()
        .member("consumeTimeStamp", span.consume_timestamp_ms)
        .member("delayTime", span.delay_ms)
        .member("maxTimeStamp", span.max_timestamp_ms)
        .key("messageQueue");
    write_message_queue(json, span.queue);
    json.member("minTimeStamp", span.min_timestamp_ms).end_object();
  }
  json.end_array().end_object();
  return body;
}

}  // namespace tenon::protocol_native
