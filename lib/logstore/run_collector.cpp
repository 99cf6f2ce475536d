// SPDX-License-Identifier: Apache-2.0
#include "logstore/run_collector.hpp"

#include <algorithm>

#include "record/record_view.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::logstore {
namespace {

// Limits of one read: store-format.md 6.5.
constexpr std::int64_t kBytesMax = 128LL << 20, kBytesMin = 100;
constexpr std::int64_t kMemoryBytesMax = 262'144, kDiskBytesMax = 65'536;
constexpr std::int32_t kMemoryCountMax = 32, kDiskCountMax = 8;

}  // namespace

RunCollector::RunCollector(const ReadRequest& request, const CommitLog& log, const SegmentList& segments,
                           const StoreOptions& options, ReadResult& result)
    : request_(request),
      log_(log),
      segments_(segments),
      options_(options),
      result_(result),
      resident_(std::max(log.max() - options.bytes_surely_in_memory, log.appended_from())),
      end_(log.written()) {}

RunCollector::Step RunCollector::take(const IndexEntry& entry) {
  if (!is_valid(entry) || is_filler(entry)) return Step::next;
  if (result_.message_count > 0 && exceeds(entry, 1)) return Step::full;
  if (request_.filter != nullptr && !request_.filter->match_index(entry)) return pass_by(entry);
  if (const auto stop = reach(entry)) return *stop;
  if (request_.filter != nullptr && request_.filter->needs_properties() && !properties_match(entry)) {
    return pass_by(entry);
  }
  add(entry, 1);
  return Step::next;
}

RunCollector::Step RunCollector::take_batch(const IndexEntry& entry, std::int32_t messages) {
  if (result_.message_count > 0 && exceeds(entry, messages)) return Step::full;
  if (const auto stop = reach(entry)) return *stop;
  if (const CompiledFilter* const filter = request_.filter) {
    const bool by_tags = !filter->needs_properties();
    if (!(by_tags && is_flagged(entry)) && !filter->match_index(entry)) return pass_by(entry);
    if (!by_tags && !properties_match(entry)) return pass_by(entry);
  }
  add(entry, messages);
  return Step::next;
}

RunCollector::Step RunCollector::pass_by(const IndexEntry& entry) {
  passed_by_ = entry.physical_offset.value + entry.size_bytes;
  return Step::next;
}

/// Makes the record readable; else says how to go on.
std::optional<RunCollector::Step> RunCollector::reach(const IndexEntry& entry) {
  if (!find_segment(entry)) {
    // Gathered, and could not be written out: it may be yet, so a reader must not go past it.
    const PhysicalOffset record_end = entry.physical_offset + entry.size_bytes;
    if (segment_ != nullptr && record_end.value <= std::min(segment_->end(), log_.max().value)) return Step::full;
    removing_ = true;
    return Step::next;
  }
  if (request_.wait == ReadWait::never) {
    if (!is_at_hand(entry)) return not_at_hand();
  } else if (options_.cold_read_piece > 0 && !is_at_hand(entry)) {
    fetch_piece(entry);
  }
  return std::nullopt;
}

/// From the record on: what the reader and others beside it read next.
void RunCollector::fetch_piece(const IndexEntry& entry) {
  const std::int64_t length = std::max<std::int64_t>(options_.cold_read_piece, entry.size_bytes);
  segment_->fetch_alone(entry.physical_offset, std::min(length, end_ - entry.physical_offset), resident_.surely_from());
}

/// An entry may be damaged, and its size too small for a record.
bool RunCollector::is_flagged(const IndexEntry& entry) const {
  if (entry.size_bytes < static_cast<std::int32_t>(record::kMinRecordSize)) return false;
  const std::byte* const record = segment_->at(entry.physical_offset);
  return (record::load_big<std::int32_t>(record + record::position::sys_flag) & sys_flag::inner_batch) != 0;
}

bool RunCollector::exceeds(const IndexEntry& entry, std::int32_t messages) const {
  const bool in_memory = log_.max() - entry.physical_offset <= options_.bytes_in_memory;
  const std::int64_t bytes =
      std::min(std::clamp(request_.max_bytes, kBytesMin, kBytesMax), in_memory ? kMemoryBytesMax : kDiskBytesMax);
  const std::int32_t count = std::min(std::max(request_.max_messages, 1), in_memory ? kMemoryCountMax : kDiskCountMax);
  return result_.message_count >= count || result_.message_count + messages > std::max(request_.max_messages, 1) ||
         result_.total_bytes + entry.size_bytes > bytes;
}

/// False when the record is gone, or not wholly there.
bool RunCollector::find_segment(const IndexEntry& entry) {
  const std::int64_t at = entry.physical_offset.value, record_end = at + entry.size_bytes;
  if (segment_ == nullptr || at < segment_->base() || at >= segment_->end())
    segment_ = segments_.find(entry.physical_offset);
  if (record_end > end_.value) end_ = log_.readable_end({record_end});
  return segment_ != nullptr && record_end <= std::min(segment_->end(), end_.value);
}

bool RunCollector::is_at_hand(const IndexEntry& entry) {
  return resident_.hold(*segment_, entry.physical_offset, entry.size_bytes);
}

bool RunCollector::properties_match(const IndexEntry& entry) const {
  const auto view =
      record::RecordView::decode({segment_->at(entry.physical_offset), static_cast<std::size_t>(entry.size_bytes)});
  return view && request_.filter->match_properties(view->properties());
}

void RunCollector::add(const IndexEntry& entry, std::int32_t messages) {
  result_.message_count += messages;
  result_.total_bytes += entry.size_bytes;
  const std::int64_t at = entry.physical_offset.value;
  if (run_.segment == segment_ && run_.end == at) {
    run_.end += entry.size_bytes;
    return;
  }
  close_run();
  run_ = {segment_, at, at + entry.size_bytes};
}

void RunCollector::close_run() {
  if (run_.segment == nullptr) return;
  const std::int64_t length = run_.end - run_.begin;
  // Whoever may wait waits here, and not while the records are sent.
  if (request_.wait == ReadWait::allowed && !resident_.hold(*run_.segment, {run_.begin}, length)) {
    run_.segment->mapping().fetch(static_cast<std::size_t>(run_.begin - run_.segment->base()),
                                  static_cast<std::size_t>(length));
  }
  if (options_.read == ReadMode::file && request_.form == ReadForm::any && length >= options_.file_run_min) {
    result_.records.emplace_back(
        FileSlice{run_.segment->file().descriptor(), run_.begin - run_.segment->base(), length});
  } else {
    result_.records.emplace_back(MemorySlice{{run_.segment->at({run_.begin}), static_cast<std::size_t>(length)}});
  }
}

void RunCollector::finish() {
  const std::int64_t looked_at = std::max(run_.end, passed_by_);
  if (looked_at > 0) result_.bytes_behind = log_.max().value - looked_at;
  close_run();
  run_ = {};
}

}  // namespace tenon::logstore
