// SPDX-License-Identifier: Apache-2.0
#include "logstore/consume_queue.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "logstore/bisect.hpp"

namespace tenon::logstore {
namespace {
constexpr std::int64_t kFirstBlock = 16;  ///< Most queues of a large broker are quiet.
constexpr std::int64_t kBlock = 64;
constexpr std::size_t kWrittenAtOnce = 64 * 1024;
}  // namespace

ConsumeQueue::ConsumeQueue(const QueueStorage& storage, TopicName topic, std::int32_t queue_id)
    : storage_(storage),
      queue_id_(queue_id),
      topic_(std::move(topic)),
      files_(storage, text(storage.consume_queue, "/", *topic_, "/", queue_id)) {
  if (storage.options.consume_queue_extension)
    extension_ = std::make_unique<QueueExtension>(storage, extension_directory());
}

bool ConsumeQueue::start_block(std::int64_t base) {
  const bool first = tail_capacity_ == 0;
  const std::int64_t capacity = first ? kFirstBlock : kBlock;
  Block block{base, capacity,
              std::make_shared_for_overwrite<std::byte[]>(static_cast<std::size_t>(capacity * kQueueEntrySize))};
  tail_ = block.bytes.get();
  tail_base_ = base;
  tail_capacity_ = static_cast<std::int32_t>(capacity);
  const std::lock_guard lock(blocks_mutex_);
  blocks_.push_back(std::move(block));
  return blocks_.size() > 1 && !spill_wanted_.exchange(true, std::memory_order_relaxed);
}

std::size_t ConsumeQueue::read(std::int64_t at, std::span<IndexEntry> entries) const {
  const std::uint32_t cuts = cuts_.load(std::memory_order_acquire);
  const auto count = read_uncut(at, entries);
  std::atomic_signal_fence(std::memory_order_acquire);  // ThreadSanitizer knows no thread fence; x86 needs none
  return count && cuts == cuts_.load(std::memory_order_acquire) ? *count : 0;
}

/// A cut meanwhile, and what comes after it, may make this read what was never there.
Result<std::size_t> ConsumeQueue::read_uncut(std::int64_t at, std::span<IndexEntry> entries) const {
  const std::int64_t end = max();
  if (at < 0 || at >= end) return std::size_t{0};
  std::int64_t in_files_until = end;
  Block block;
  {
    const std::lock_guard lock(blocks_mutex_);
    for (const Block& candidate : blocks_) {
      in_files_until = std::min(in_files_until, candidate.base);
      if (at >= candidate.base && at < candidate.end()) {
        block = candidate;
        break;
      }
    }
  }
  if (!block.bytes) {
    const auto wanted = std::min<std::int64_t>(in_files_until - at, static_cast<std::int64_t>(entries.size()));
    return files_.read(at, entries.first(static_cast<std::size_t>(std::max<std::int64_t>(wanted, 0))));
  }
  const auto count = std::min<std::int64_t>(std::min(end, block.end()) - at, static_cast<std::int64_t>(entries.size()));
  for (std::int64_t index = 0; index < count; ++index) {
    entries[static_cast<std::size_t>(index)] =
        decode_entry(block.bytes.get() + (at - block.base + index) * kQueueEntrySize);
  }
  return static_cast<std::size_t>(count);
}

std::int64_t ConsumeQueue::in_files_until() const {
  const std::int64_t end = max();
  const std::lock_guard lock(blocks_mutex_);
  return blocks_.empty() ? end : std::min(end, blocks_.front().base);
}

bool ConsumeQueue::is_at_hand(std::int64_t at, std::size_t count) const {
  const std::int64_t until = in_files_until();
  return at >= until || files_.is_at_hand(at, std::min(until - at, static_cast<std::int64_t>(count)));
}

void ConsumeQueue::will_need(std::int64_t at) const {
  if (const std::int64_t until = in_files_until(); at < until) files_.will_need(at, until);
}

std::optional<IndexEntry> ConsumeQueue::entry(std::int64_t at) const {
  if (at == known_last_.at) return known_last_.entry;
  if (at == known_first_.at) return known_first_.entry;
  IndexEntry one;
  return read(at, {&one, 1}) == 1 ? std::optional(one) : std::nullopt;
}

Result<IndexEntry> ConsumeQueue::look_up(std::int64_t at) const {
  if (at == known_last_.at) return known_last_.entry;
  if (at == known_first_.at) return known_first_.entry;
  IndexEntry one;
  const auto count = read_uncut(at, {&one, 1});
  if (!count) return count.error();
  return *count == 1 ? one : IndexEntry{};
}

std::vector<ConsumeQueue::Block> ConsumeQueue::blocks() const {
  const std::lock_guard lock(blocks_mutex_);
  return blocks_;
}

void ConsumeQueue::drop_blocks_before(std::int64_t end) {
  const std::lock_guard lock(blocks_mutex_);
  std::erase_if(blocks_, [&](const Block& block) { return block.end() <= end; });
}

Status ConsumeQueue::spill(Spill what) {
  const std::lock_guard lock(files_mutex_);
  return spill_locked(what);
}

Status ConsumeQueue::spill_locked(Spill what) {
  if (files_removed_) return {};
  const std::int64_t end = max();  // before the units, so that none is missing of an entry that goes to the files
  if (extension_ && extension_->is_written()) [[unlikely]] {
    if (Status spilled = extension_->spill(); !spilled) return spilled;
  }
  // Blocks lie apart, but a write of its own for each costs more than to put them together.
  std::vector<std::byte> together;
  std::int64_t until = spilled_.load(std::memory_order_relaxed);
  for (const Block& block : blocks()) {
    if (block.end() <= until || block.base >= end) continue;
    if (block.end() > end && what == Spill::full_blocks) break;
    const std::byte* const bytes = block.bytes.get();
    const std::int64_t begin = until - block.base;
    until = std::min(block.end(), end);
    together.insert(together.end(), bytes + begin * kQueueEntrySize, bytes + (until - block.base) * kQueueEntrySize);
    if (together.size() < kWrittenAtOnce) continue;
    if (Status written = write_to_files(together, until); !written) return written;
  }
  if (Status written = write_to_files(together, until); !written) return written;
  drop_blocks_before(until);
  return {};
}

/// Those up to `until`, after what was spilled before.
Status ConsumeQueue::write_to_files(std::vector<std::byte>& entries, std::int64_t until) {
  if (entries.empty()) return {};
  if (Status written = files_.write(spilled_.load(std::memory_order_relaxed), entries); !written) return written;
  spilled_.store(until, std::memory_order_relaxed);
  entries.clear();
  return {};
}

void ConsumeQueue::start_writeback() {
  const std::lock_guard lock(files_mutex_);
  if (!files_removed_) files_.start_writeback(synced_.load(std::memory_order_relaxed), spilled());
}

Status ConsumeQueue::sync() {
  const std::lock_guard lock(files_mutex_);
  const std::int64_t spilled = spilled_.load(std::memory_order_relaxed);
  if (files_removed_ || synced_ >= spilled) return {};
  if (extension_) {
    if (Status synced = extension_->sync(); !synced) return synced;
  }
  if (Status synced = files_.sync(synced_, spilled); !synced) return synced;
  synced_ = spilled;
  return {};
}

ConsumeQueue::Spilled ConsumeQueue::spilled_by_now() {
  const std::lock_guard lock(files_mutex_);
  return {spilled(), cuts()};
}

void ConsumeQueue::mark_synced(const Spilled& forced) {
  const std::lock_guard lock(files_mutex_);
  if (forced.cuts == cuts()) synced_.store(forced.end, std::memory_order_relaxed);
}

std::int64_t ConsumeQueue::first_available() const {
  if (!files_.empty()) return files_.first();
  const std::lock_guard lock(blocks_mutex_);
  return blocks_.empty() ? max() : blocks_.front().base;
}

/// Up to a file of fillers may lie before the oldest message, so they are not stepped over one by one.
Result<PhysicalOffset> ConsumeQueue::first_physical_offset() const {
  PhysicalOffset found{0};
  const auto is_lost = [&](std::int64_t at) -> Result<bool> {
    const auto there = look_up(at);
    if (!there) return there.error();
    const bool lost = !is_valid(*there) || is_filler(*there);
    if (!lost) found = there->physical_offset;
    return lost;
  };
  const std::int64_t end = max();
  std::int64_t low = min();
  for (std::int64_t step = 0; low + step < end; step = 2 * step + 1) {
    const auto lost = is_lost(low + step);
    if (!lost) return lost.error();
    if (!*lost) {
      const auto first = first_not(low, low + step, is_lost);
      return first ? Result<PhysicalOffset>(found) : first.error();
    }
    low += step + 1;
  }
  const auto first = first_not(low, end, is_lost);
  return first ? Result<PhysicalOffset>(found) : first.error();
}

std::int64_t ConsumeQueue::last_physical_end() const {
  const std::int64_t end = max();
  if (end == 0) return -1;
  const auto last = entry(end - 1);
  if (!last || !is_valid(*last) || is_filler(*last)) return -1;
  return last->physical_offset.value + last->size_bytes;
}

Result<std::int64_t> ConsumeQueue::next_of_record(std::int64_t at, std::int64_t until) const {
  const auto first = look_up(at);
  if (!first) return first.error();
  if (!is_filler(*first)) return at;
  std::array<IndexEntry, QueueFiles::kReadMax> entries;
  while (at < until) {
    const auto wanted = std::min(until - at, static_cast<std::int64_t>(entries.size()));
    will_need(at);
    const auto got = read_uncut(at, std::span(entries).first(static_cast<std::size_t>(wanted)));
    if (!got) return got.error();
    const auto seen = std::span(entries).first(*got);
    const auto found = std::ranges::find_if_not(seen, is_filler);
    at += found - seen.begin();
    if (found != seen.end() || seen.empty()) break;
  }
  return at;
}

void ConsumeQueue::correct_min(std::int64_t min_physical) {
  const std::uint32_t cuts = this->cuts();
  const auto oldest = first_not(
      std::max(min(), first_available()), max(),
      [this](std::int64_t at, std::int64_t until) { return next_of_record(at, until); },
      [&](std::int64_t at) -> Result<bool> {
        const auto found = entry(at);
        if (!found) return Error(Errc::io, "an entry cannot be read");
        return found->physical_offset.value < min_physical;
      });
  // Without descriptors, say: a guess could hide what is still there.
  if (!oldest) return;
  const std::lock_guard lock(files_mutex_);  // a cut under way would not show in cuts() yet
  if (cuts == this->cuts() && *oldest > min() && *oldest <= max()) min_.store(*oldest, std::memory_order_release);
}

Status ConsumeQueue::drop_files_before_min() {
  const std::lock_guard lock(files_mutex_);
  if (files_removed_) return {};
  const std::int64_t per_file = files_.entries_per_file();
  while (files_.end() - files_.first() > per_file && files_.first() + per_file <= min()) {
    if (Status deleted = files_.delete_first(); !deleted) return deleted;
  }
  return drop_extension();
}

Status ConsumeQueue::remove_files() {
  const std::lock_guard lock(files_mutex_);
  if (files_removed_) return {};  // another queue of this name may have files there by now
  give_up();
  Status removed = extension_ ? extension_->remove_all() : Status{};
  if (removed) removed = files_.remove_all();
  if (removed) {
    files_removed_.store(true, std::memory_order_release);
    return {};
  }
  // What is appended to it from now on must get to the files again.
  min_.store(std::max(min(), std::min(first_available(), max())), std::memory_order_release);
  given_up_.store(false, std::memory_order_relaxed);
  return removed;
}

}  // namespace tenon::logstore
