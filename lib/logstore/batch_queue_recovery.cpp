// SPDX-License-Identifier: Apache-2.0
// What changes the files of a batch queue other than appends: opening, recovery, cuts, retention.
#include <algorithm>

#include "logstore/batch_queue.hpp"
#include "logstore/bisect.hpp"

namespace tenon::logstore {
namespace {

/// A single record that leaves out more offsets than this may be wrong.
constexpr std::int64_t kGapMax = 1 << 16;

}  // namespace

Status BatchQueue::load(PhysicalOffset trusted_below) {
  const std::unique_lock files(files_mutex_);
  if (Status loaded = files_.load(); !loaded) return loaded;
  return find_end(trusted_below);
}

/// A power failure may have kept the begin of the first of several files from the disk, though not of one in which a
/// unit is trusted: that is damage.
Status BatchQueue::drop_files_without_begin(PhysicalOffset trusted_below) {
  for (std::int64_t at = files_.first(); at < files_.end(); ++at) {
    const auto oldest = look_up_in_files(at);
    if (!oldest) return oldest.error();
    if (!is_valid(*oldest)) continue;
    if (at == files_.first()) return {};
    if (oldest->physical_offset >= trusted_below) break;
    return Error(Errc::corrupt, text(files_.directory(), ": the first unit is no unit"));
  }
  return files_.empty() ? Status{} : files_.truncate(files_.first());
}

/// Zeros follow the data, so the end is found by bisection. A last file without any unit is deleted, see QueueFiles.
Status BatchQueue::find_end(PhysicalOffset trusted_below) {
  const std::int64_t per_file = files_.entries_per_file();
  while (!files_.empty()) {
    const std::int64_t base = std::max(files_.first(), files_.end() - per_file);
    const auto first = look_up_in_files(base);
    if (!first) return first.error();
    if (is_valid(*first)) break;
    if (Status dropped = files_.truncate(base); !dropped) return dropped;
  }
  if (Status dropped = drop_files_without_begin(trusted_below); !dropped) return dropped;
  const bool empty = files_.empty();
  const std::int64_t last_file = empty ? 0 : std::max(files_.first(), files_.end() - per_file);
  const auto end = first_not(last_file, empty ? 0 : files_.end(), [&](std::int64_t at) -> Result<bool> {
    const auto found = look_up_in_files(at);
    if (!found) return found.error();
    return is_valid(*found);
  });
  if (!end) return end.error();
  {
    const std::lock_guard lock(mutex_);
    pending_begin_ = *end;
    end_ = *end;
    begin_ = empty ? *end : files_.first();
  }
  if (empty) return {};
  const auto first = look_up_in_files(files_.first()), last = look_up_in_files(*end - 1);
  if (!first) return first.error();
  if (!last) return last.error();
  min_ = first->base;
  max_ = last->end();
  return {};
}

Status BatchQueue::drop_left() {
  const std::unique_lock files(files_mutex_);
  changed_from_ = std::min(changed_from_.value_or(end()), end());
  return files_.truncate(end());
}

/// What max() is for a queue that ends at position `end`. An emptied queue goes on where it was cut.
Result<std::int64_t> BatchQueue::max_of(std::int64_t end) const {
  const bool empties = end <= begin();
  const auto unit = look_up(empties ? end : end - 1);
  if (!unit) return unit.error();
  if (!is_valid(*unit)) return min();
  return empties ? unit->base : unit->end();
}

Status BatchQueue::restore(const BatchUnit& unit) {
  if (begin() == end()) {
    push(unit);
    return {};
  }
  if (unit.base < max()) {
    const auto position = find(unit.base);
    if (!position) return Error(Errc::io, text(files_.directory(), ": a unit cannot be read"));
    const auto there = look_up(*position);
    if (!there) return there.error();
    if (there->physical_offset == unit.physical_offset && there->base == unit.base && there->count == unit.count)
      return {};
    // A smaller offset further on in the log: the topic was deleted and made again in between, say.
    if (Status cut_off = cut(*position); !cut_off) return cut_off;
  } else if (unit.base - max() > kGapMax) {
    if (!doubted_ || unit.base != doubted_->end()) {
      doubted_ = unit;
      return {};
    }
    push(*doubted_);
  }
  doubted_.reset();
  push(unit);
  return {};
}

Status BatchQueue::cut(std::int64_t position) {
  if (position >= end()) return {};
  const auto max = max_of(position);
  if (!max) return max.error();
  const std::unique_lock files(files_mutex_);
  // Retention was faster: what comes next is the first unit of a file.
  if (!files_.empty() && position < files_.first()) position -= position % files_.entries_per_file();
  {
    const std::lock_guard lock(mutex_);
    pending_.resize(static_cast<std::size_t>(std::max<std::int64_t>(position - pending_begin_, 0)));
    pending_begin_ = std::min(pending_begin_, position);
    begin_ = std::min(begin(), position);
    end_ = position;
    max_ = *max;
    min_ = std::min(min(), *max);
  }
  Status truncated = files_.truncate(position);
  changed_from_ = std::min(changed_from_.value_or(position), position);
  cuts_.fetch_add(1, std::memory_order_release);
  return truncated;
}

Status BatchQueue::cut_from(PhysicalOffset from) {
  // Zeros: a page that a power failure kept from the disk: all units below `from` are there.
  const auto first_lost = first_not(begin(), end(), [&](std::int64_t at) -> Result<bool> {
    const auto found = look_up(at);
    if (!found) return found.error();
    return is_valid(*found) && found->physical_offset < from;
  });
  return first_lost ? cut(*first_lost) : Status(first_lost.error());
}

void BatchQueue::correct_min(std::int64_t min_physical) {
  const std::uint32_t cuts = this->cuts();
  const std::int64_t max = this->max(), until = end();  // in this order: a unit that comes meanwhile stays above min()
  const auto first =
      find_first(until, [&](const BatchUnit& unit) { return unit.physical_offset.value >= min_physical; });
  if (!first || *first <= begin()) return;  // not to be read now: a guess could hide what is still there
  const auto oldest = *first < until ? unit(*first) : std::nullopt;
  if (*first < until && !oldest) return;
  const std::shared_lock files(files_mutex_);  // a cut under way would not show in cuts() yet
  const std::lock_guard lock(mutex_);
  if (cuts != this->cuts() || *first <= begin() || *first > end()) return;
  min_.store(oldest ? oldest->base : max, std::memory_order_release);
  begin_.store(*first, std::memory_order_release);
}

Status BatchQueue::drop_files_before_begin() {
  const std::unique_lock files(files_mutex_);
  if (files_removed_) return {};
  const std::int64_t per_file = files_.entries_per_file();
  while (files_.end() - files_.first() > per_file && files_.first() + per_file <= begin()) {
    if (Status deleted = files_.delete_first(); !deleted) return deleted;
  }
  return {};
}

Status BatchQueue::remove_files() {
  const std::unique_lock files(files_mutex_);
  if (files_removed_) return {};  // another queue of this name may have files there by now
  give_up();
  Status removed = files_.remove_all();
  if (removed) {
    files_removed_.store(true, std::memory_order_release);
    return {};
  }
  keep_what_is_left();
  given_up_.store(false, std::memory_order_relaxed);
  return removed;
}

/// Files were deleted, oldest first, and the rest could not be. files_mutex_ held.
void BatchQueue::keep_what_is_left() {
  const bool none = files_.empty();
  const auto oldest = none ? Result<BatchUnit>(BatchUnit{}) : look_up_in_files(files_.first());
  const std::lock_guard lock(mutex_);
  if (none) {
    // A file has no empty place before its first unit, so what waits for one goes to the begin of another.
    const std::int64_t per_file = files_.entries_per_file();
    pending_begin_ = (pending_begin_ + per_file - 1) / per_file * per_file;
    end_ = pending_begin_ + static_cast<std::int64_t>(pending_.size());
  }
  const std::int64_t first = none ? pending_begin_ : files_.first();
  if (first <= begin()) return;
  begin_ = first;
  if (none) {
    min_ = pending_.empty() ? max() : pending_.front().base;
  } else if (oldest && is_valid(*oldest)) {
    min_ = oldest->base;
  }
  cuts_.fetch_add(1, std::memory_order_release);
}

}  // namespace tenon::logstore
