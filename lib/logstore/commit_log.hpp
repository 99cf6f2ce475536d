// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>

#include "logstore/append_buffer.hpp"
#include "logstore/append_lock.hpp"
#include "logstore/options.hpp"
#include "logstore/segment.hpp"

namespace tenon::logstore {

/// The segmented log. Knows bytes and positions; records only as far as the blank that closes a segment.
///
/// Invariants: segments are contiguous; what lies below max() never changes; above it is zeros. What lies between
/// written() and max() waits in the append buffer: a reader that needs it has it written out first.
/// Threads: load() and truncate() before anything else runs. place(), write() and publish() under the append lock.
/// prepare_next(), populate(), flush() and delete_before() on the background threads. The rest from any thread.
class CommitLog {
 public:
  /// `append_lock` is the one that place() and write() are called under.
  CommitLog(const StoreOptions& options, FileSystem& file_system, AppendLock& append_lock);

  /// Opens the files that are there. Error: corrupt if one has another length than configured or one is missing.
  Status load();
  /// Sets the end found by recovery: drops later segments, zeroes what follows `end` in its segment when `zero_tail`,
  /// and takes disk space for it in any case.
  Status truncate(PhysicalOffset end, bool zero_tail);
  /// Says that what lies above was only read, and may not be on disk yet: the next flush() forces it.
  void distrust_from(PhysicalOffset start) noexcept { flushed_.store(start.value, std::memory_order_release); }

  /// Makes room for `size` bytes that must lie in one segment; rolls if needed. Returns where they go.
  /// Errors: message_illegal if they fit no segment; service_not_available if no new segment can be made.
  Result<PhysicalOffset> place(std::int64_t size);
  enum class Handing { at_once, may_gather };
  /// Writes bytes at the offset place() returned. Error: io, and nothing has happened.
  Status write(PhysicalOffset offset, std::span<const std::byte> bytes, Handing handing = Handing::at_once);
  /// Append lock held. Where the next byte goes.
  PhysicalOffset next() const noexcept { return {next_}; }
  /// Append lock held, log empty: it begins at `at`, a multiple of the file size, instead of 0.
  Status begin_at(PhysicalOffset at);
  /// Append lock held. Writes bytes of another log at next(), without looking at them; returns how many: not more than
  /// one file has room for. Error: service_not_available, io; then nothing was written.
  Result<std::size_t> write_raw(std::span<const std::byte> bytes);
  /// Nothing runs that changes the log. The files that hold what follows `end` get second names in `aside`, a directory
  /// on the same file system. Error: io.
  Status keep_aside(PhysicalOffset end, const std::filesystem::path& aside) const;
  /// Append lock held, nothing ahead of or behind the appends runs. The log ends at `end`, the begin of a record, from
  /// now on. Where a file has to be cut, a shorter copy takes its place, so what readers have pinned stays as it was.
  /// Error: io; the log then ends at `end` or at a file further on.
  Status cut_back(PhysicalOffset end);
  /// Append lock held. Takes back what was written, but not published.
  void forget_received() noexcept { next_ = position(); }
  /// Makes everything below `end` visible to readers.
  void publish(PhysicalOffset end) noexcept {
    if (buffer_.empty()) written_.store(end.value, std::memory_order_release);
    max_.store(end.value, std::memory_order_release);
  }
  /// Append lock held. Hands what was gathered to the operating system. Error: io; what was gathered stays.
  Status write_out() const;
  /// Without the append lock: up to where readers may look. Has the rest written out if it does not reach `wanted`.
  PhysicalOffset readable_end(PhysicalOffset wanted) const;

  PhysicalOffset min() const noexcept { return {min_.load(std::memory_order_acquire)}; }
  PhysicalOffset max() const noexcept { return {max_.load(std::memory_order_acquire)}; }
  /// Below, everything is in the files as the operating system shows them, if not on disk.
  PhysicalOffset written() const noexcept { return {written_.load(std::memory_order_acquire)}; }
  PhysicalOffset flushed() const noexcept { return {flushed_.load(std::memory_order_acquire)}; }
  /// Where the log ended at make_ready(): what lies below was written by another process, or cut since.
  PhysicalOffset appended_from() const noexcept { return appended_from_; }
  SegmentListPtr segments() const;
  /// log_tail_crc() of what lies below `end` in its file; -1 for nothing.
  std::int64_t tail_crc_below(PhysicalOffset end) const;

  /// True once the append has come so far that background work is due; then it says no until the work was done.
  bool wants_background_work(PhysicalOffset end) noexcept {
    return end.value >= wake_at_.load(std::memory_order_relaxed) &&
           wake_at_.exchange(INT64_MAX, std::memory_order_relaxed) != INT64_MAX;
  }
  /// Makes the segment that the first append will need. Before the background threads run.
  Status make_ready();
  /// Creates the segment after the last one if the append will need it soon.
  Status prepare_next();
  /// Deletes a prepared segment that was not used, as RocketMQ does at a clean stop.
  void discard_prepared();
  /// Brings pages to memory ahead of the append, by writing zeros there: the kernel then makes them in large pieces,
  /// for half of what single page faults cost, and their blocks count as written, which spares a synchronous flush the
  /// journal. (docs/adr/0008-appends-are-gathered-by-turn.md) Not ahead of what comes from another log in large pieces,
  /// which fills whole pages: those would be written twice.
  void populate();
  /// Lets the kernel write what lies behind the append. May wait for the disk.
  void start_writeback();
  /// Forces everything that was written when it was called. One thread at a time. Error: io; then the log must not be
  /// written any more.
  Status flush();
  /// Deletes the first segment. The last one always stays.
  Status delete_first();

 private:
  /// The background thread is not called more often than once in so many bytes, or two, so it would come too late for
  /// the next file: it is called when one of this size, or a smaller one, is begun.
  static constexpr std::int64_t kSmallFile = 8 << 20;

  Result<std::shared_ptr<Segment>> make_segment(std::int64_t base);
  Result<std::shared_ptr<Segment>> take_prepared(std::int64_t base);
  Status roll();
  Status hand_over(PhysicalOffset offset, std::span<const std::byte> bytes) const;
  void zero_ahead(const Segment& segment, std::int64_t from, std::int64_t to);
  bool claim_zeroing(std::int64_t from, std::int64_t to);
  void wait_for_zeroing(std::int64_t end) const noexcept {
    for (std::int64_t from = 0; (from = zeroing_from_.load(std::memory_order_acquire)) < end;)
      zeroing_from_.wait(from, std::memory_order_acquire);
  }
  Status write_behind_buffer(PhysicalOffset offset, std::span<const std::byte> bytes);
  bool is_unfinished(const DirectoryEntry& last) const;
  void set_end(PhysicalOffset end);
  Status drop_files_from(std::vector<std::shared_ptr<Segment>>& all, PhysicalOffset end);
  Status shorten(std::shared_ptr<Segment>& last, PhysicalOffset end);
  std::shared_ptr<Segment> prepared() const;
  void add_segment(std::shared_ptr<Segment> segment);
  void set_segments(std::vector<std::shared_ptr<Segment>> segments);
  std::int64_t position() const noexcept { return max_.load(std::memory_order_relaxed); }

  const StoreOptions& options_;
  FileSystem& file_system_;
  std::filesystem::path directory_;

  mutable std::mutex segments_mutex_;
  SegmentListPtr segments_;
  std::shared_ptr<Segment> prepared_;  // guarded by prepared_mutex_
  mutable std::mutex prepared_mutex_;

  PhysicalOffset appended_from_;  // set once, by make_ready()
  Segment* current_ = nullptr;    // append lock
  std::int64_t next_ = 0;         // append lock: where the next record goes; differs from max_ after a roll
  AppendLock& append_lock_;
  // Mutable: readers have it written out.
  mutable AppendBuffer buffer_;  // append lock: ends at next_
  mutable std::atomic<std::int64_t> written_{0};
  std::atomic<std::int64_t> min_{0}, max_{0}, flushed_{0};
  std::atomic<std::int64_t> wake_at_{0};
  /// Where zeros are being written; an append that gets there waits. Set under the append lock.
  std::atomic<std::int64_t> zeroing_from_{INT64_MAX};
  std::atomic<std::int64_t> raw_end_{-1};  ///< Of what write_raw() wrote by a system call of its own.
  std::int64_t populated_ = 0;             // the thread that calls populate()
  std::int64_t written_back_ = 0;          // the thread that calls start_writeback()
};

}  // namespace tenon::logstore
