// SPDX-License-Identifier: Apache-2.0
#include "kept_offsets.hpp"

namespace tenon::pop {

std::optional<QueueOffset> KeptOffsets::find(std::string_view group, std::string_view topic,
                                             std::int32_t queue_id) const {
  const auto found = waiting_.find(NameKeyView(group, topic, queue_id));
  if (found != waiting_.end()) return found->second.back().offset;
  return parts_.offsets->find(group, topic, queue_id);
}

void KeptOffsets::advance(std::string_view group, std::string_view topic, std::int32_t queue_id, QueueOffset offset,
                          PhysicalOffset vouched_by) {
  auto& waiting = waiting_[{std::string(group), std::string(topic), queue_id}];
  // A record that is older than the one before: an offset that needs nothing but what the one before needs.
  if (!waiting.empty() && vouched_by < waiting.back().vouched_by) vouched_by = waiting.back().vouched_by;
  // What hangs on the same record needs no place of its own, however long that takes.
  if (!waiting.empty() && waiting.back().vouched_by == vouched_by)
    waiting.back().offset = offset;
  else
    waiting.push_back({offset, vouched_by});
}

void KeptOffsets::forget(std::string_view group, std::string_view topic, std::int32_t queue_id) {
  const auto found = waiting_.find(NameKeyView(group, topic, queue_id));
  if (found != waiting_.end()) waiting_.erase(found);
}

void KeptOffsets::settle() {
  if (waiting_.empty()) return;
  const PhysicalOffset flushed = parts_.whole_log->status().flushed_physical_offset;
  const auto is_kept = [&](PhysicalOffset end) { return end <= flushed && parts_.delivery->is_safe(end); };
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    const auto& [group, topic, queue_id] = entry->first;
    auto& waiting = entry->second;
    std::optional<QueueOffset> certain;
    while (!waiting.empty() && is_kept(waiting.front().vouched_by)) {
      certain = waiting.front().offset;
      waiting.pop_front();
    }
    // Refused only where topic or group are gone, and then the offset is nobody's.
    if (certain) (void)parts_.offsets->commit(group, topic, queue_id, *certain);
    entry = waiting.empty() ? waiting_.erase(entry) : std::next(entry);
  }
}

}  // namespace tenon::pop
