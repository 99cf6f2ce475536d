// SPDX-License-Identifier: Apache-2.0
#include "routing/queue_lock_table.hpp"

#include <algorithm>

#include "routing/group_name.hpp"
#include "tenon/topics.hpp"

namespace tenon::kernel {
namespace {

constexpr std::size_t kBrokerNameMax = 127;
constexpr std::size_t kClientIdMax = 1024;  // clients write address, pid, instance name and a time

}  // namespace

bool QueueLockTable::is_lockable(const MessageQueue& queue) const {
  if (queue.queue_id < 0 || queue.broker_name.size() > kBrokerNameMax || !validate_topic_name(queue.topic))
    return false;
  return !limits_.queues_of || queue.queue_id < limits_.queues_of(queue.topic);
}

std::vector<MessageQueue> QueueLockTable::lock(std::string_view group, std::string_view client_id,
                                               const std::vector<MessageQueue>& queues) {
  std::vector<MessageQueue> held;
  const auto refuse = [this] {
    if (limits_.count_refusal) limits_.count_refusal();
  };
  if (group.empty() || group.size() > kGroupNameMax || client_id.size() > kClientIdMax) return refuse(), held;
  std::vector<const MessageQueue*> lockable;
  for (const MessageQueue& queue : queues) {
    is_lockable(queue) ? lockable.push_back(&queue) : refuse();
  }
  const std::int64_t now_ms = now_();
  const std::scoped_lock lock(mutex_);
  auto found = groups_.find(group);
  if (found == groups_.end()) found = groups_.emplace(group, Group{}).first;
  for (const MessageQueue* queue : lockable) {
    auto place = found->second.find(*queue);
    if (place == found->second.end()) {
      if (count_ >= limits_.locks_max) {
        refuse();
        continue;
      }
      place = found->second.try_emplace(*queue).first;
      ++count_;
    } else if (place->second.client_id != client_id && !is_expired(place->second, now_ms)) {
      continue;
    }
    place->second = {std::string(client_id), now_ms};
    held.push_back(*queue);
  }
  if (found->second.empty()) groups_.erase(found);
  return held;
}

void QueueLockTable::unlock(std::string_view group, std::string_view client_id,
                            const std::vector<MessageQueue>& queues) {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  for (const MessageQueue& queue : queues) {
    const auto place = found->second.find(queue);
    if (place == found->second.end() || place->second.client_id != client_id) continue;
    found->second.erase(place);
    --count_;
  }
  if (found->second.empty()) groups_.erase(found);
}

bool QueueLockTable::is_any_locked(std::string_view group) const {
  const std::int64_t now_ms = now_();
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(group);
  return found != groups_.end() &&
         std::ranges::any_of(found->second, [&](const auto& entry) { return !is_expired(entry.second, now_ms); });
}

void QueueLockTable::remove_expired() {
  const std::int64_t now_ms = now_();
  const std::scoped_lock lock(mutex_);
  for (auto& [name, group] : groups_) {
    count_ -= std::erase_if(group, [&](const auto& entry) { return is_expired(entry.second, now_ms); });
  }
  std::erase_if(groups_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace tenon::kernel
