// SPDX-License-Identifier: Apache-2.0
// The log as bytes: out for replicas and tools, in from another log.
#include <algorithm>
#include <mutex>

#include "logstore/log_store.hpp"
#include "logstore/record_dispatch.hpp"
#include "record/record_check.hpp"

namespace tenon::logstore {
namespace {

/// What was written so lately is in memory.
constexpr std::int64_t kHotBytes = 64LL << 20;
constexpr std::int64_t kReadAhead = 4LL << 20;

/// Whoever reads far behind the end reads on: each stretch that comes to a new piece of the file has the one after that
/// brought from the disk, so that the thread of replication, which serves the slaves that are up to date as well, waits
/// for it as little as can be.
void read_ahead(const Segment& segment, const LogStretch& stretch) {
  const std::int64_t next = (stretch.begin.value + stretch.length) / kReadAhead * kReadAhead;
  if (next <= stretch.begin.value || next + kReadAhead >= segment.end()) return;
  segment.mapping().will_need(static_cast<std::size_t>(next + kReadAhead - segment.base()), kReadAhead);
}

}  // namespace

Result<LogStretch> LogStore::read_log(PhysicalOffset from, std::int64_t bytes_max, ReadForm form) const {
  // In this order: when the log is being cut, files that are cut already are not read beyond their end. Of files that
  // were added since, the next call tells.
  const SegmentListPtr segments = log_.segments();
  const PhysicalOffset known{segments->empty() ? log_.min().value : segments->all().back()->end()};
  const PhysicalOffset end = std::min(log_.written(), known);
  LogStretch stretch{from, 0, MemorySlice{}, segments};
  if (from >= end && from <= log_.max()) return stretch;
  const Segment* segment = segments->find(from);
  if (segment == nullptr || from > end)
    return Error(Errc::query_not_found, text("the log has nothing at physical offset ", from));
  stretch.length = std::min({std::max<std::int64_t>(bytes_max, 0), segment->end() - from.value, end - from});
  if (options_.read == ReadMode::file && form == ReadForm::any && stretch.length >= options_.file_run_min) {
    stretch.bytes = FileSlice{segment->file().descriptor(), from.value - segment->base(), stretch.length};
  } else {
    stretch.bytes = MemorySlice{{segment->at(from), static_cast<std::size_t>(stretch.length)}};
    if (end - from > kHotBytes) read_ahead(*segment, stretch);
  }
  return stretch;
}

PhysicalOffset LogStore::log_received() const {
  const std::lock_guard lock(append_lock_);
  return log_.next();
}

Status LogStore::append_log(PhysicalOffset at, std::span<const std::byte> bytes) {
  bool wake = false;
  Status done;
  {
    const std::lock_guard lock(append_lock_);
    if (!writes_.granted()) return writes_.error();
    if (at != log_.next()) {
      if (log_.min() != log_.next() || at.value < 0 || at.value % options_.commit_log_file_size != 0)
        return Error(Errc::invalid_parameter, text("the log goes on at ", log_.next(), ", not at ", at));
      if (Status begun = log_.begin_at(at); !begun) return begun;
    }
    done = receive(bytes);
    wake = log_.wants_background_work(log_.max());
  }
  if (wake) finish({{}, true, nullptr});
  // A record without its queue entry: the next start makes the queues anew.
  if (!done && done.error().is(Errc::internal)) {
    stop_writing(done.error());
    return *failure();
  }
  return done;
}

/// Append lock held. File by file: what is forgotten because it is damaged must lie in the file that is written to.
Status LogStore::receive(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written = log_.write_raw(bytes);
    if (!written) return written.error();
    bytes = bytes.subspan(*written);
    if (Status dispatched = dispatch_received(); !dispatched) return dispatched;
  }
  return {};
}

/// Append lock held. Makes the records that are whole now visible, one by one. Error: corrupt; internal when one is
/// visible in the log, but not in its queue.
Status LogStore::dispatch_received() {
  const SegmentListPtr segments = log_.segments();
  for (PhysicalOffset at = log_.max(), end = log_.next(); at < end; at = log_.max()) {
    const Segment* segment = segments->find(at);
    const auto here =
        segment->bytes_from(at).first(static_cast<std::size_t>(std::min(segment->end(), end.value) - at.value));
    if (here.size() < sizeof(std::int32_t)) return {};
    const auto size = record::load_big<std::int32_t>(here.data());
    if (size > 0 && static_cast<std::size_t>(size) > here.size() && size <= segment->end() - at.value) return {};
    const auto checked = record::check_record(here, at, options_.checked_crc());
    if (checked.state == record::RecordState::damaged) {
      log_.forget_received();
      return Error(Errc::corrupt, text("what was received for physical offset ", at, " is no record"));
    }
    const bool whole = checked.state == record::RecordState::whole;
    log_.publish(whole ? at + checked.view.total_size() : PhysicalOffset{segment->end()});
    if (!whole) continue;
    last_timestamp_ms_ = checked.view.store_timestamp_ms();
    if (Status dispatched = dispatch_.dispatch(checked.view, spill_wanted_); !dispatched)
      return Error(Errc::internal, text("the queue entry of the record at ", at, ": ", dispatched.error().message()));
  }
  return {};
}

PhysicalOffset LogStore::confirm_offset() const noexcept {
  const std::int64_t said = confirm_offset_.load(std::memory_order_acquire);
  return said < 0 ? log_.max() : PhysicalOffset{said};
}

}  // namespace tenon::logstore
