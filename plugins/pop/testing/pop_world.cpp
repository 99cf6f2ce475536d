// SPDX-License-Identifier: Apache-2.0
#include "testing/pop_world.hpp"

#include <stdexcept>

#include "popped_records.hpp"
#include "record/read_records.hpp"
#include "tenon/properties.hpp"

namespace tenon::pop {
namespace {

OffsetsForTest::Key key_of(std::string_view group, std::string_view topic, std::int32_t queue_id) {
  return {std::string(group), std::string(topic), queue_id};
}

class TagFilter final : public CompiledFilter {
 public:
  explicit TagFilter(std::string_view tag) : tag_(tag) {}
  bool match_index(const IndexEntry&) const noexcept override { return true; }
  bool needs_properties() const noexcept override { return true; }
  bool match_properties(const PropertiesView& properties) const noexcept override {
    return properties.find(tenon::property::tags) == tag_;
  }

 private:
  const std::string tag_;
};

}  // namespace

Status OffsetsForTest::commit(std::string_view group, std::string_view topic, std::int32_t queue_id,
                              QueueOffset offset) {
  if (!resets.contains(key_of(group, topic, queue_id))) committed[key_of(group, topic, queue_id)] = offset;
  return {};
}
std::optional<QueueOffset> OffsetsForTest::find(std::string_view group, std::string_view topic,
                                                std::int32_t queue_id) const {
  const auto found = committed.find(key_of(group, topic, queue_id));
  return found == committed.end() ? std::nullopt : std::optional(found->second);
}
Result<QueueOffset> OffsetsForTest::starting_offset(std::string_view group, std::string_view topic,
                                                    std::int32_t queue_id, bool) const {
  if (const auto known = find(group, topic, queue_id)) return *known;
  if (queues_are_young) return QueueOffset{0};
  return Error(Errc::query_not_found, "no young queue");
}
Status OffsetsForTest::reset(std::string_view group, std::string_view topic, std::int32_t queue_id,
                             QueueOffset offset) {
  resets[key_of(group, topic, queue_id)] = committed[key_of(group, topic, queue_id)] = offset;
  return {};
}
std::optional<QueueOffset> OffsetsForTest::take_reset(std::string_view group, std::string_view topic,
                                                      std::int32_t queue_id) {
  const auto found = resets.extract(key_of(group, topic, queue_id));
  return found.empty() ? std::nullopt : std::optional(found.mapped());
}

std::shared_ptr<const TopicConfig> TopicsForTest::find(std::string_view topic) const {
  const auto found = all.find(topic);
  return found == all.end() ? nullptr : found->second;
}
void TopicsForTest::put(TopicConfig config, Done done) {
  const std::string name = config.name;
  all[name] = std::make_shared<const TopicConfig>(std::move(config));
  done({});
}
void TopicsForTest::remove(std::string_view topic, Done done) {
  all.erase(std::string(topic));
  done({});
}

std::shared_ptr<const SubscriptionGroupConfig> GroupsForTest::find(std::string_view group) const {
  const auto found = all.find(group);
  return found == all.end() ? nullptr : found->second;
}
Status GroupsForTest::put(SubscriptionGroupConfig config) {
  const std::string name = config.name;
  all[name] = std::make_shared<const SubscriptionGroupConfig>(std::move(config));
  return {};
}
Status GroupsForTest::remove(std::string_view group, bool) {
  all.erase(std::string(group));
  return {};
}

Result<AppendReceipt> DeliveryForTest::deliver(const Message& message, const DeliveryOptions&) {
  if (!refuses.empty()) return Error(Errc::service_not_available, refuses);
  return store_.append(message);
}

Result<ScheduledDelivery> TimerForTest::schedule(const Message& message, std::int64_t deliver_at_ms) {
  if (!refuses.empty()) return Error(Errc::invalid_parameter, refuses);
  if (throws) throw std::runtime_error("the timer is broken");
  if (deliver_at_ms > furthest_ms) return Error(Errc::invalid_parameter, "beyond the furthest time");
  std::string properties(message.properties);
  if (deliver_at_ms > host_.clock_ms) set_property(properties, tenon::property::timer_deliver_ms, text(deliver_at_ms));
  const Waiting waiting{std::string(message.topic),
                        std::move(properties),
                        {reinterpret_cast<const char*>(message.body.data()), message.body.size()},
                        message.queue_id};
  if (deliver_at_ms <= host_.clock_ms) return ScheduledDelivery{store(waiting), {}};
  // As the delay plug-in does: the message waits in the log, so its record has an end there.
  Message note = message;
  note.topic = "rmq_sys_wheel_timer";
  note.queue_id = 0;
  const auto noted = store_.append(note);
  if (!noted) return noted.error();
  waiting_.emplace(deliver_at_ms, waiting);
  return ScheduledDelivery{*noted, {}};
}
void TimerForTest::run() {
  while (!waiting_.empty() && waiting_.begin()->first <= host_.clock_ms) {
    store(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
}
AppendReceipt TimerForTest::store(const Waiting& waiting) {
  Message message;
  message.topic = waiting.topic;
  message.queue_id = waiting.queue_id;
  message.properties = waiting.properties;
  message.body = std::as_bytes(std::span(waiting.body));
  return store_.append(message).value();
}

Result<std::shared_ptr<const CompiledFilter>> TagsForTest::compile(std::string_view expression) const {
  if (expression == "(") return Error(Errc::subscription_parse_failed, "a bracket at 1");
  return std::shared_ptr<const CompiledFilter>(std::make_shared<TagFilter>(expression));
}

PopWorld::PopWorld() {
  make_topic("Orders", 2);
  SubscriptionGroupConfig group;
  group.name = "g";
  groups.put(group).value();
  parts.host = &host;
  parts.store = &store;
  parts.whole_log = &store.whole_log();
  parts.delivery = &delivery;
  parts.scheduler = &timer;
  parts.offsets = &offsets;
  parts.resets = &offsets;
  parts.topics = &topics;
  parts.groups = &groups;
  parts.identity = &identity;
  parts.filters.push_back({"TAG", &tags, "filter-tag"});
  parts.settings = &settings;
  parts.revive_topic = text(kReviveTopicPrefix, identity.cluster());
  settings.retry_percent = 0;
  make_topic(parts.revive_topic, kReviveQueues);
}

AppendReceipt PopWorld::send(std::string_view body, std::int32_t queue_id, std::string_view topic,
                             std::string_view tag) {
  std::string properties;
  append_property(properties, tenon::property::unique_key, body.substr(0, 32));
  append_property(properties, tenon::property::tags, tag);
  Message message;
  message.topic = topic;
  message.queue_id = queue_id;
  message.properties = properties;
  message.born_timestamp_ms = host.clock_ms;
  message.body = std::as_bytes(std::span(body));
  return store.append(message).value();
}

void PopWorld::make_topic(std::string name, std::int32_t queues) {
  TopicConfig config;
  config.name = std::move(name);
  config.read_queue_nums = config.write_queue_nums = queues;
  topics.put(std::move(config), [](const Status&) {});
}

void PopWorld::pass(std::chrono::milliseconds time) {
  host.clock_ms += time.count();
  timer.run();
}

std::vector<StoredMessage> PopWorld::messages(std::string_view topic, std::int32_t queue_id) const {
  std::vector<StoredMessage> found;
  ReadRequest request;
  request.topic = topic;
  request.queue_id = queue_id;
  request.max_messages = 1000;
  request.form = ReadForm::in_memory;
  const ReadResult read = store.read(request);
  record::for_each_record(read, [&](const record::RecordView& record) {
    found.push_back(
        {record.message(), record.queue_offset(), record.physical_offset(), record.store_timestamp_ms(), read.pin});
  });
  return found;
}

std::vector<std::string> PopWorld::bodies(std::string_view topic, std::int32_t queue_id) const {
  std::vector<std::string> found;
  for (const StoredMessage& stored : messages(topic, queue_id))
    found.emplace_back(reinterpret_cast<const char*>(stored.message.body.data()), stored.message.body.size());
  return found;
}

}  // namespace tenon::pop
