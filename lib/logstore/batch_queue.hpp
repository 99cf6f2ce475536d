// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

#include "logstore/batch_unit.hpp"
#include "logstore/queue_files.hpp"
#include "tenon/message_store.hpp"

namespace tenon::logstore {

/// The index of one queue of a topic with `queue.type=BatchCQ`: one unit per record, which holds one or more messages.
/// Where a unit lies in the files (its position, counted in units) has nothing to do with queue offsets; they grow
/// together, so a message is found by bisection. New units wait in memory until they are spilled.
///
/// Locks: files_mutex_ > mutex_; both inside the append lock. push() takes mutex_ only, which nobody holds over the
/// disk.
/// Threads: load() before anything else runs; push(), restore() and cut() under the append lock; spill(), sync(),
/// correct_min() and drop_files_before_begin() on a background thread, spill() also on an appender that got too far
/// ahead; the rest from any thread.
class BatchQueue {
 public:
  BatchQueue(const QueueStorage& storage, std::string topic, std::int32_t queue_id);

  const std::string& topic() const noexcept { return topic_; }
  std::int32_t queue_id() const noexcept { return queue_id_; }
  /// Queue offsets, as MessageStore has them.
  std::int64_t max() const noexcept { return max_.load(std::memory_order_acquire); }
  std::int64_t min() const noexcept { return min_.load(std::memory_order_acquire); }

  /// Positions of the oldest retained unit, and one past the newest.
  std::int64_t begin() const noexcept { return begin_.load(std::memory_order_acquire); }
  std::int64_t end() const noexcept { return end_.load(std::memory_order_acquire); }
  /// Empty when there is none, or it cannot be read now.
  std::optional<BatchUnit> unit(std::int64_t position) const;
  /// The same, for what is not to take a unit for missing that only cannot be read; zeros where none is. Error: io.
  Result<BatchUnit> look_up(std::int64_t position) const;
  /// Position of the first of [begin(), until) for which `is_it` is true, false before and true behind it; `until` if
  /// there is none. Empty when a unit cannot be read, or not without waiting for the disk.
  template <class IsIt>
  std::optional<std::int64_t> find_first(std::int64_t until, const IsIt& is_it,
                                         ReadWait wait = ReadWait::allowed) const;
  /// Position of the unit with the message at `offset`, or of the next one where there is a gap.
  std::optional<std::int64_t> find(std::int64_t offset, ReadWait wait = ReadWait::allowed) const;
  /// Whether unit() would not wait for the disk.
  bool is_at_hand(std::int64_t position) const;
  /// Whoever may wait is about to read units from `position` on: what comes next is at hand then for who may not.
  void will_need(std::int64_t position) const;
  /// Grows with every cut: who finds it unchanged has seen units of one and the same time.
  std::uint32_t cuts() const noexcept { return cuts_.load(std::memory_order_acquire); }

  /// Appends a unit. Its base is max(), or above it where messages are lost.
  void push(const BatchUnit& unit);
  /// Takes a unit over from a record found in the log. Those that are there already change nothing; one that leaves
  /// very many offsets out waits until the next one goes on from there.
  Status restore(const BatchUnit& unit);
  /// Drops all units from `position` on.
  Status cut(std::int64_t position);
  /// Drops the units of records from `from` on.
  Status cut_from(PhysicalOffset from);

  std::size_t unspilled() const;
  Status spill();
  /// Forces to disk what was spilled or cut since the last call.
  Status sync();

  /// Opens the files and finds the end of the data. Units of records from `trusted_below` on may be lost in part; they
  /// come again from the log. Error: corrupt, io.
  Status load(PhysicalOffset trusted_below);
  /// Whether a power failure may have left a part of the newest unit.
  bool may_end_torn() const noexcept { return end() > begin() && files_.may_be_torn(end() - 1); }
  /// After the recovery from an unclean stop: zeroes what lies in the files behind the end.
  Status drop_left();
  /// Sets min() to the first message of a record at or above `min_physical`.
  void correct_min(std::int64_t min_physical);
  /// Deletes the leading files whose units all lie below begin(), but not the last file.
  Status drop_files_before_begin();
  /// Of the oldest message that it still has; 0 without any. Error: io.
  Result<PhysicalOffset> first_physical_offset() const;
  /// remove_files() comes next, from whoever meets it first. Until then it is spilled as ever: a checkpoint vouches for
  /// what is in its files, and they may stay.
  void give_up() noexcept { given_up_.store(true, std::memory_order_relaxed); }
  bool is_given_up() const noexcept { return given_up_.load(std::memory_order_relaxed); }
  /// Gives it up and deletes the files; nothing when that was done before. A spill() or sync() still to come does
  /// nothing. May wait for the disk. Error: io; then it is a queue like any other, with the messages whose files are
  /// still there.
  Status remove_files();
  bool has_no_files() const noexcept { return files_removed_.load(std::memory_order_acquire); }

 private:
  std::optional<BatchUnit> pending_unit(std::int64_t position) const;
  Result<BatchUnit> look_up_in_files(std::int64_t position) const;
  Result<std::int64_t> max_of(std::int64_t end) const;
  Status find_end(PhysicalOffset trusted_below);
  Status drop_files_without_begin(PhysicalOffset trusted_below);
  Status spill_locked();
  void keep_what_is_left();

  const std::string topic_;
  const std::int32_t queue_id_;
  std::atomic<std::int64_t> max_{0}, min_{0}, begin_{0}, end_{0};
  std::atomic<std::uint32_t> cuts_{0};
  std::atomic<bool> given_up_{false};
  std::atomic<bool> files_removed_{false};  ///< For good; set under files_mutex_.
  std::optional<BatchUnit> doubted_;        ///< By restore(); append lock.

  mutable std::shared_mutex files_mutex_;  ///< Exclusive for who writes the files.
  QueueFiles files_;
  /// From this position on the files were changed since the last sync(); files_mutex_. A failed sync ends the writing.
  std::optional<std::int64_t> changed_from_;

  mutable std::mutex mutex_;
  std::deque<BatchUnit> pending_;   ///< Not in files yet; mutex_.
  std::int64_t pending_begin_ = 0;  ///< Position of the first of them; mutex_.
};

template <class IsIt>
std::optional<std::int64_t> BatchQueue::find_first(std::int64_t until, const IsIt& is_it, ReadWait wait) const {
  std::int64_t low = begin(), high = until;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (wait == ReadWait::never && !is_at_hand(middle)) return std::nullopt;
    const auto found = unit(middle);
    if (!found) return std::nullopt;
    if (is_it(*found)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace tenon::logstore
