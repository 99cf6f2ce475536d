// SPDX-License-Identifier: Apache-2.0
// Cutting the log back, for a replica whose log has gone another way than that of its master.
#include <mutex>

#include "logstore/log_store.hpp"
#include "record/record_view.hpp"

namespace tenon::logstore {

/// Begin of the record, or of the filler at the end of a file, that `end` lies in; `end` where one begins. Below the
/// end of the log, where every record is whole.
LogStore::RecordPlace LogStore::place_of(PhysicalOffset end) const {
  RecordPlace place{end, 0};
  const SegmentListPtr segments = log_.segments();
  const Segment* const segment = end > log_.min() ? segments->find(end - 1) : nullptr;
  if (segment == nullptr) return place;
  place.begin = {segment->base()};
  while (place.begin < end) {
    const std::byte* const at = segment->at(place.begin);
    const PhysicalOffset next = place.begin + record::load_big<std::int32_t>(at + record::position::total_size);
    if (next > end || next <= place.begin) break;
    const auto magic = static_cast<record::Magic>(record::load_big<std::int32_t>(at + record::position::magic));
    if (magic != record::Magic::blank) place.time_before_ms = record::store_timestamp_of(at);
    place.begin = next;
  }
  return place;
}

/// Second names for what will be cut, in a directory that `tenon store dump` reads like a store. Returns that.
Result<std::filesystem::path> LogStore::keep_in(const std::filesystem::path& place, PhysicalOffset begin) const {
  std::int64_t name = options_.now_ms();
  const auto directory = [&] { return place / text(offset_file_name(begin.value), "-", name); };
  while (file_system_.exists(directory())) ++name;
  const std::filesystem::path aside = directory() / "commitlog";
  Status kept = file_system_.create_directories(aside);
  if (kept) kept = log_.keep_aside(begin, aside);
  if (kept) return directory();
  (void)file_system_.remove_tree(directory());  // second names; the first error is what counts
  (void)file_system_.remove_empty_directory(place);
  return kept.error();
}

/// Nothing has changed when this fails.
Result<std::filesystem::path> LogStore::keep_aside(PhysicalOffset begin) const {
  auto kept = keep_in(layout_.cut, begin);
  if (kept) return kept;
  // The log's directory is a mount point or a link to another file system, or nothing may be made beside it.
  return keep_in(layout_.commit_log / "cut", begin);
}

Result<std::string> LogStore::truncate_log(PhysicalOffset end) {
  if (!writes_.granted()) return writes_.error();
  (void)log_.readable_end(log_.max());  // what was gathered
  if (end < log_.min() || end > log_.max()) {
    return Error(Errc::invalid_parameter,
                 text("the log lies between ", log_.min(), " and ", log_.max(), ", it cannot be cut at ", end));
  }
  const RecordPlace place = place_of(end);
  if (place.begin == log_.max()) {
    const std::lock_guard lock(append_lock_);
    log_.forget_received();
    return std::string();
  }
  stop_threads();
  const auto aside = keep_aside(place.begin);
  const Status cut = aside ? cut_back(place, *aside) : Status{};
  start_threads();
  if (!aside) return aside.error();
  if (cut) return aside->string();
  stop_writing(cut.error());
  return cut.error();
}

/// The background threads do not run. If this process ends anywhere in between, the next start recovers: what is left
/// of the log is whole, and no queue is believed beyond it.
Status LogStore::cut_back(const RecordPlace& place, const std::filesystem::path& aside) {
  log_category_.warn("cutting the log back from ", log_.max(), " to ", place.begin, "; what is cut off is kept in ",
                     aside.string());
  if (Status vouched = vouch_only_for(place); !vouched) return vouched;
  {
    const std::lock_guard lock(append_lock_);
    if (Status cut = log_.cut_back(place.begin); !cut) return cut;
    if (Status cut = queues_.cut_from(place.begin); !cut) return cut;
    if (Status cut = batch_queues_.cut_from(place.begin); !cut) return cut;
    cuts_.fetch_add(1, std::memory_order_release);
    last_timestamp_ms_ = place.time_before_ms;
  }
  if (!options_.index_enabled) return {};
  return index_.cut_to(log_);
}

/// Before anything is cut: what comes in its place must not be taken for what the checkpoint knew.
Status LogStore::vouch_only_for(const RecordPlace& place) {
  const auto lock = hurry_checkpoint();
  std::int64_t confirmed = confirm_offset_.load();
  if (confirmed > place.begin.value) confirm_offset_ = confirmed = place.begin.value;
  checkpoint_.physic_msg_timestamp = std::min(checkpoint_.physic_msg_timestamp, place.time_before_ms);
  checkpoint_.logics_msg_timestamp = std::min(checkpoint_.logics_msg_timestamp, place.time_before_ms);
  checkpoint_.index_msg_timestamp = std::min(checkpoint_.index_msg_timestamp, place.time_before_ms);
  checkpoint_.covered_offset = std::min(checkpoint_.covered_offset, place.begin.value);
  checkpoint_.covered_tail = -1;
  if (confirmed >= 0) checkpoint_.confirm_physical_offset = confirmed;
  if (readable_end_ != kUnbounded && readable_end_ > place.begin.value) readable_end_ = place.begin.value;
  checkpoint_.readable_end = kept_readable_end();
  checkpointed_ = {-1};
  force_all_queues_ = true;
  return write_checkpoint(file_system_, layout_.checkpoint, checkpoint_);
}

}  // namespace tenon::logstore
