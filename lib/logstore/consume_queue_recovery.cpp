// SPDX-License-Identifier: Apache-2.0
// What a queue does while the store opens; see recovery.hpp.
#include <algorithm>
#include <array>

#include "logstore/consume_queue.hpp"

namespace tenon::logstore {

Status ConsumeQueue::load() {
  if (Status loaded = files_.load(); !loaded) return loaded;
  return find_end();
}

/// Zeros follow the data, so the end is found by bisection. A last file without any entry is deleted, see QueueFiles.
Status ConsumeQueue::find_end() {
  const auto is_entry = [&](std::int64_t at) {
    IndexEntry found;
    return files_.read(at, {&found, 1}) == 1 && is_valid(found);
  };
  while (!files_.empty()) {
    const std::int64_t base = std::max(files_.first(), files_.end() - files_.entries_per_file());
    if (is_entry(base)) break;
    if (Status dropped = files_.truncate(base); !dropped) return dropped;
  }
  std::int64_t low =
      files_.empty() ? files_.first() : std::max(files_.first(), files_.end() - files_.entries_per_file());
  std::int64_t high = files_.end();
  // Most queues of a large broker are short: one look at the begin of the file is enough for them.
  std::array<IndexEntry, QueueFiles::kReadMax> first;
  const auto got = static_cast<std::ptrdiff_t>(files_.read(low, first));
  const auto entries = std::find_if_not(first.begin(), first.begin() + got, is_valid) - first.begin();
  if (entries > 0) {
    known_first_ = {low, first.front()};
    known_last_ = {low + entries - 1, first[static_cast<std::size_t>(entries) - 1]};
  }
  low += entries;
  if (entries < got) high = low;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (is_entry(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (known_last_.at != low - 1) known_last_ = {};
  if (!files_.empty() && known_first_.at != files_.first()) known_first_ = {};
  max_ = low;
  min_ = files_.empty() ? low : files_.first();
  spilled_ = low;
  synced_ = low;
  return {};
}

void ConsumeQueue::forget_known() noexcept {
  if (known_first_.at >= 0) known_first_ = {};
  if (known_last_.at >= 0) known_last_ = {};
}

Status ConsumeQueue::cut(std::int64_t at) {
  const std::lock_guard lock(files_mutex_);
  return cut_locked(at);
}

Status ConsumeQueue::cut_locked(std::int64_t at) {
  if (at >= max()) return {};
  forget_known();
  if (at > spilled()) {
    if (Status spilled = spill_locked(Spill::everything); !spilled) return spilled;
  }
  max_ = std::max(at, std::int64_t{0});  // first, so that readers do not go where the files are being cut
  min_ = std::min(min(), max());
  if (Status cut_off = files_.truncate(at); !cut_off) return cut_off;
  {
    const std::lock_guard lock(blocks_mutex_);
    blocks_.clear();
  }
  tail_ = nullptr;
  tail_base_ = tail_capacity_ = 0;
  spilled_ = max();
  synced_ = max();
  const Status cut_extension_off = cut_extension();
  cuts_.fetch_add(1, std::memory_order_release);
  return cut_extension_off;
}

Status ConsumeQueue::restart_at(std::int64_t at) {
  const std::lock_guard lock(files_mutex_);
  if (Status emptied = cut_locked(0); !emptied) return emptied;
  forget_known();
  if (Status removed = files_.remove_all(); !removed) return removed;
  // Between the two readers find nothing in the queue.
  max_ = at;
  min_ = at;
  spilled_ = at;
  synced_ = at;
  return {};
}

Status ConsumeQueue::restore(std::int64_t at, const IndexEntry& found) {
  constexpr std::int64_t kGapMax = 1 << 16;
  const std::int64_t next = max();
  if (at < next) {
    const auto there = entry(at);
    if (there && there->physical_offset == found.physical_offset && there->size_bytes == found.size_bytes) return {};
    // A smaller offset further on in the log: the topic was deleted and made again in between, say. What lies below it
    // can still be read.
    if (Status cut_off = cut(at); !cut_off) return cut_off;
  } else if (at > next && next == min()) {
    if (Status restarted = restart_at(at); !restarted) return restarted;
  } else if (at - next > kGapMax) {
    // So many may be lost; but a single record that says so may be wrong, and the queue is worth more than that one.
    if (doubted_.at < 0 || at != doubted_.at + 1) {
      doubted_ = {at, {found.physical_offset, found.size_bytes, found.tags_code}};
      return {};
    }
    if (Status restarted = restart_at(doubted_.at); !restarted) return restarted;
    (void)push(doubted_.entry);
  }
  doubted_ = {};
  // Entries that are lost for good must not shift those behind them.
  while (max() < at) (void)push({{0}, kFillerSize, 0});
  (void)push(found);
  if (unspilled() >= 4096) return spill(Spill::full_blocks);
  spill_wanted_.store(false, std::memory_order_relaxed);  // whoever pushes next is told of the blocks made here
  return {};
}

}  // namespace tenon::logstore
