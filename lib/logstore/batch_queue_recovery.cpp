// SPDX-License-Identifier: Apache-2.0
// What changes the files of a batch queue other than appends: opening, recovery, cuts, retention.
#include <algorithm>

#include "logstore/batch_queue.hpp"

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
    const auto oldest = unit_in_files(at);
    if (!oldest) continue;
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
    if (unit_in_files(base)) break;
    if (Status dropped = files_.truncate(base); !dropped) return dropped;
  }
  if (Status dropped = drop_files_without_begin(trusted_below); !dropped) return dropped;
  std::int64_t low = files_.empty() ? 0 : std::max(files_.first(), files_.end() - per_file);
  for (std::int64_t high = files_.empty() ? 0 : files_.end(); low < high;) {
    const std::int64_t middle = low + (high - low) / 2;
    if (unit_in_files(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const std::lock_guard lock(mutex_);
  pending_begin_ = low;
  end_ = low;
  begin_ = files_.empty() ? low : files_.first();
  if (files_.empty()) return {};
  const auto first = unit_in_files(files_.first()), last = unit_in_files(low - 1);
  if (!first || !last) return Error(Errc::io, text(files_.directory(), ": a unit cannot be read"));
  min_ = first->base;
  max_ = last->end();
  return {};
}

Status BatchQueue::drop_left() {
  const std::unique_lock files(files_mutex_);
  changed_from_ = std::min(changed_from_.value_or(end()), end());
  return files_.truncate(end());
}

/// Both locks held.
std::optional<BatchUnit> BatchQueue::unit_locked(std::int64_t position) const {
  const std::int64_t at = position - pending_begin_;
  if (at < 0) return unit_in_files(position);
  return at < static_cast<std::int64_t>(pending_.size()) ? std::optional(pending_[static_cast<std::size_t>(at)])
                                                         : std::nullopt;
}

Status BatchQueue::restore(const BatchUnit& unit) {
  if (begin() == end()) {
    push(unit);
    return {};
  }
  if (unit.base < max()) {
    const auto position = find(unit.base);
    const auto there = position ? this->unit(*position) : std::nullopt;
    if (there && there->physical_offset == unit.physical_offset && there->base == unit.base &&
        there->count == unit.count)
      return {};
    // A smaller offset further on in the log: the topic was deleted and made again in between, say.
    if (!position) return Error(Errc::io, text(files_.directory(), ": a unit cannot be read"));
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
  const std::unique_lock files(files_mutex_);
  {
    const std::lock_guard lock(mutex_);
    if (position >= end()) return {};
    // An emptied queue goes on where it was cut.
    std::int64_t max = min();
    if (position > begin()) {
      if (const auto kept = unit_locked(position - 1)) max = kept->end();
    } else if (const auto first = unit_locked(position)) {
      max = first->base;
    }
    pending_.resize(static_cast<std::size_t>(std::max<std::int64_t>(position - pending_begin_, 0)));
    pending_begin_ = std::min(pending_begin_, position);
    end_ = position;
    max_ = max;
    min_ = std::min(min(), max);
  }
  Status truncated = files_.truncate(position);
  changed_from_ = std::min(changed_from_.value_or(position), position);
  cuts_.fetch_add(1, std::memory_order_release);
  return truncated;
}

Status BatchQueue::cut_from(PhysicalOffset from) {
  // What cannot be read is a page that a power failure kept from the disk: all units below `from` are there.
  std::int64_t low = begin(), high = end();
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const auto found = unit(middle);
    if (found && found->physical_offset < from) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return cut(low);
}

void BatchQueue::correct_min(std::int64_t min_physical) {
  const std::int64_t max = this->max(), until = end();  // in this order: a unit that comes meanwhile stays above min()
  const auto first =
      find_first(until, [&](const BatchUnit& unit) { return unit.physical_offset.value >= min_physical; });
  if (!first || *first <= begin()) return;  // not to be read now: a guess could hide what is still there
  const auto oldest = *first < until ? unit(*first) : std::nullopt;
  if (*first < until && !oldest) return;
  min_.store(oldest ? oldest->base : max, std::memory_order_release);
  begin_.store(*first, std::memory_order_release);
}

Status BatchQueue::drop_files_before(std::int64_t min_physical) {
  const std::unique_lock files(files_mutex_);
  if (removed_) return {};
  const std::int64_t per_file = files_.entries_per_file();
  while (!files_.empty() && files_.end() - files_.first() > per_file) {
    const auto last = unit_in_files(files_.first() + per_file - 1);
    if (!last || last->physical_offset.value >= min_physical) break;
    if (Status deleted = files_.delete_first(); !deleted) return deleted;
  }
  return {};
}

Status BatchQueue::remove_files() {
  const std::unique_lock files(files_mutex_);
  removed_ = true;
  return files_.remove_all();
}

}  // namespace tenon::logstore
