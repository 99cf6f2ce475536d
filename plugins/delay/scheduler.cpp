// SPDX-License-Identifier: Apache-2.0
#include "scheduler.hpp"

#include "names.hpp"

namespace tenon::delay {

/// 32 digits like those of a client: this moment, and a count.
std::string Scheduler::new_unique_key() {
  std::string key;
  const auto put = [&key](std::uint64_t value) {
    for (int shift = 60; shift >= 0; shift -= 4) key.push_back("0123456789ABCDEF"[value >> shift & 0xF]);
  };
  put(static_cast<std::uint64_t>(parts_.now_ms()));
  put(keys_made_.fetch_add(1));
  return key;
}

Result<ScheduledDelivery> Scheduler::schedule(const Message& message, std::int64_t deliver_at_ms) {
  if (!parts_.timers) return Error(Errc::not_supported, "timer of [plugins.delay] is false");
  const std::int64_t now = parts_.now_ms();
  if (deliver_at_ms > now && deliver_at_ms - now > parts_.rules->timer_max_delay_ms) {
    return Error(Errc::invalid_parameter,
                 text("a delivery ", (deliver_at_ms - now) / 1'000, " s ahead is further than ",
                      parts_.rules->timer_max_delay_ms / 1'000, " s (timer_max_delay)"));
  }
  std::string properties(message.properties);
  if (!PropertiesView(properties).find(property::unique_key)) {
    append_property(properties, property::unique_key, new_unique_key());
  }
  Message waiting = message;
  waiting.properties = properties;
  waiting.indexed.reset();
  if (deliver_at_ms > now) return store(waiting, deliver_at_ms);
  const auto delivered = parts_.delivery->deliver(waiting, {});
  if (!delivered) return delivered.error();
  return ScheduledDelivery{*delivered, {}};
}

Result<ScheduledDelivery> Scheduler::store(Message message, std::int64_t deliver_at_ms) {
  const std::int64_t out = parts_.rules->timer.out_ms(deliver_at_ms);
  const RecallHandle handle{std::string(message.topic), parts_.broker_name, out + 1,
                            std::string(PropertiesView(message.properties).find(property::unique_key).value_or(""))};
  std::string properties(message.properties);
  set_property(properties, property::timer_deliver_ms, text(deliver_at_ms));
  set_property(properties, timer_property::out_ms, text(out));
  set_property(properties, property::real_topic, message.topic);
  set_property(properties, property::real_queue_id, text(message.queue_id));
  message.properties = properties;
  message.topic = kTimerTopic;
  message.queue_id = 0;
  const auto stored = parts_.delivery->deliver(message, {});
  if (!stored) return stored.error();
  return ScheduledDelivery{*stored, handle.encode()};
}

Result<RecallHandle> Scheduler::check(std::string_view text_of_handle, std::string_view topic) const {
  auto handle = RecallHandle::decode(text_of_handle);
  if (!handle) return handle;
  if (handle->broker_name != parts_.broker_name) {
    return Error(Errc::illegal_operation, "recall handle is of another broker");
  }
  if (!topic.empty() && handle->topic != topic) {
    return Error(Errc::illegal_operation, "recall handle is of another topic");
  }
  if (!parts_.topics->find(handle->topic)) {
    return Error(Errc::topic_not_exist, text("topic[", handle->topic, "] not exist"));
  }
  const std::int64_t now = parts_.now_ms();
  if (handle->timestamp_ms <= now || handle->timestamp_ms - now > parts_.rules->timer_max_delay_ms) {
    return Error(Errc::illegal_operation,
                 "the timestamp of the recall handle is invalid: its time is over, or too far");
  }
  return handle;
}

Result<std::string> Scheduler::cancel(std::string_view text_of_handle, std::string_view topic) {
  if (!parts_.rules->recall) return Error(Errc::no_permission, "recall failed, recall of [plugins.delay] is false");
  if (parts_.is_slave()) return Error(Errc::slave_not_available, "recall failed, this broker is a slave");
  if (!parts_.timers) return Error(Errc::not_supported, "recall failed, timer of [plugins.delay] is false");
  const auto handle = check(text_of_handle, topic);
  if (!handle) return handle.error();
  std::string properties;
  append_property(properties, property::tags, kRecallTag);
  append_property(properties, property::unique_key, handle->unique_key);
  append_property(properties, timer_property::delete_key, handle->unique_key);
  const char body[] = {'0'};
  Message mark;
  mark.topic = handle->topic;
  mark.born_timestamp_ms = parts_.now_ms();
  mark.properties = properties;
  mark.body = std::as_bytes(std::span(body));
  const auto stored = store(mark, handle->timestamp_ms);
  if (!stored) return stored.error();
  return handle->unique_key;
}

TimerProgress Scheduler::timer_progress() const { return parts_.timers ? parts_.timers->progress() : TimerProgress{}; }
std::int64_t Scheduler::delivered_until_ms() const { return parts_.timers ? parts_.timers->delivered_until_ms() : 0; }
DelayLevelProgress Scheduler::level_progress() const {
  return parts_.levels ? parts_.levels->progress() : DelayLevelProgress{};
}
std::vector<PendingDeliveries> Scheduler::pending() const {
  return parts_.timers ? parts_.timers->pending() : std::vector<PendingDeliveries>{};
}

}  // namespace tenon::delay
