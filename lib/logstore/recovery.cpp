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
  if (!unclean_ || log_.segments()->empty()) return {};
  covered_ = is_covered();
  return {covered_ ? PhysicalOffset{checkpoint_.covered_offset} : start_by_times(), false};
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
  for (const auto& queue : queues_.all()) {
    if (Status removed = queue->remove_files(); !removed) return removed.error();
    (void)queues_.take_topic(queue->topic());
  }
  if (Status removed = dispatch_.batch_queues().remove_all_files(); !removed) return removed.error();
  if (Status cut = log_.truncate({0}, false); !cut) return cut.error();
  return recovered;
}

Status Recovery::read_log(Recovered& recovered) {
  if (unclean_ && !covered_) return read_from(start_by_times(), recovered);
  if (unclean_) {
    doubt_torn_ends();
    if (Status cut = dispatch_.batch_queues().cut_from({checkpoint_.covered_offset}); !cut) return cut;
  }
  if (const PhysicalOffset start = end_of_newest_entry(); start != kNowhere) {
    const auto scanned = scan(start, recovered);
    if (!scanned) return scanned.error();
    if (*scanned == Scan::done) return {};
  }
  covered_ = false;
  const PhysicalOffset start = start_by_times();
  if (Status loaded = queues_.load_again({start, false}); !loaded) return loaded;
  return read_from(start, recovered);
}

/// The queues are believed as far as that.
Status Recovery::read_from(PhysicalOffset start, Recovered& recovered) {
  doubt_torn_ends();
  if (Status cut = dispatch_.batch_queues().cut_from(start); !cut) return cut;
  const auto scanned = scan(start, recovered);
  recovered.queues_cut = true;
  return scanned ? Status{} : Status(scanned.error());
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
  for (const BatchQueuePtr& queue : dispatch_.batch_queues().all()) queue->correct_min(log_.min().value);
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
  if (before && !is_filler(*before) && before->physical_offset >= newest->physical_offset) return true;
  return newest->physical_offset >= log_.min() && !dispatch_.is_record_of(*newest, queue, at);
}

void Recovery::doubt_torn_ends() {
  for (const auto& queue : queues_.all()) {
    if (queue->may_end_torn() && is_torn(*queue)) queue->doubt_newest();
  }
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
    if (checked.state == record::RecordState::damaged) break;
    if (checked.state == record::RecordState::blank) {
      at = {segment->end()};
      recovered.end = at;
      continue;
    }
    if (covered_ && dispatch_.leaves_a_gap(checked.view)) {
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
