// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "logstore/log_store.hpp"
#include "record/record_view.hpp"

namespace tenon::logstore {

QueueBounds LogStore::bounds(std::string_view topic, std::int32_t queue_id, Reach reach) const {
  const auto queue = queues_.find(QueueKey(topic, queue_id));
  if (!queue) return {};
  const std::int64_t min = queue->min();
  return {{min}, {std::max(min, readable_max(*queue, queue->max(), reach))}};
}

/// Store time of the entry at `at`; INT64_MIN when retention has taken the record, empty when it cannot be read.
std::optional<std::int64_t> LogStore::entry_time(const ConsumeQueue& queue, const SegmentList& segments,
                                                 std::int64_t at) const {
  const auto entry = queue.entry(at);
  if (!entry || !is_valid(*entry)) return std::nullopt;
  if (is_filler(*entry) || entry->physical_offset < log_.min()) return INT64_MIN;
  const Segment* segment = segments.find(entry->physical_offset);
  const PhysicalOffset head_end = entry->physical_offset + static_cast<std::int64_t>(record::kMinRecordSize);
  if (segment == nullptr || head_end > log_.readable_end(head_end)) return std::nullopt;
  return record::store_timestamp_of(segment->at(entry->physical_offset));
}

Result<std::int64_t> LogStore::store_time_at(std::string_view topic, std::int32_t queue_id, QueueOffset offset,
                                             Reach reach) const {
  const auto queue = queues_.find(QueueKey(topic, queue_id));
  if (queue && offset.value >= queue->min() && offset.value < readable_max(*queue, queue->max(), reach)) {
    const auto time = entry_time(*queue, *log_.segments(), offset.value);
    if (time && *time != INT64_MIN) return *time;
  }
  return Error(Errc::query_not_found, text("no message in queue ", topic, "/", queue_id, " at offset ", offset));
}

QueueOffset LogStore::offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                                     TimeBoundary boundary, Reach reach) const {
  const auto queue = queues_.find(QueueKey(topic, queue_id));
  if (!queue) return {0};
  const std::int64_t min = queue->min(), max = readable_max(*queue, queue->max(), reach);
  const SegmentListPtr segments = log_.segments();  // after max, so that it has the file of the newest
  std::int64_t low = min, high = max;
  // lower: the first entry not before the time; upper: one past the last entry not after it.
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const auto time = entry_time(*queue, *segments, middle);
    if (!time) return {min};
    const bool before = boundary == TimeBoundary::lower ? *time < timestamp_ms : *time <= timestamp_ms;
    if (before) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return {boundary == TimeBoundary::lower ? low : std::max(low - 1, min)};
}

}  // namespace tenon::logstore
