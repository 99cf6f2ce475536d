// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "logstore/queue_entry.hpp"
#include "logstore/queue_extension.hpp"
#include "logstore/queue_files.hpp"

namespace tenon::logstore {

/// What a start may believe of the files of queues.
struct QueueTrust {
  /// Entries of records from there on are not believed: they come again from the log.
  PhysicalOffset below{INT64_MAX};
  /// That nothing lies behind the last entry. After an unclean stop something may: a page that got to the disk, and not
  /// the one before it.
  bool zeros_follow = true;
};

/// Shared by all queues of a topic.
using TopicName = std::shared_ptr<const std::string>;

/// The index of one (topic, queue): where each message lies. New entries wait in small blocks in memory until a
/// background thread writes them to the files, so a queue costs no mapping, no descriptor and no system call per
/// message.
///
/// Invariants: entries below max() never change; an entry is in a block until it is in a file, so a reader finds it in
/// one of the two. Entries above max() in the last block belong to the appender.
/// Threads: load() before anything else runs; push(), restore() and cut() under the append lock; spill(), correct_min()
/// and drop_files_before_min() on a background thread; the rest from any thread. restore() and cut() may wait for the
/// disk: not for an append of ours.
class ConsumeQueue : public std::enable_shared_from_this<ConsumeQueue> {
 public:
  ConsumeQueue(const QueueStorage& storage, TopicName topic, std::int32_t queue_id);

  const std::string& topic() const noexcept { return *topic_; }
  const TopicName& topic_name() const noexcept { return topic_; }
  std::int32_t queue_id() const noexcept { return queue_id_; }
  std::int64_t max() const noexcept { return max_.load(std::memory_order_acquire); }
  std::int64_t min() const noexcept { return min_.load(std::memory_order_acquire); }

  /// Appends an entry at max(). Returns true when blocks wait to be spilled and nobody was told yet. What
  /// `entry.extension` says, if anything, goes to the queue's extension, and the entry gets its address.
  bool push(const IndexEntry& entry) {
    const std::int64_t at = max_.load(std::memory_order_relaxed);
    bool must_spill = false;
    if (at - tail_base_ >= tail_capacity_) [[unlikely]]
      must_spill = start_block(at);
    std::byte* const place = tail_ + (at - tail_base_) * kQueueEntrySize;
    encode_entry(entry, place);
    if (entry.extension != nullptr && extension_) [[unlikely]]
      record::store_big(place + 12, extension_->put(entry.tags_code, *entry.extension));
    max_.store(at + 1, std::memory_order_release);
    return must_spill;
  }

  std::int64_t entries_per_file() const noexcept { return files_.entries_per_file(); }
  /// Brings what an append needs of a queue to the cache; reads nothing of it, so it may be gone, or nullptr.
  static void prefetch(const ConsumeQueue* queue) noexcept {
    if (queue != nullptr) __builtin_prefetch(&queue->max_, 1);
  }
  /// Append lock held: push() will soon be called, as often as it takes to get to its memory.
  void expect_push() const noexcept {
    if (tail_ != nullptr)
      __builtin_prefetch(tail_ + (max_.load(std::memory_order_relaxed) - tail_base_) * kQueueEntrySize, 1);
  }

  /// Up to entries.size() entries from `at` on; fewer at a file's or block's end. 0: there is no such entry.
  std::size_t read(std::int64_t at, std::span<IndexEntry> entries) const;
  /// Whether read() of so many entries, of at most a page together, would not wait for the disk.
  bool is_at_hand(std::int64_t at, std::size_t count) const;
  /// Whoever may wait is about to read from `at` on: what comes next is at hand then for who may not.
  void will_need(std::int64_t at) const;
  std::optional<IndexEntry> entry(std::int64_t at) const;
  /// The same, for what is not to take an entry for missing that only cannot be read; zeros where none is. Error: io.
  Result<IndexEntry> look_up(std::int64_t at) const;

  /// The first entry in [at, until) that is no filler; `until` if there is none. Reads them one after the other. Error:
  /// io.
  Result<std::int64_t> next_of_record(std::int64_t at, std::int64_t until) const;

  enum class Spill { full_blocks, everything };
  /// Writes entries from memory to the files. Also called by an appender that got too far ahead.
  Status spill(Spill what);
  /// Begins to write to disk what was spilled and not forced yet; promises nothing.
  void start_writeback();
  /// Forces to disk what was spilled since the last call.
  Status sync();
  /// Whoever had this queue waiting to be spilled has taken it from there: the next push() tells again.
  void waits_no_more() noexcept { spill_wanted_.store(false, std::memory_order_relaxed); }
  /// To have it wait for another reason. False: it does.
  bool may_wait() noexcept { return !spill_wanted_.exchange(true, std::memory_order_relaxed); }
  std::int64_t spilled() const noexcept { return spilled_.load(std::memory_order_relaxed); }
  bool needs_sync() const noexcept { return synced_.load(std::memory_order_relaxed) < spilled(); }
  /// What was spilled so far, for who forces the files of many queues together and says so then.
  struct Spilled {
    std::int64_t end = 0;
    std::uint32_t cuts = 0;
  };
  Spilled spilled_by_now();
  /// That was forced. Nothing is said of a queue that was cut since: what lies there now came later, perhaps.
  void mark_synced(const Spilled& forced);
  std::int64_t unspilled() const noexcept { return max() - spilled_.load(std::memory_order_relaxed); }

  /// After load(), before anything else runs: opens what is beside the queue in `consumequeue_ext`.
  Status load_extension();
  /// nullptr for nearly all queues; see queue_extension.hpp.
  const QueueExtension* extension() const noexcept { return extension_.get(); }
  /// Grows with every cut: who finds it unchanged has seen entries and units of one and the same time.
  std::uint32_t cuts() const noexcept { return cuts_.load(std::memory_order_acquire); }

  /// Opens the files and finds the end of what is believed.
  Status load(const QueueTrust& trust = {});
  /// The same once more, when something was found not to be as believed. What is in memory is forgotten.
  Status load_again(const QueueTrust& trust);
  /// Whether a power failure may have left a part of the newest entry.
  bool may_end_torn() const noexcept { return max() > min() && files_.may_be_torn(max() - 1); }
  /// It is: the end is looked for once more, below it.
  Status doubt_newest(const QueueTrust& trust);
  /// After the recovery: zeroes what lies in the files behind the end, if anything may. Returns false for nothing.
  Result<bool> drop_left();
  /// After the recovery: what load() has seen of the files need not be so any more.
  void forget_known() noexcept;
  /// Takes an entry over from a record found in the log, at that record's own queue offset. One that leaves many out
  /// waits until the next one goes on from there.
  Status restore(std::int64_t at, const IndexEntry& entry);
  /// Drops all entries from `at` on.
  Status cut(std::int64_t at);
  /// Drops the entries of records from `from` on, and what is behind them.
  Status cut_from(PhysicalOffset from);
  /// Of the oldest message that it still has; 0 without any. Error: io.
  Result<PhysicalOffset> first_physical_offset() const;
  /// Where the record of the newest entry ends; -1 without entries.
  std::int64_t last_physical_end() const;

  /// Sets min() to the first entry of a record at or above `min_physical`; leaves it where entries cannot be read.
  void correct_min(std::int64_t min_physical);
  /// Deletes the leading files whose entries all lie below min(), but not the last file.
  Status drop_files_before_min();
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
  struct Block {
    std::int64_t base = 0;
    std::int64_t capacity = 0;
    std::shared_ptr<std::byte[]> bytes;
    std::int64_t end() const noexcept { return base + capacity; }
  };

  /// An entry of a file that was looked at when the store was opened: what recovery asks of each queue again.
  struct Known {
    std::int64_t at = -1;
    IndexEntry entry;
  };
  std::int64_t in_files_until() const;
  Result<std::size_t> read_uncut(std::int64_t at, std::span<IndexEntry> entries) const;
  bool start_block(std::int64_t base);
  Status restart_at(std::int64_t at);
  Status cut_locked(std::int64_t at);
  Status spill_locked(Spill what);
  Status write_to_files(std::vector<std::byte>& entries, std::int64_t until);
  Status find_end(const QueueTrust& trust, std::int64_t until = INT64_MAX);
  void end_at(std::int64_t end, const QueueTrust& trust);
  Result<std::int64_t> find_last_file(std::span<IndexEntry> first, std::size_t& got);
  Result<Known> next_in_files(std::int64_t at, std::int64_t until) const;
  std::int64_t first_available() const;
  std::vector<Block> blocks() const;
  void drop_blocks_before(std::int64_t end);

  std::string extension_directory() const;
  template <class Visit>
  bool visit_extension_addresses(std::int64_t at, std::int64_t until, const Visit& visit) const;
  std::optional<std::int64_t> newest_extension_address() const;
  Status cut_extension();
  Status drop_extension();

  const QueueStorage& storage_;
  std::atomic<std::int64_t> min_{0};
  std::atomic<std::int64_t> synced_{0};  ///< Entries below are on disk.
  std::atomic<std::uint32_t> cuts_{0};   ///< Grows at the end of a cut: who finds it unchanged has seen no block twice.
  std::atomic<bool> spill_wanted_{false};
  std::atomic<bool> given_up_{false};
  std::atomic<bool> files_removed_{false};  ///< For good; set under files_mutex_.

  // All that an append touches, in one cache line: with tens of thousands of queues each line is one to wait for.
  alignas(64) std::atomic<std::int64_t> max_{0};
  std::atomic<std::int64_t> spilled_{0};  ///< Entries below are in files.
  std::byte* tail_ = nullptr;             // append lock: the block being filled
  std::int64_t tail_base_ = 0;
  std::int32_t tail_capacity_ = 0;
  const std::int32_t queue_id_;
  const TopicName topic_;
  std::unique_ptr<QueueExtension> extension_;  ///< Not exchanged once anything else runs.

  Known known_first_, known_last_;  ///< Empty when anything else runs.
  Known doubted_;                   ///< By restore(); append lock.
  std::int64_t left_until_ = 0;     ///< In the files, behind the end; 0 when anything else runs.

  mutable std::mutex blocks_mutex_;  // taken inside the append lock, once per block
  std::vector<Block> blocks_;

  std::mutex files_mutex_;  // writers of the files; inside the append lock, outside blocks_mutex_
  QueueFiles files_;
};

}  // namespace tenon::logstore
