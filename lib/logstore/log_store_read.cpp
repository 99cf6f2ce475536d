// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "logstore/log_store.hpp"
#include "record/record_view.hpp"

namespace tenon::logstore {
namespace {

// Scan limits: store-format.md 6.5.
constexpr std::int64_t kScanBytesMax = 16'000;
constexpr std::int64_t kBytesMax = 128LL << 20, kBytesMin = 100;
constexpr std::int64_t kMemoryBytesMax = 262'144, kDiskBytesMax = 65'536;
constexpr std::int32_t kMemoryCountMax = 32, kDiskCountMax = 8;

/// Collects matching records of one read and merges those that lie side by side.
class RunCollector {
 public:
  RunCollector(const ReadRequest& request, const SegmentList& segments, PhysicalOffset end,
               std::int64_t bytes_in_memory, ReadResult& result)
      : request_(request), segments_(segments), end_(end), bytes_in_memory_(bytes_in_memory), result_(result) {}

  enum class Step { next, full };
  Step take(const IndexEntry& entry) {
    if (!is_valid(entry) || is_filler(entry)) return Step::next;
    if (result_.message_count > 0 && exceeds(entry)) return Step::full;
    if (request_.filter != nullptr && !request_.filter->match_index(entry)) return Step::next;
    const std::span<const std::byte> record = find(entry);
    if (record.empty()) {
      removing_ = true;
      return Step::next;
    }
    if (request_.filter != nullptr && request_.filter->needs_properties() && !properties_match(record))
      return Step::next;
    add(record);
    return Step::next;
  }
  bool met_removed_record() const noexcept { return removing_; }

 private:
  bool exceeds(const IndexEntry& entry) const {
    const bool in_memory = end_ - entry.physical_offset <= bytes_in_memory_;
    const std::int64_t bytes =
        std::min(std::clamp(request_.max_bytes, kBytesMin, kBytesMax), in_memory ? kMemoryBytesMax : kDiskBytesMax);
    const std::int32_t count =
        std::min(std::max(request_.max_messages, 1), in_memory ? kMemoryCountMax : kDiskCountMax);
    return result_.message_count >= count || result_.total_bytes + entry.size_bytes > bytes;
  }

  std::span<const std::byte> find(const IndexEntry& entry) {
    const std::int64_t at = entry.physical_offset.value;
    if (segment_ == nullptr || at < segment_->base() || at >= segment_->end())
      segment_ = segments_.find(entry.physical_offset);
    if (segment_ == nullptr || at + entry.size_bytes > std::min(segment_->end(), end_.value)) return {};
    return {segment_->at(entry.physical_offset), static_cast<std::size_t>(entry.size_bytes)};
  }

  bool properties_match(std::span<const std::byte> record) const {
    const auto view = record::RecordView::decode(record);
    return view && request_.filter->match_properties(view->properties());
  }

  void add(std::span<const std::byte> record) {
    ++result_.message_count;
    result_.total_bytes += static_cast<std::int64_t>(record.size());
    if (!result_.records.empty()) {
      auto& run = std::get<MemorySlice>(result_.records.back()).bytes;
      if (run.data() + run.size() == record.data()) {
        run = {run.data(), run.size() + record.size()};
        return;
      }
    }
    result_.records.emplace_back(MemorySlice{record});
  }

  const ReadRequest& request_;
  const SegmentList& segments_;
  PhysicalOffset end_;
  std::int64_t bytes_in_memory_;
  ReadResult& result_;
  const Segment* segment_ = nullptr;
  bool removing_ = false;
};

}  // namespace

ReadResult LogStore::read(const ReadRequest& request) const {
  ReadResult result;
  const auto queue = queues_.find(QueueKey(request.topic, request.queue_id));
  if (!queue) return result;
  const std::int64_t max = queue->max(), min = queue->min(), at = request.offset.value;
  result.min_queue_offset = {min};
  result.max_queue_offset = {max};
  if (max == 0) return result;
  if (at < min) {
    result.status = ReadStatus::offset_too_small;
    result.next_queue_offset = {min};
  } else if (at == max) {
    result.status = ReadStatus::offset_overflow_one;
    result.next_queue_offset = {at};
  } else if (at > max) {
    result.status = ReadStatus::offset_overflow_badly;
    result.next_queue_offset = {max};
  } else {
    collect(*queue, request, result);
  }
  return result;
}

void LogStore::collect(const ConsumeQueue& queue, const ReadRequest& request, ReadResult& result) const {
  const SegmentListPtr segments = log_.segments();
  RunCollector collector(request, *segments, log_.max(), options_.bytes_in_memory, result);
  const std::int64_t per_file = options_.consume_queue_file_entries;
  const std::int64_t begin = request.offset.value;
  const std::int64_t scan = std::max<std::int64_t>(kScanBytesMax / kQueueEntrySize, request.max_messages);
  const std::int64_t limit =
      std::min({result.max_queue_offset.value, begin + scan, begin - begin % per_file + per_file});
  std::array<IndexEntry, 32> entries;
  std::int64_t at = begin;
  bool full = false;
  while (at < limit && !full) {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::int64_t>(limit - at, static_cast<std::int64_t>(entries.size())));
    const std::size_t got = queue.read(at, std::span(entries).first(wanted));
    if (got == 0) break;
    for (std::size_t index = 0; index < got && !full; ++index) {
      full = collector.take(entries[index]) == RunCollector::Step::full;
      if (!full) ++at;
    }
    full = full || result.message_count >= std::max(request.max_messages, 1);
  }
  result.next_queue_offset = {at};
  if (result.message_count > 0) {
    result.status = ReadStatus::found;
    result.pin = segments;
  } else if (at == begin) {
    result.status = ReadStatus::offset_found_null;
    result.next_queue_offset = {std::min(begin - begin % per_file + per_file, result.max_queue_offset.value)};
  } else {
    result.status = collector.met_removed_record() ? ReadStatus::message_was_removing : ReadStatus::no_matched_message;
  }
}

Result<StoredRecord> LogStore::record_at(PhysicalOffset offset) const {
  const Error missing(Errc::query_not_found, text("no record starts at physical offset ", offset));
  const PhysicalOffset end = log_.max();
  const SegmentListPtr segments = log_.segments();
  const Segment* segment = segments->find(offset);
  if (segment == nullptr || offset >= end) return missing;
  auto rest = segment->bytes_from(offset);
  if (end.value < segment->end()) rest = rest.first(static_cast<std::size_t>(end - offset));
  const auto view = record::RecordView::decode(rest);
  if (!view || view->physical_offset() != offset) return missing;
  return StoredRecord{view->bytes(), segments};
}

Result<StoredMessage> LogStore::message_at(PhysicalOffset offset) const {
  const Result<StoredRecord> stored = record_at(offset);
  if (!stored) return stored.error();
  const auto view = record::RecordView::decode(stored->bytes);
  if (!view) return view.error();
  return StoredMessage{view->message(), view->queue_offset(), view->physical_offset(), view->store_timestamp_ms(),
                       stored->pin};
}

Result<KeyQueryResult> LogStore::query_by_key(const KeyQuery& query) const {
  if (!options_.index_enabled)
    return Error(Errc::not_supported, "the key index of this store is switched off (index = false)");
  const KeyIndex::Found found = index_.query(query, log_);
  KeyQueryResult result;
  result.index_last_update_timestamp_ms = found.last_timestamp_ms;
  result.index_last_update_physical_offset = found.last_physical_offset;
  for (const PhysicalOffset offset : found.offsets) {
    if (auto stored = record_at(offset)) result.records.push_back(std::move(*stored));
  }
  return result;
}

}  // namespace tenon::logstore
