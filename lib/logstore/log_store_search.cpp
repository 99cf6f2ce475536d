// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "logstore/log_store.hpp"
#include "record/record_view.hpp"

namespace tenon::logstore {

QueueBounds LogStore::bounds(std::string_view topic, std::int32_t queue_id, Reach reach) const {
  const auto queue = queues_.find(QueueKey(topic, queue_id));
  if (!queue) {
    const BatchQueuePtr batches = batch_queues_.find(topic, queue_id);
    if (!batches) return {};
    const std::int64_t min = batches->min();
    return {{min}, {std::max(min, readable_max(*batches, reach))}};
  }
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
  } else if (const BatchQueuePtr batches = queue ? nullptr : batch_queues_.find(topic, queue_id)) {
    const auto position = offset.value < readable_max(*batches, reach) ? batches->find(offset.value) : std::nullopt;
    const auto unit = position ? batches->unit(*position) : std::nullopt;
    if (unit && unit->base <= offset.value && unit->physical_offset >= log_.min()) return unit->store_timestamp_ms;
  }
  return Error(Errc::query_not_found, text("no message in queue ", topic, "/", queue_id, " at offset ", offset));
}

QueueOffset LogStore::offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                                     TimeBoundary boundary, Reach reach) const {
  const auto queue = queues_.find(QueueKey(topic, queue_id));
  if (!queue) {
    const BatchQueuePtr batches = batch_queues_.find(topic, queue_id);
    return batches ? offset_of_time(*batches, readable_max(*batches, reach), timestamp_ms, boundary) : QueueOffset{0};
  }
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

/// An offset of a batch is that of its first message. Unlike in other queues a time behind all messages gives the last
/// batch, as RocketMQ does; between two batches its upper gives the one behind or the begin of the queue, and ours the
/// one before. Source: ../shared/reference/store-format.md 8.
QueueOffset LogStore::offset_of_time(const BatchQueue& queue, std::int64_t max, std::int64_t timestamp_ms,
                                     TimeBoundary boundary) {
  const std::int64_t min = queue.min(), end = queue.end();
  const auto behind = queue.find_first(end, [&](const BatchUnit& unit) {
    if (unit.base >= max) return true;
    return boundary == TimeBoundary::lower ? unit.store_timestamp_ms >= timestamp_ms
                                           : unit.store_timestamp_ms > timestamp_ms;
  });
  if (!behind) return {min};
  auto found = *behind < end ? queue.unit(*behind) : std::nullopt;
  const bool is_last = !found || found->base >= max;
  if ((boundary == TimeBoundary::upper || is_last) && *behind > queue.begin()) found = queue.unit(*behind - 1);
  return {found && found->base < max ? std::max(found->base, min) : min};
}

}  // namespace tenon::logstore
