// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/bodies/statistics_bodies.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

std::int64_t store_time(const BrokerServices& services, const MessageQueue& queue, std::int64_t offset,
                        std::int64_t otherwise) {
  if (offset < 0) return otherwise;
  const auto time_ms = services.store->store_time_at(queue.topic, queue.queue_id, QueueOffset{offset});
  return time_ms ? *time_ms : otherwise;
}

MessageQueue queue_of(const BrokerServices& services, const std::string& topic, std::int32_t id) {
  return {topic, std::string(services.identity->broker_name()), id};
}

/// A group that is online reads only what it subscribes; offsets of other topics are left from earlier times.
bool still_reads(const BrokerServices& services, const std::string& group, const std::string& topic) {
  const auto state = services.clients->consumer_group(group);
  if (!state || state->subscriptions.empty()) return true;
  return std::ranges::find(state->subscriptions, topic, &Subscription::topic) != state->subscriptions.end();
}

void add_topic(const BrokerServices& services, const std::string& group, const TopicConfig& topic,
               ConsumeStats& stats) {
  for (std::int32_t id = 0; id < topic.read_queue_nums; ++id) {
    const MessageQueue queue = queue_of(services, topic.name, id);
    const std::int64_t consumed = services.offsets->find(group, topic.name, id).value_or(QueueOffset{0}).value;
    ConsumeOffset& offset = stats.queues[queue];
    offset.broker_offset = services.store->bounds(topic.name, id).max.value;
    offset.consumer_offset = offset.pull_offset = std::max<std::int64_t>(consumed, 0);
    offset.last_timestamp_ms = store_time(services, queue, offset.consumer_offset - 1, 0);
  }
  if (const auto got = services.statistics->find("GROUP_GET_NUMS", text(topic.name, '@', group))) {
    stats.consume_tps += got->minute.per_second;
  }
}

struct StatsQuestion {
  std::string group;
  std::string topic;
  std::vector<std::string> topics;  ///< As asked for, taken as it is; else those of the group.
};

Answer consume_stats_of(const BrokerServices& services, const StatsQuestion& asked) {
  std::vector<std::string> topics = asked.topics;
  if (topics.empty()) {
    topics = asked.topic.empty() ? services.offsets->topics_of(asked.group) : std::vector{asked.topic};
    std::erase_if(topics, [&](const std::string& topic) { return !still_reads(services, asked.group, topic); });
  }
  ConsumeStats stats;
  for (const std::string& name : topics) {
    if (const auto topic = services.topics->find(name)) add_topic(services, asked.group, *topic, stats);
  }
  return answer_with_body(consume_stats_body(stats));
}

std::vector<std::string> split_at_semicolons(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(';'), list.size());
    if (end > 0) parts.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

void consume_stats(Request& request) {
  StatsQuestion asked{std::string(request.require_text("consumerGroup")), std::string(request.text("topic")),
                      split_at_semicolons(request.text("topicList"))};
  answer_from_disk(request, [asked = std::move(asked)](const BrokerServices& services) {
    return consume_stats_of(services, asked);
  });
}

std::vector<ConsumeStats> stats_by_topic(const BrokerServices& services, const std::string& group, bool ordered_only) {
  std::vector<ConsumeStats> out;
  for (const std::string& name : services.offsets->topics_of(group)) {
    const auto topic = services.topics->find(name);
    if (!topic || (ordered_only && !topic->order) || !still_reads(services, group, name)) continue;
    add_topic(services, group, *topic, out.emplace_back());
  }
  return out;
}

void broker_consume_stats(Request& request) {
  answer_from_disk(request, [ordered = request.boolean_or("isOrder", false)](const BrokerServices& services) {
    ConsumeStatsByGroup groups;
    for (const auto& group : services.groups->list()) {
      groups.emplace_back(group->name, stats_by_topic(services, group->name, ordered));
    }
    return answer_with_body(consume_stats_list_body(services.identity->advertised_address().to_string(), groups));
  });
}

QueueTimeSpan time_span_of(const BrokerServices& services, const std::string& group, const MessageQueue& queue) {
  const QueueBounds bounds = services.store->bounds(queue.topic, queue.queue_id);
  const std::int64_t consumed =
      services.offsets->find(group, queue.topic, queue.queue_id).value_or(QueueOffset{0}).value;
  QueueTimeSpan span;
  span.queue = queue;
  span.min_timestamp_ms = store_time(services, queue, bounds.min.value, -1);
  span.max_timestamp_ms = store_time(services, queue, bounds.max.value - 1, -1);
  span.consume_timestamp_ms = store_time(services, queue, consumed - 1, span.min_timestamp_ms);
  if (consumed < bounds.max.value) {
    const std::int64_t waiting_since = store_time(services, queue, consumed, -1);
    if (waiting_since >= 0) span.delay_ms = services.host->now_ms() - waiting_since;
  }
  return span;
}

void consume_time_span(Request& request) {
  auto work = [name = std::string(request.require_text("topic")),
               group = std::string(request.require_text("group"))](const BrokerServices& services) {
    const auto topic = services.topics->find(name);
    if (!topic) throw Failure(Error(Errc::topic_not_exist, text("topic[", name, "] not exist")));
    std::vector<QueueTimeSpan> spans;
    spans.reserve(static_cast<std::size_t>(std::max(0, topic->write_queue_nums)));
    for (std::int32_t id = 0; id < topic->write_queue_nums; ++id) {
      spans.push_back(time_span_of(services, group, queue_of(services, name, id)));
    }
    return answer_with_body(consume_time_span_body(spans));
  };
  answer_from_disk(request, std::move(work));
}

}  // namespace

void add_consume_progress_handlers(HandlerTable& table) {
  table.add(RequestCode::get_consume_stats, consume_stats);
  table.add(RequestCode::query_consume_time_span, consume_time_span);
  table.add(RequestCode::get_broker_consume_stats, broker_consume_stats);
}

}  // namespace tenon::protocol_native
