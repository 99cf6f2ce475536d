// SPDX-License-Identifier: Apache-2.0
// Up to where consumers read: the queues without what a failover could take away.
#include <algorithm>

#include "logstore/log_store.hpp"
#include "logstore/queue_entry.hpp"

namespace tenon::logstore {

/// Where a queue whose real end is `max` ends for readers. Its records lie in the log in the order of their offsets,
/// and what is held back is a short tail mostly.
std::int64_t LogStore::readable_max(const ConsumeQueue& queue, std::int64_t max, Reach reach) const {
  const std::int64_t end = readable_end_.load(std::memory_order_acquire);
  if (reach == Reach::whole || end == kUnbounded || end >= log_.max().value) [[likely]]
    return max;
  std::int64_t high = max;
  const auto is_readable = [&](std::int64_t at) {
    // A filler says nothing of where those around it lie.
    const auto next = queue.next_of_record(at, high);
    if (next && *next >= high) return false;
    const auto entry = next ? queue.entry(*next) : std::nullopt;
    if (!entry) return at < queue.min();  // retention was faster; else it cannot be read now, and may be held back
    return entry->physical_offset.value + entry->size_bytes <= end;
  };
  const std::int64_t min = queue.min();
  std::int64_t low = max - 1;
  for (std::int64_t step = 1; low >= min && !is_readable(low); step *= 2) {
    high = low;
    if (low == min) return min;
    low = std::max(min, low - step);
  }
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (is_readable(middle) ? low : high) = middle;
  }
  return high;
}

std::int64_t LogStore::readable_max(const BatchQueue& queue, Reach reach) const {
  const std::int64_t max = queue.max(), last = queue.end(), end = readable_end_.load(std::memory_order_acquire);
  if (reach == Reach::whole || end == kUnbounded || end >= log_.max().value) return max;
  const auto hidden = queue.find_first(
      last, [end](const BatchUnit& unit) { return unit.physical_offset.value + unit.size_bytes > end; });
  const auto first = hidden && *hidden < last ? queue.unit(*hidden) : std::nullopt;
  if (first) return std::min(first->base, max);
  return hidden == last ? max : queue.min();  // cannot be read now, and may be held back
}

PhysicalOffset LogStore::readable_end() const noexcept { return {readable_end_.load(std::memory_order_acquire)}; }

Status LogStore::set_readable_end(PhysicalOffset end) {
  // Sequentially consistent, before whoever is told looks for waiting readers: see PullWaiters::any().
  const std::int64_t before = readable_end_.exchange(end.value);
  if (readable_moved_) readable_moved_(end);
  return before == kUnbounded && end.value != kUnbounded ? write_checkpoint_now() : Status{};
}

/// At a start. What was lost of the log with the machine's power is written anew, and is not what was readable.
void LogStore::restore_readable_end() {
  if (checkpoint_.readable_end >= 0) readable_end_ = std::min(checkpoint_.readable_end, log_.max().value);
}

std::int64_t LogStore::kept_readable_end() const noexcept {
  const std::int64_t end = readable_end_.load();
  return end == kUnbounded ? -1 : end;
}

void LogStore::hide_unreadable(KeyQueryResult& found) const {
  const std::int64_t end = readable_end_.load(std::memory_order_acquire);
  if (end == kUnbounded) return;
  std::erase_if(found.records, [end](const StoredRecord& record) {
    const auto at = record::load_big<std::int64_t>(record.bytes.data() + record::position::physical_offset);
    return at + static_cast<std::int64_t>(record.bytes.size()) > end;
  });
}

}  // namespace tenon::logstore
