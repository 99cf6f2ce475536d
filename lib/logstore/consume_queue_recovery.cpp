// SPDX-License-Identifier: Apache-2.0
// What a queue does while the store opens; see recovery.hpp.
#include <algorithm>
#include <array>
#include <utility>

#include "logstore/bisect.hpp"
#include "logstore/consume_queue.hpp"

namespace tenon::logstore {

namespace {

bool is_believed(const IndexEntry& entry, const QueueTrust& trust) {
  return is_valid(entry) && (is_filler(entry) || entry.physical_offset < trust.below);
}

}  // namespace

Status ConsumeQueue::load(const QueueTrust& trust) {
  if (Status loaded = files_.load_to_look(); !loaded) return loaded;
  Status found = find_end(trust);
  files_.end_look();
  return found;
}

Status ConsumeQueue::load_again(const QueueTrust& trust) {
  {
    const std::lock_guard lock(blocks_mutex_);
    blocks_.clear();
  }
  tail_ = nullptr;
  tail_base_ = tail_capacity_ = 0;
  spill_wanted_.store(false, std::memory_order_relaxed);
  doubted_ = {};
  forget_known();
  if (Status found = find_end(trust); !found) return found;
  return left_until_ > max() ? cut_extension() : Status{};
}

/// Begin of the last file that has an entry, and its first entries in `first`. A last file without any is deleted, see
/// QueueFiles.
Result<std::int64_t> ConsumeQueue::find_last_file(std::span<IndexEntry> first, std::size_t& got) {
  while (!files_.empty()) {
    const std::int64_t base = std::max(files_.first(), files_.end() - files_.entries_per_file());
    const auto read = files_.read(base, first);
    if (!read) return read.error();
    got = *read;
    if (got == 0) return Error(Errc::io, text(files_.directory(), ": the last file cannot be read"));
    if (is_valid(first.front())) return base;
    if (Status dropped = files_.truncate(base); !dropped) return dropped.error();
  }
  got = 0;
  return files_.first();
}

/// The first of the files' entries from `at` on that is no filler, and where it is; zeros at `until` if there is none.
Result<ConsumeQueue::Known> ConsumeQueue::next_in_files(std::int64_t at, std::int64_t until) const {
  std::array<IndexEntry, QueueFiles::kReadMax> entries;
  for (std::size_t wanted = 1; at < until; wanted = entries.size()) {
    const auto read = files_.read(at, std::span(entries).first(wanted));
    if (!read) return read.error();
    const auto seen = std::span(entries).first(*read);
    const auto found = std::ranges::find_if_not(seen, is_filler);
    at += found - seen.begin();
    if (found != seen.end() && at < until) return Known{at, *found};
    if (seen.empty()) break;
  }
  return Known{until, {}};
}

/// Zeros, or what is not believed, follow the data, so the end is found by bisection.
Status ConsumeQueue::find_end(const QueueTrust& trust, std::int64_t until) {
  Known met;
  const auto next = [&](std::int64_t at, std::int64_t behind) -> Result<std::int64_t> {
    const auto found = next_in_files(at, behind);
    if (!found) return found.error();
    met = *found;
    return met.at;
  };
  const auto is_entry = [&](std::int64_t at) -> Result<bool> { return at < until && is_believed(met.entry, trust); };
  // Most queues of a large broker are short: one look at the begin of the file is enough for them.
  std::array<IndexEntry, QueueFiles::kReadMax> first;
  std::size_t got = 0;
  const auto last_file = find_last_file(first, got);
  if (!last_file) return last_file.error();
  std::int64_t low = *last_file;
  bool any_record = false;
  const auto begins_behind = [&]() -> Result<bool> {
    const auto at = next(low, std::min(until, low + files_.entries_per_file()));
    if (!at) return at.error();
    any_record |= is_valid(met.entry);
    return !is_believed(met.entry, trust);
  };
  while (got > 0 && *last_file > files_.first()) {
    const auto behind = begins_behind();
    if (!behind) return behind.error();
    const bool done = !*behind || low == files_.first();
    if (done && any_record) break;
    low = done ? *last_file : low - files_.entries_per_file();  // fillers alone keep the offsets of the queue
    const auto read = files_.read(low, first);
    if (!read) return read.error();
    got = *read;
    if (done) break;
  }
  std::int64_t high = files_.empty() ? low : low + files_.entries_per_file();
  const auto seen = std::span(first).first(std::min(got, static_cast<std::size_t>(std::max(until - low, 0L))));
  const auto entries =
      std::find_if_not(seen.begin(), seen.end(), [&](const IndexEntry& entry) { return is_believed(entry, trust); }) -
      seen.begin();
  if (entries > 0) {
    known_first_ = {low, first.front()};
    known_last_ = {low + entries - 1, first[static_cast<std::size_t>(entries) - 1]};
  }
  low += entries;
  if (entries < static_cast<std::ptrdiff_t>(got)) high = low;
  const auto end = first_not(low, high, next, is_entry);
  if (!end) return end.error();
  end_at(*end, trust);
  return {};
}

/// All below `end` lies in the files, and nothing behind it counts.
void ConsumeQueue::end_at(std::int64_t end, const QueueTrust& trust) {
  if (known_last_.at != end - 1) known_last_ = {};
  if (!files_.empty() && known_first_.at != files_.first()) known_first_ = {};
  max_ = end;
  min_ = files_.empty() ? end : files_.first();
  spilled_ = end;
  synced_ = end;
  left_until_ = trust.zeros_follow ? end : files_.data_end(end);
}

Status ConsumeQueue::doubt_newest(const QueueTrust& trust) {
  forget_known();
  return find_end(trust, max() - 1);
}

Result<bool> ConsumeQueue::drop_left() {
  const std::lock_guard lock(files_mutex_);
  const bool anything = std::exchange(left_until_, 0) > max();
  if (!anything) return false;
  if (Status cut_off = files_.truncate(max()); !cut_off) return cut_off.error();
  return true;
}

void ConsumeQueue::forget_known() noexcept {
  if (known_first_.at >= 0) known_first_ = {};
  if (known_last_.at >= 0) known_last_ = {};
}

Status ConsumeQueue::cut(std::int64_t at) {
  const std::lock_guard lock(files_mutex_);
  return cut_locked(at);
}

Status ConsumeQueue::cut_from(PhysicalOffset from) {
  const auto end = first_not(
      min(), max(), [this](std::int64_t at, std::int64_t until) { return next_of_record(at, until); },
      [&](std::int64_t at) -> Result<bool> {
        const auto found = look_up(at);
        if (!found) return found.error();
        // Zeros: a page that a power failure kept from the disk. All entries below `from` are there, so it lies above.
        return is_valid(*found) && found->physical_offset < from;
      });
  return end ? cut(*end) : Status(end.error());
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
  left_until_ = 0;
  Status cut_extension_off = cut_extension();
  cuts_.fetch_add(1, std::memory_order_release);
  return cut_extension_off;
}

Status ConsumeQueue::restart_at(std::int64_t at) {
  const std::lock_guard lock(files_mutex_);
  if (Status emptied = cut_locked(0); !emptied) return emptied;
  forget_known();
  if (Status removed = files_.remove_all(); !removed) return removed;
  left_until_ = 0;
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
    const auto there = look_up(at);
    if (!there) return there.error();
    if (there->physical_offset == found.physical_offset && there->size_bytes == found.size_bytes) return {};
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
  waits_no_more();  // whoever pushes next is told of the blocks made here
  return unspilled() >= 4096 ? spill(Spill::full_blocks) : Status{};
}

}  // namespace tenon::logstore
