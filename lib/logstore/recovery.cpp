// SPDX-License-Identifier: Apache-2.0
#include "logstore/recovery.hpp"

#include <algorithm>

#include "record/record_check.hpp"

namespace tenon::logstore {
namespace {

constexpr PhysicalOffset kNowhere{-1};

}  // namespace

QueueTrust Recovery::plan(LastStop last_stop, const Checkpoint& checkpoint) {
  checkpoint_ = checkpoint;
  unclean_ = last_stop == LastStop::unclean;
  if (log_.segments()->empty()) return {};
  const bool covered = is_covered();
  if (covered) kept_until_ = {checkpoint_.covered_offset};
  if (!unclean_) return {};
  believed_ = covered;
  return {covered ? kept_until_ : start_by_times(), false};
}

/// Nobody but us has written the checkpoint since, and the log up to there is the one that it was written for.
bool Recovery::is_covered() const {
  const PhysicalOffset end{checkpoint_.covered_offset};
  return checkpoint_.covered_tail >= 0 && end > log_.min() && log_.tail_crc_below(end) == checkpoint_.covered_tail;
}

Result<Recovered> Recovery::run() {
  if (log_.segments()->empty()) return start_over();
  Recovered recovered;
  if (Status read = read_log(recovered); !read) return read.error();
  const bool unclean = unclean_ || recovered.queues_cut;
  if (Status cut = log_.truncate(recovered.end, unclean || has_stale_bytes(recovered.end)); !cut) return cut.error();
  log_.distrust_from(recovered.start);
  if (unclean || recovered.records > 0) {
    logger_.info("recovered ", recovered.records, " records from physical offset ", recovered.start,
                 "; the commit log ends at ", recovered.end);
  }
  if (Status settled = settle_queues(recovered); !settled) return settled.error();
  return recovered;
}

Result<Recovered> Recovery::start_over() {
  Recovered recovered;
  recovered.queues_cut = !queues_.all().empty();
  if (Status removed = queues_.remove_all(); !removed) return removed.error();
  if (Status removed = dispatch_.batch_queues().remove_all_files(); !removed) return removed.error();
  if (Status cut = log_.truncate({0}, false); !cut) return cut.error();
  return recovered;
}

Status Recovery::read_log(Recovered& recovered) {
  if (unclean_ && !believed_) return read_again(recovered);
  if (unclean_) {
    if (Status doubted = doubt_torn_ends({kept_until_, false}); !doubted) return doubted;
  }
  if (const PhysicalOffset start = end_of_newest_entry(); start != kNowhere) {
    const auto scanned = scan(start, recovered);
    if (!scanned) return scanned.error();
    if (*scanned == Scan::done) return {};
  }
  believed_ = false;
  if (Status loaded = queues_.load_again({start_by_times(), false}); !loaded) return loaded;
  return read_again(recovered);
}

/// The queues are believed as far as the times of the checkpoint say, and are loaded so.
Status Recovery::read_again(Recovered& recovered) {
  const QueueTrust trust{start_by_times(), false};
  if (Status doubted = doubt_torn_ends(trust); !doubted) return doubted;
  kept_until_ = std::max(kept_until_, trust.below);
  if (Status marked = vouch_only_for(has_entries() ? checkpoint_.physic_msg_timestamp : 0); !marked) return marked;
  const bool deleted = !has_entries() && trust.below > log_.min();
  if (deleted) logger_.warn("there are no consume queues: making them from the whole log");
  const auto scanned = scan(deleted ? log_.min() : trust.below, recovered);
  recovered.queues_cut = true;
  return scanned ? Status{} : Status(scanned.error());
}

/// Whoever is stopped while the queues are made again must not take what there is then for all of them.
Status Recovery::vouch_only_for(std::int64_t time_ms) const {
  const StoreLayout layout(options_);
  FileSystem& files = *options_.file_system;
  Checkpoint less = checkpoint_;
  less.physic_msg_timestamp = std::min(less.physic_msg_timestamp, time_ms);
  less.covered_tail = -1;
  if (Status written = write_checkpoint(files, layout.checkpoint, less); !written) return written;
  if (files.exists(layout.abort)) return {};
  if (const auto abort = files.open(layout.abort, FileSystem::OpenMode::create); !abort) return abort.error();
  return files.sync_directory(layout.root);
}

bool Recovery::has_entries() const {
  return std::ranges::any_of(queues_.all(), [](const auto& queue) { return queue->max() > queue->min(); }) ||
         std::ranges::any_of(dispatch_.batch_queues().all(),
                             [](const auto& queue) { return queue->end() > queue->begin(); });
}

/// The last step: nothing is left in the files behind the queues' ends.
Status Recovery::settle_queues(Recovered& recovered) {
  for (const auto& queue : queues_.all()) {
    const auto dropped = queue->drop_left();
    if (!dropped) return dropped.error();
    if (*dropped || queue->cuts() > 0) recovered.queues_cut = true;
    queue->correct_min(log_.min().value);
    queue->forget_known();
  }
  for (const BatchQueuePtr& queue : dispatch_.batch_queues().all()) {
    if (unclean_) {
      if (Status dropped = queue->drop_left(); !dropped) return dropped;
      recovered.queues_cut = true;
    }
    queue->correct_min(log_.min().value);
  }
  return {};
}

bool Recovery::has_stale_bytes(PhysicalOffset end) const {
  const SegmentListPtr segments = log_.segments();
  const Segment* segment = segments->find(end);
  if (segment == nullptr) return false;
  const auto rest = segment->bytes_from(end);
  const auto near = rest.first(std::min<std::size_t>(rest.size(), 4096));
  return std::any_of(near.begin(), near.end(), [](std::byte byte) { return byte != std::byte{0}; });
}

/// The end of the newest entry of all queues, if the record it points to is really there.
PhysicalOffset Recovery::end_of_newest_entry() const {
  const ConsumeQueue* newest = nullptr;
  std::int64_t end = -1;
  const auto all = queues_.all();
  for (const auto& queue : all) {
    const std::int64_t last = queue->last_physical_end();
    if (last > end) {
      end = last;
      newest = queue.get();
    }
  }
  BatchUnit unit;
  const BatchQueuePtr batch_queue = dispatch_.batch_queues().newest(unit);
  if (batch_queue && unit.physical_offset.value + unit.size_bytes > end)
    return trusted_end(*batch_queue, unit_matches(*batch_queue, unit), unit.physical_offset + unit.size_bytes);
  return newest == nullptr ? kNowhere : trusted_end(*newest, entry_matches(*newest), {end});
}

template <class Queue>
PhysicalOffset Recovery::trusted_end(const Queue& newest, bool matches, PhysicalOffset end) const {
  if (end <= log_.min()) return kNowhere;
  if (matches) return end;
  logger_.warn("queue ", newest.topic(), "/", newest.queue_id(),
               " does not agree with the commit log: rebuilding the queues");
  return kNowhere;
}

bool Recovery::unit_matches(const BatchQueue& queue, const BatchUnit& unit) const {
  const SegmentListPtr segments = log_.segments();
  const Segment* segment = segments->find(unit.physical_offset);
  if (segment == nullptr) return false;
  const auto checked =
      record::check_record(segment->bytes_from(unit.physical_offset), unit.physical_offset, options_.checked_crc());
  return checked.state == record::RecordState::whole && is_its_unit(checked.view, queue, unit);
}

/// A power failure may have kept from the disk one of the two sectors in which an entry lies. What is left of it may
/// point to anything; and entries lie in the order of their records.
bool Recovery::is_torn(const ConsumeQueue& queue) const {
  const std::int64_t at = queue.max() - 1;
  const auto newest = queue.entry(at), before = at > queue.min() ? queue.entry(at - 1) : std::nullopt;
  if (!newest || is_filler(*newest)) return false;
  if (before && !is_filler(*before) && (!is_valid(*before) || before->physical_offset >= newest->physical_offset))
    return true;
  return newest->physical_offset >= log_.min() && !dispatch_.is_record_of(*newest, queue, at);
}

bool Recovery::is_torn(const BatchQueue& queue) const {
  const std::int64_t at = queue.end() - 1;
  const auto newest = queue.begin() <= at ? queue.unit(at) : std::nullopt;
  if (!newest) return false;
  if (at > queue.begin()) {
    const auto before = queue.look_up(at - 1);
    if (before && (!is_valid(*before) || before->physical_offset >= newest->physical_offset)) return true;
  }
  if (newest->physical_offset < log_.min()) return false;
  const SegmentListPtr segments = log_.segments();
  const Segment* const segment = segments->find(newest->physical_offset);
  if (segment == nullptr) return true;
  // Without its CRC: what has rotted there keeps its offsets, or others would get them.
  const auto record = record::RecordView::decode(segment->bytes_from(newest->physical_offset));
  return !record || !is_its_unit(*record, queue, *newest);
}

/// Whoever looks for the end by bisection and meets a torn entry takes what lies before it for good. So once more,
/// below it.
Status Recovery::doubt_torn_ends(const QueueTrust& trust) {
  for (const auto& queue : queues_.all()) {
    while (queue->may_end_torn() && is_torn(*queue)) {
      if (Status found = queue->doubt_newest(trust); !found) return found;
    }
  }
  for (const BatchQueuePtr& queue : dispatch_.batch_queues().all()) {
    if (Status cut = queue->cut_from(trust.below); !cut) return cut;
    while (queue->may_end_torn() && is_torn(*queue)) {
      if (Status cut = queue->cut(queue->end() - 1); !cut) return cut;
      if (Status cut = queue->cut_from(trust.below); !cut) return cut;
    }
  }
  return {};
}

bool Recovery::entry_matches(const ConsumeQueue& queue) const {
  const auto last = queue.entry(queue.max() - 1);
  if (!last) return false;
  const SegmentListPtr segments = log_.segments();
  const Segment* segment = segments->find(last->physical_offset);
  if (segment == nullptr) return false;
  const auto checked =
      record::check_record(segment->bytes_from(last->physical_offset), last->physical_offset, options_.checked_crc());
  return checked.state == record::RecordState::whole && checked.view.total_size() == last->size_bytes &&
         lies_in(checked.view, queue, queue.max() - 1);
}

/// The last segment whose first record is older than what the checkpoint says is safe; else the first segment. Not
/// behind the segment in which our own checkpoint ended: after the clock was set back, later records have earlier
/// times.
PhysicalOffset Recovery::start_by_times() const {
  const SegmentListPtr segments = log_.segments();
  const std::int64_t bound = checkpoint_.recovery_bound_ms();
  for (auto at = segments->all().rbegin(); at != segments->all().rend(); ++at) {
    const PhysicalOffset base{(*at)->base()};
    if (checkpoint_.covered_offset >= 0 && base.value > checkpoint_.covered_offset) continue;
    const auto view = record::RecordView::decode((*at)->bytes_from(base));
    if (!view || view->physical_offset() != base) continue;
    const std::int64_t stored = view->store_timestamp_ms();
    if (stored > 0 && stored <= bound) return base;
  }
  return {segments->all().front()->base()};
}

Result<Recovery::Scan> Recovery::scan(PhysicalOffset from, Recovered& recovered) {
  const SegmentListPtr segments = log_.segments();
  PhysicalOffset at = from;
  recovered = {from, from};
  constexpr std::int64_t kReportEvery = 64LL << 20;
  for (std::int64_t next_report = from.value + kReportEvery; const Segment* segment = segments->find(at);) {
    const auto checked = record::check_record(segment->bytes_from(at), at, options_.checked_crc());
    if (checked.state == record::RecordState::damaged) {
      if (at >= kept_until_) break;
      recovered.end = at = next_whole_record(*segment, at);
      continue;
    }
    if (checked.state == record::RecordState::blank) {
      at = {segment->end()};
      recovered.end = at;
      continue;
    }
    if (at >= kept_until_ && may_end_torn(*segment, checked.view)) {
      logger_.warn(segment->path().string(), ": the record at offset ", at.value - segment->base(), ", ",
                   checked.view.topic(), "/", checked.view.queue_id(), " offset ", checked.view.queue_offset(),
                   ", ends in zeros up to the begin of a sector, as if the power was lost before it was on disk: it is "
                   "not served");
      break;
    }
    if (believed_ && dispatch_.leaves_a_gap(checked.view)) {
      logger_.warn("queue ", checked.view.topic(), "/", checked.view.queue_id(),
                   " has not all that the checkpoint vouches for: it is not believed");
      return Scan::contradicts;
    }
    if (Status dispatched = dispatch(checked.view); !dispatched) return dispatched.error();
    at += checked.view.total_size();
    recovered.end = at;
    recovered.last_timestamp_ms = checked.view.store_timestamp_ms();
    ++recovered.records;
    if (at.value >= next_report) {
      report(from, at);
      next_report = at.value + kReportEvery;
    }
  }
  return Scan::done;
}

/// A power failure may have kept the sector from the disk in which the last record ends, and no CRC is over its
/// properties: it would be served without its tags, say, or its delivery time. A text does not end in zeros.
bool Recovery::may_end_torn(const Segment& segment, const record::RecordView& record) {
  constexpr std::size_t kSector = 512;
  const std::size_t properties = record.properties().wire().size();
  if (properties == 0 || record.bytes().back() != std::byte{0}) return false;
  const PhysicalOffset end = record.physical_offset() + record.total_size();
  const auto file = segment.bytes_from({segment.base()});
  const auto behind = static_cast<std::size_t>(end.value - segment.base());
  const std::size_t sector = (behind - 1) / kSector * kSector, until = std::min(sector + kSector, file.size());
  const auto lost = file.first(until).subspan(std::max(sector, behind - properties));
  return std::ranges::all_of(lost, [](std::byte byte) { return byte == std::byte{0}; }) &&
         record::check_record(file.subspan(behind), end).state == record::RecordState::damaged;
}

/// Each says itself where it lies. Where none follows, the end of the file or of what is kept.
PhysicalOffset Recovery::next_whole_record(const Segment& segment, PhysicalOffset damaged) const {
  const PhysicalOffset end = std::min(PhysicalOffset{segment.end()}, kept_until_);
  PhysicalOffset at = damaged + 1;
  while (at < end &&
         record::check_record(segment.bytes_from(at), at, options_.checked_crc()).state != record::RecordState::whole)
    at += 1;
  logger_.error(segment.path().string(), ": no record from offset ", damaged.value - segment.base(), " to ",
                at.value - segment.base(), "; what was there is in no queue");
  return at;
}

Status Recovery::dispatch(const record::RecordView& view) {
  if (Status dispatched = dispatch_.dispatch(view, full_); !dispatched) return dispatched;
  // Recovery may find millions of messages: their queue entries do not stay in memory.
  for (const auto& queue : full_) {
    queue->waits_no_more();
    if (Status spilled = queue->spill(ConsumeQueue::Spill::full_blocks); !spilled) return spilled;
  }
  full_.clear();
  return {};
}

void Recovery::report(PhysicalOffset from, PhysicalOffset at) const {
  const std::int64_t most = log_.segments()->all().back()->end() - from.value;
  if (options_.report_progress)
    options_.report_progress(text("recovering ", (at - from) * 100 / std::max<std::int64_t>(most, 1), " %"));
}

}  // namespace tenon::logstore
