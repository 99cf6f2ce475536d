// SPDX-License-Identifier: Apache-2.0
#include "routing/queue_lock_table.hpp"

#include <algorithm>

namespace tenon::kernel {

std::vector<MessageQueue> QueueLockTable::lock(std::string_view group, std::string_view client_id,
                                               const std::vector<MessageQueue>& queues) {
  std::vector<MessageQueue> held;
  const std::int64_t now_ms = now_();
  const std::scoped_lock lock(mutex_);
  auto found = groups_.find(group);
  if (found == groups_.end()) found = groups_.emplace(group, Group{}).first;
  for (const MessageQueue& queue : queues) {
    const auto [place, fresh] = found->second.try_emplace(queue);
    Holder& holder = place->second;
    if (!fresh && holder.client_id != client_id && !is_expired(holder, now_ms)) continue;
    holder.client_id = client_id;
    holder.renewed_ms = now_ms;
    held.push_back(queue);
  }
  return held;
}

void QueueLockTable::unlock(std::string_view group, std::string_view client_id,
                            const std::vector<MessageQueue>& queues) {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  for (const MessageQueue& queue : queues) {
    const auto place = found->second.find(queue);
    if (place != found->second.end() && place->second.client_id == client_id) found->second.erase(place);
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
    std::erase_if(group, [&](const auto& entry) { return is_expired(entry.second, now_ms); });
  }
  std::erase_if(groups_, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace tenon::kernel
