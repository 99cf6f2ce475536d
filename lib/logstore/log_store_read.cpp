// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>

#include "logstore/log_store.hpp"
#include "logstore/run_collector.hpp"
#include "record/record_view.hpp"
#include "record/stored_message.hpp"

namespace tenon::logstore {
namespace {

/// How many bytes of a queue one read looks at: store-format.md 6.5.
constexpr std::int64_t kScanBytesMax = 16'000;

/// How long one read may evaluate a filter of properties. An expression comes from a client, and the reading thread
/// serves others, too; the reader goes on at next_queue_offset.
class FilterTime {
 public:
  explicit FilterTime(const CompiledFilter* filter) : counts_(filter != nullptr && filter->needs_properties()) {
    if (counts_) end_ = Clock::now() + kMax;
  }
  bool is_over() const { return counts_ && Clock::now() >= end_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kMax{20};

  const bool counts_;
  Clock::time_point end_;
};

/// A read of offsets that the queue does not have, or not for this reader. False for any other.
bool is_outside(std::int64_t at, std::int64_t min, std::int64_t max, std::int64_t stored, ReadResult& result) {
  result.min_queue_offset = {min};
  result.max_queue_offset = {max};
  if (stored == 0) return true;
  if (at < min) {
    result.status = ReadStatus::offset_too_small;
    result.next_queue_offset = {min};
  } else if (at >= max && at <= stored) {
    result.status = ReadStatus::offset_overflow_one;
    result.next_queue_offset = {at};
  } else if (at > stored) {
    result.status = ReadStatus::offset_overflow_badly;
    result.next_queue_offset = {max};
  } else {
    return false;
  }
  return true;
}

/// What is said at the end of a read that began at `begin` and got to `at`.
void conclude(std::int64_t begin, std::int64_t at, std::int64_t min, const RunCollector& collector,
              ReadResult& result) {
  result.next_queue_offset = {at};
  if (result.message_count > 0) {
    result.status = ReadStatus::found;
  } else if (at == begin) {
    result.status = ReadStatus::offset_found_null;
    // Deleted meanwhile, or not to be read now, for want of descriptors, say: nothing that may come back is passed by.
    result.next_queue_offset = {std::max(begin, min)};
  } else {
    result.status = collector.met_removed_record() ? ReadStatus::message_was_removing : ReadStatus::no_matched_message;
  }
}

void clear(ReadResult& result) {
  result.records.clear();
  result.message_count = 0;
  result.total_bytes = 0;
}

/// How far a read got in a queue, and what ended it; `next`: nothing but the end of what it may look at.
struct Reached {
  std::int64_t at = 0;
  RunCollector::Step step = RunCollector::Step::next;
};

Reached take_from(const ConsumeQueue& queue, const ReadRequest& request, const ReadResult& result,
                  RunCollector& collector) {
  const std::int64_t per_file = queue.entries_per_file();
  const std::int64_t begin = request.offset.value;
  const std::int64_t scan = std::max<std::int64_t>(kScanBytesMax / kQueueEntrySize, request.max_messages);
  const std::int64_t limit =
      std::min({result.max_queue_offset.value, begin + scan, begin - begin % per_file + per_file});
  const FilterTime filter_time(request.filter);
  const QueueExtension* const extension = request.filter != nullptr ? queue.extension() : nullptr;
  QueueExtension::Unit unit;
  std::array<IndexEntry, 32> entries;
  std::int64_t at = begin;
  if (request.wait == ReadWait::allowed) queue.will_need(at);
  auto step = RunCollector::Step::next;
  while (at < limit && step == RunCollector::Step::next && result.message_count < std::max(request.max_messages, 1)) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::int64_t>(limit - at, static_cast<std::int64_t>(entries.size())));
    if (request.wait == ReadWait::never && !queue.is_at_hand(at, wanted)) return {at, collector.not_at_hand()};
    const std::size_t got = queue.read(at, std::span(entries).first(wanted));
    if (got == 0) break;
    for (std::size_t index = 0; index < got && step == RunCollector::Step::next; ++index) {
      IndexEntry& entry = entries[index];
      if (extension != nullptr && is_extension_address(entry.tags_code) &&
          extension->read(entry.tags_code, unit, request.wait)) {
        entry.tags_code = unit.tags_code;
        entry.extension = &unit.extension;
      }
      step = collector.take(entry);
      if (step != RunCollector::Step::next) break;
      ++at;
      if (filter_time.is_over()) step = RunCollector::Step::full;
    }
  }
  return {at, step};
}

/// The whole batch is given that has the message asked for.
Reached take_from(const BatchQueue& queue, const ReadRequest& request, const ReadResult& result,
                  RunCollector& collector) {
  const std::int64_t begin = request.offset.value, end = queue.end();
  const std::int64_t scan = std::max<std::int64_t>(kScanBytesMax / kBatchUnitSize, request.max_messages);
  const FilterTime filter_time(request.filter);
  std::int64_t at = begin;
  auto step = RunCollector::Step::next;
  const auto first = queue.find(begin, request.wait);
  if (!first && request.wait == ReadWait::never) return {at, collector.not_at_hand()};
  if (first && request.wait == ReadWait::allowed) queue.will_need(*first);
  for (std::int64_t position = first.value_or(end); position < end && step == RunCollector::Step::next; ++position) {
    if (request.wait == ReadWait::never && !queue.is_at_hand(position)) return {at, collector.not_at_hand()};
    const auto unit = queue.unit(position);
    if (!unit || unit->base >= result.max_queue_offset.value) break;
    if (position > *first && unit->base - begin >= scan) break;  // the first may lie behind a gap of any length
    step = collector.take_batch(unit->entry(), unit->count);
    if (step != RunCollector::Step::next) break;
    at = unit->end();
    if (filter_time.is_over() || result.message_count >= request.max_messages) step = RunCollector::Step::full;
  }
  return {at, step};
}

}  // namespace

template <class Queue>
void LogStore::collect(const Queue& queue, const ReadRequest& request, ReadResult& result) const {
  const std::uint32_t cuts = cuts_.load(std::memory_order_acquire), queue_cuts = queue.cuts();
  const SegmentListPtr segments = log_.segments();
  RunCollector collector(request, log_, *segments, options_, result);
  const std::int64_t begin = request.offset.value;
  auto [at, step] = take_from(queue, request, result, collector);
  collector.finish();
  std::atomic_signal_fence(std::memory_order_acquire);  // ThreadSanitizer knows no thread fence; x86 needs none
  // Maybe entries of another log than the records, or of other units.
  if (cuts != cuts_.load(std::memory_order_acquire) || queue_cuts != queue.cuts()) [[unlikely]] {
    clear(result);
    at = begin;
  }
  if (step == RunCollector::Step::not_in_memory) {
    result.status = ReadStatus::not_in_memory;
    return;
  }
  conclude(begin, at, queue.min(), collector, result);
  if (result.message_count > 0) result.pin = segments;
}

ReadResult LogStore::read(const ReadRequest& request, Reach reach) const {
  ReadResult result;
  if (const auto queue = queues_.find(QueueKey(request.topic, request.queue_id))) {
    const std::int64_t stored = queue->max(), max = readable_max(*queue, stored, reach);
    if (!is_outside(request.offset.value, queue->min(), max, stored, result)) collect(*queue, request, result);
  } else if (const BatchQueuePtr batches = batch_queues_.find(request.topic, request.queue_id)) {
    const std::int64_t stored = batches->max(), max = readable_max(*batches, reach);
    if (!is_outside(request.offset.value, batches->min(), max, stored, result)) collect(*batches, request, result);
  }
  return result;
}

Result<StoredRecord> LogStore::record_at(PhysicalOffset offset) const {
  const auto missing = [&] {
    return Error(Errc::query_not_found, text("no record starts at physical offset ", offset));
  };
  if (offset >= log_.max()) return missing();  // before anything is added to what a client says
  const PhysicalOffset end = log_.readable_end(offset + 1);
  const SegmentListPtr segments = log_.segments();
  const Segment* segment = segments->find(offset);
  if (segment == nullptr || offset >= end) return missing();
  auto rest = segment->bytes_from(offset);
  if (end.value < segment->end()) rest = rest.first(static_cast<std::size_t>(end - offset));
  const auto view = record::RecordView::decode(rest);
  if (!view || view->physical_offset() != offset) return missing();
  return StoredRecord{view->bytes(), segments};
}

Result<StoredMessage> LogStore::message_at(PhysicalOffset offset) const { return record::decoded(record_at(offset)); }

Result<KeyQueryResult> LogStore::query_by_key(const KeyQuery& query, Reach reach) const {
  if (!options_.index_enabled)
    return Error(Errc::not_supported, "the key index of this store is switched off (index = false)");
  const KeyIndex::Found found = index_.query(query, log_);
  KeyQueryResult result;
  result.index_last_update_timestamp_ms = found.last_timestamp_ms;
  result.index_last_update_physical_offset = found.last_physical_offset;
  for (const PhysicalOffset offset : found.offsets) {
    if (auto stored = record_at(offset)) result.records.push_back(std::move(*stored));
  }
  if (reach == Reach::readable) hide_unreadable(result);
  return result;
}

}  // namespace tenon::logstore
