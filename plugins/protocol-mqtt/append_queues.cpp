// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/append_queues.hpp"

#include <algorithm>
#include <utility>

#include "protocol-mqtt/mapping/topic_map.hpp"

namespace tenon::protocol_mqtt {
namespace {

template <class Visit>
void for_each_visible(const Topics& topics, Visit&& visit) {
  for (const auto& topic : topics.list()) {
    if (!TopicMap::is_visible(topic->name, topics)) continue;
    const std::int32_t queues = std::max(topic->read_queue_nums, topic->write_queue_nums);
    for (std::int32_t queue_id = 0; queue_id < queues; ++queue_id) visit(topic->name, queue_id);
  }
}

}  // namespace

AppendQueues::Queue& AppendQueues::at(std::string_view topic, std::int32_t queue_id) {
  auto of_topic = queues_.find(topic);
  if (of_topic == queues_.end()) of_topic = queues_.try_emplace(std::string(topic)).first;
  const auto [queue, is_new] = of_topic->second.try_emplace(queue_id);
  if (is_new) {
    queue->second.topic = topic;
    queue->second.queue_id = queue_id;
  }
  return queue->second;
}

/// The lock is held.
bool AppendQueues::list(Queue& queue) {
  if (queue.listed) return false;
  listed_.push_back(&queue);
  queue.listed = true;
  return listed_.size() == 1;
}

bool AppendQueues::mark(std::string_view topic, std::int32_t queue_id) {
  const std::scoped_lock lock(mutex_);
  return list(at(topic, queue_id));
}

bool AppendQueues::mark_held(std::string_view topic, std::int32_t queue_id) {
  const std::scoped_lock lock(mutex_);
  const auto of_topic = queues_.find(topic);
  if (of_topic == queues_.end()) return false;
  const auto queue = of_topic->second.find(queue_id);
  return queue != of_topic->second.end() && queue->second.held && list(queue->second);
}

void AppendQueues::mark_all_held() {
  if (!any_held()) return;
  for_each([this](Queue& queue) {
    if (queue.held) list(queue);
  });
}

void AppendQueues::set_held(Queue& queue, bool held) {
  const std::scoped_lock lock(mutex_);
  if (std::exchange(queue.held, held) != held) held_.fetch_add(held ? 1 : -1, std::memory_order_seq_cst);
}

std::vector<AppendQueues::Queue*> AppendQueues::take() {
  const std::scoped_lock lock(mutex_);
  for (Queue* queue : listed_) queue->listed = false;
  return std::exchange(listed_, {});
}

void AppendQueues::again(Queue& queue) {
  const std::scoped_lock lock(mutex_);
  list(queue);
}

void AppendQueues::skip_to_end(const MessageStore& store, const Topics& topics) {
  for_each_visible(topics, [&](const std::string& topic, std::int32_t id) { skip_to_end(store, topic, id); });
}

void AppendQueues::skip_read(const MessageStore& store, const Topics& topics) {
  for_each_visible(topics, [&](const std::string& topic, std::int32_t id) { skip_read(store, topic, id); });
}

void AppendQueues::skip_read(const MessageStore& store, std::string_view topic, std::int32_t queue_id) {
  const QueueOffset end = store.bounds(topic, queue_id).max;
  const std::scoped_lock lock(mutex_);
  Queue& queue = at(topic, queue_id);
  if (!queue.listed && !queue.held) queue.next = end;
}

void AppendQueues::mark_all(const Topics& topics) {
  for_each_visible(topics, [&](const std::string& topic, std::int32_t queue_id) { mark(topic, queue_id); });
}

void AppendQueues::skip_to_end(const MessageStore& store, std::string_view topic, std::int32_t queue_id) {
  const QueueOffset end = store.bounds(topic, queue_id).max;
  const std::scoped_lock lock(mutex_);
  Queue& queue = at(topic, queue_id);
  if (!queue.held) queue.next = end;
}

void AppendQueues::set_next(std::string_view topic, std::int32_t queue_id, QueueOffset next) {
  const std::scoped_lock lock(mutex_);
  at(topic, queue_id).next = next;
}

void AppendQueues::for_each(const std::function<void(Queue&)>& visit) {
  const std::scoped_lock lock(mutex_);
  for (auto& [topic, queues] : queues_) {
    for (auto& [queue_id, queue] : queues) visit(queue);
  }
}

}  // namespace tenon::protocol_mqtt
