// SPDX-License-Identifier: Apache-2.0
#include "logstore/recovery.hpp"

#include <algorithm>

#include "record/record_check.hpp"

namespace tenon::logstore {
namespace {

constexpr PhysicalOffset kNowhere{-1};

}  // namespace

Result<Recovered> Recovery::run(LastStop last_stop, const Checkpoint& checkpoint) {
  Recovered recovered;
  if (log_.segments()->empty()) {
    recovered.queues_cut = !queues_.all().empty();
    for (const auto& queue : queues_.all()) {
      if (Status removed = queue->remove_files(); !removed) return removed.error();
      (void)queues_.take_topic(queue->topic());
    }
    if (Status removed = dispatch_.batch_queues().remove_all_files(); !removed) return removed.error();
    if (Status cut = log_.truncate({0}, false); !cut) return cut.error();
    return recovered;
  }
  PhysicalOffset start = last_stop == LastStop::clean ? start_after_clean_stop() : kNowhere;
  const bool trusted = start != kNowhere;
  if (!trusted) {
    start = start_after_unclean_stop(checkpoint);
    if (Status cut = queues_.cut_from(start); !cut) return cut.error();
    if (Status cut = dispatch_.batch_queues().cut_from(start); !cut) return cut.error();
  }
  recovered.start = recovered.end = start;
  recovered.queues_cut = !trusted;
  if (Status scanned = scan(start, recovered); !scanned) return scanned.error();
  if (Status cut = log_.truncate(recovered.end, !trusted || has_stale_bytes(recovered.end)); !cut) return cut.error();
  log_.distrust_from(start);
  if (!trusted || recovered.records > 0) {
    logger_.info("recovered ", recovered.records, " records from physical offset ", start, "; the commit log ends at ",
                 recovered.end);
  }
  for (const auto& queue : queues_.all()) {
    queue->correct_min(log_.min().value);
    queue->forget_known();
  }
  for (const BatchQueuePtr& queue : dispatch_.batch_queues().all()) queue->correct_min(log_.min().value);
  return recovered;
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
PhysicalOffset Recovery::start_after_clean_stop() const {
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
PhysicalOffset Recovery::start_after_unclean_stop(const Checkpoint& checkpoint) const {
  const SegmentListPtr segments = log_.segments();
  const std::int64_t bound = checkpoint.recovery_bound_ms();
  for (auto at = segments->all().rbegin(); at != segments->all().rend(); ++at) {
    const PhysicalOffset base{(*at)->base()};
    if (checkpoint.covered_offset >= 0 && base.value > checkpoint.covered_offset) continue;
    const auto view = record::RecordView::decode((*at)->bytes_from(base));
    if (!view || view->physical_offset() != base) continue;
    const std::int64_t stored = view->store_timestamp_ms();
    if (stored > 0 && stored <= bound) return base;
  }
  return {segments->all().front()->base()};
}

Status Recovery::scan(PhysicalOffset from, Recovered& recovered) {
  const SegmentListPtr segments = log_.segments();
  PhysicalOffset at = from;
  constexpr std::int64_t kReportEvery = 64LL << 20;
  for (std::int64_t next_report = from.value + kReportEvery; const Segment* segment = segments->find(at);) {
    const auto checked = record::check_record(segment->bytes_from(at), at, options_.checked_crc());
    if (checked.state == record::RecordState::damaged) break;
    if (checked.state == record::RecordState::blank) {
      at = {segment->end()};
      recovered.end = at;
      continue;
    }
    if (Status dispatched = dispatch(checked.view); !dispatched) return dispatched;
    at += checked.view.total_size();
    recovered.end = at;
    recovered.last_timestamp_ms = checked.view.store_timestamp_ms();
    ++recovered.records;
    if (at.value >= next_report) {
      report(from, at);
      next_report = at.value + kReportEvery;
    }
  }
  return {};
}

Status Recovery::dispatch(const record::RecordView& view) {
  if (Status dispatched = dispatch_.dispatch(view, full_); !dispatched) return dispatched;
  // Recovery may find millions of messages: their queue entries do not stay in memory.
  for (const auto& queue : full_) {
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
