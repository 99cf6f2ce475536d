// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "logstore/append_lock.hpp"
#include "logstore/background_thread.hpp"
#include "logstore/batch_queue_table.hpp"
#include "logstore/checkpoint.hpp"
#include "logstore/commit_log.hpp"
#include "logstore/flush_gate.hpp"
#include "logstore/key_index.hpp"
#include "logstore/pacing.hpp"
#include "logstore/queue_table.hpp"
#include "logstore/record_dispatch.hpp"
#include "logstore/tags_code_table.hpp"
#include "logstore/write_permission.hpp"
#include "tenon/filter_bit_maps.hpp"
#include "tenon/log_tap.hpp"
#include "tenon/message_store.hpp"
#include "tenon/readable_end.hpp"

namespace tenon::logstore {

/// How far a reader sees.
enum class Reach {
  readable,  ///< As far as ReadableEnd says: consumers.
  whole,     ///< The broker's own engines, tools and tests.
};

/// A RocketMQ store directory: commit log, consume queues, key index, checkpoint. Both store engines are thin shells
/// around it; they differ in options and in how they hand records out.
///
/// Locks, outermost first: checkpoint_mutex_ or KeyIndex's mutex > append_lock_ > ConsumeQueue::files_mutex_ >
/// ConsumeQueue::blocks_mutex_; append_lock_ > CommitLog's mutexes, QueueTable's mutex. append() never takes a
/// files_mutex_, which is held over writes to the disk. Threads: open() and close() from one thread; the rest from any
/// thread between them; reads also while draining.
class LogStore {
 public:
  explicit LogStore(StoreOptions options);
  ~LogStore();
  LogStore(const LogStore&) = delete;
  LogStore& operator=(const LogStore&) = delete;

  /// Before open().
  void set_tags_code_rule(std::string_view topic, const TagsCodeRule& rule) { tags_codes_.set_rule(topic, rule); }
  /// Before open(). Only with an extension that is written; `maps` outlives the store.
  void set_filter_bit_maps(const FilterBitMaps& maps) {
    if (options_.consume_queue_extension) bit_maps_ = &maps;
  }
  /// Takes the lock, recovers, starts the background threads. Errors: busy (another process), corrupt, io.
  Status open();
  /// Refuses appends from now on; reads go on.
  void drain();
  /// Writes everything out and closes; `abort` stays behind if that fails. Idempotent.
  void close() noexcept;

  // The members of tenon::MessageStore.
  Result<AppendReceipt> append(const Message& message);
  Result<AppendReceipt> append_batch(std::span<const Message> messages, std::span<PhysicalOffset> record_offsets);
  ReadResult read(const ReadRequest& request, Reach reach = Reach::whole) const;
  Result<StoredRecord> record_at(PhysicalOffset offset) const;
  Result<StoredMessage> message_at(PhysicalOffset offset) const;
  Result<KeyQueryResult> query_by_key(const KeyQuery& query, Reach reach = Reach::whole) const;
  QueueBounds bounds(std::string_view topic, std::int32_t queue_id, Reach reach = Reach::whole) const;
  Result<std::int64_t> store_time_at(std::string_view topic, std::int32_t queue_id, QueueOffset offset,
                                     Reach reach = Reach::whole) const;
  QueueOffset offset_at_time(std::string_view topic, std::int32_t queue_id, std::int64_t timestamp_ms,
                             TimeBoundary boundary, Reach reach = Reach::whole) const;
  Status delete_topic(std::string_view topic, PhysicalOffset below);
  StoreStatus status() const;
  // The member of tenon::BatchQueues.
  Status keep_batches(std::string_view topic);

  // The member of tenon::AppendHints.
  void expect_append(std::string_view topic, std::int32_t queue_id) const noexcept {
    if (queues_.is_large()) queues_.expect(QueueKey(topic, queue_id));
  }

  // The members of tenon::AppendGathering. Without effect while records are copied into the mapping.
  void gather() noexcept { gathering_ = id_; }
  Status write_out();

  // The members of tenon::LogTap.
  PhysicalOffset log_min() const noexcept { return log_.min(); }
  PhysicalOffset log_max() const noexcept { return log_.max(); }
  std::int64_t log_file_size() const noexcept { return options_.commit_log_file_size; }
  Result<LogStretch> read_log(PhysicalOffset from, std::int64_t bytes_max, ReadForm form) const;
  void watch(LogWatcher* watcher) noexcept { watcher_.store(watcher, std::memory_order_release); }
  Status append_log(PhysicalOffset at, std::span<const std::byte> bytes);
  PhysicalOffset log_received() const;
  Result<std::string> truncate_log(PhysicalOffset end);
  PhysicalOffset confirm_offset() const noexcept;
  void set_confirm_offset(PhysicalOffset offset) noexcept { confirm_offset_ = offset.value; }

  // The members of tenon::ReadableEnd.
  PhysicalOffset readable_end() const noexcept;
  Status set_readable_end(PhysicalOffset end);
  void on_readable_moved(std::function<void(PhysicalOffset end)> moved) { readable_moved_ = std::move(moved); }

  // The members of tenon::CommitGate.
  bool is_safe(PhysicalOffset end) const noexcept { return log_.flushed() >= end; }
  void wait_for(PhysicalOffset end, std::chrono::steady_clock::time_point deadline, CommitGate::Passed passed);

  /// Forces the log and the queues, then writes the checkpoint. Runs every checkpoint_interval by itself.
  Status write_checkpoint_now();
  /// One round of retention and disk watch. Runs every retention.check_interval by itself.
  void clean_expired_files();

 private:
  struct EncodedRecord {
    const Message* message = nullptr;
    std::byte* bytes = nullptr;
    std::int64_t size = 0;
    std::int64_t tags_code = 0;
    bool born_host_v6 = false;
    const TagsCodeRule* rule = nullptr;       ///< Gives tags_code as soon as the store time is known.
    std::span<const std::byte> bit_map = {};  ///< For the extension of the queue, if anybody made one.
  };
  static constexpr std::int64_t kUnspilledMax = 16'384;  ///< Entries of a queue in memory; above, the append spills.
  struct Appended {
    AppendReceipt receipt;
    bool wants_background_work = false;
    std::shared_ptr<ConsumeQueue> far_ahead;  ///< A queue whose memory grows faster than it is spilled.
  };

  static bool is_counted(const Message& message) noexcept;
  /// Smaller steps back of the wall clock do not show in store times. Append lock held.
  static constexpr std::int64_t kClockStepMs = 1000;
  std::int64_t store_time(std::int64_t now) const noexcept {
    const bool stepped_back = now < last_timestamp_ms_ && last_timestamp_ms_ - now < kClockStepMs;
    return stepped_back ? last_timestamp_ms_ : now;
  }
  /// Whether an append needs more than most: see log_store_extended.cpp.
  bool needs_more(const Message& message) const noexcept {
    return extended_appends_ || batch_queues_.any() || is_flagged(message);
  }
  EncodedRecord encoded_of(const Message& message, std::byte* bytes, std::size_t size) const;
  Result<AppendReceipt> append_message(const Message& message);
  Result<AppendReceipt> append_messages(std::span<const Message> messages, std::span<PhysicalOffset> record_offsets);
  static std::int64_t ruled_tags_code(const EncodedRecord& encoded, std::int64_t store_timestamp_ms);
  std::span<const IndexFile::Key> keys_of(std::span<const EncodedRecord> records) const;
  std::span<const IndexFile::Key> collect_keys(std::span<const EncodedRecord> records, RecordKeys& found) const;
  Result<AppendReceipt> append_encoded(const QueueKey& key, std::span<EncodedRecord> records, bool counted,
                                       std::span<PhysicalOffset> record_offsets);
  CommitLog::Handing handing_of_thread() const noexcept;
  Result<Appended> append_locked(const QueueKey& key, std::span<EncodedRecord> records, bool counted, std::int64_t now,
                                 CommitLog::Handing handing, std::span<PhysicalOffset> record_offsets);
  /// Without the append lock.
  void finish(const Appended& appended) {
    if (appended.wants_background_work || appended.far_ahead) [[unlikely]]
      follow_up(appended);
  }
  void follow_up(const Appended& appended);
  void tell_watcher() noexcept;
  Status receive(std::span<const std::byte> bytes);
  Status dispatch_received();

  Status look_for_extensions(const QueueTrust& trust);
  Status load_queue_extensions();
  std::vector<std::byte> add_bit_maps(std::string_view topic, std::span<EncodedRecord> records) const;
  Result<AppendReceipt> append_extended(const Message& message);
  Result<AppendReceipt> append_batch_extended(std::span<const Message> messages,
                                              std::span<PhysicalOffset> record_offsets);
  Result<AppendReceipt> append_to_light_queues(const Message& message, std::span<const std::string_view> names);
  Status room_for_light_queues(std::span<const std::string_view> names);
  std::string properties_with_offsets(const Message& message, std::span<const std::string_view> names,
                                      std::vector<std::int64_t>& offsets);
  void put_light_entry(const QueueKey& key, std::int64_t offset, const IndexEntry& entry, Appended& appended);
  std::string checkable(std::string_view properties) const;
  Result<AppendReceipt> append_to_batch_queue(std::span<const Message> messages,
                                              std::span<PhysicalOffset> record_offsets);
  Result<Appended> append_units(std::span<const Message> messages, std::span<BatchUnit> units, std::int64_t now);
  Status encode_units(std::span<const Message> messages, std::span<BatchUnit> units, std::int64_t base,
                      std::vector<std::byte>& bytes) const;
  void spill_batch_queues();
  template <class Table>
  Status delete_queues(Table& table, std::string_view topic, PhysicalOffset below);
  template <class Table>
  Status delete_all_queues(Table& table, std::string_view topic);
  template <class Table>
  Status delete_old_queues(Table& table, std::string_view topic, PhysicalOffset below);
  Status forget_empty_batch_topic(std::string_view topic);
  Status checkpoint_batch_queues();

  struct RecordPlace {
    PhysicalOffset begin;
    std::int64_t time_before_ms = 0;  ///< Store time of the record before it; 0: not known.
  };
  RecordPlace place_of(PhysicalOffset end) const;
  Result<std::filesystem::path> keep_in(const std::filesystem::path& place, PhysicalOffset begin) const;
  Result<std::filesystem::path> keep_aside(PhysicalOffset begin) const;
  Status cut_back(const RecordPlace& place, const std::filesystem::path& aside);
  Status vouch_only_for(const RecordPlace& place);

  static constexpr std::int64_t kUnbounded = ReadableEnd::kUnbounded.value;
  std::int64_t readable_max(const ConsumeQueue& queue, std::int64_t max, Reach reach) const;
  std::int64_t readable_max(const BatchQueue& queue, Reach reach) const;
  void restore_readable_end();
  std::int64_t kept_readable_end() const noexcept;
  void hide_unreadable(KeyQueryResult& found) const;

  template <class Queue>
  void collect(const Queue& queue, const ReadRequest& request, ReadResult& result) const;
  static QueueOffset offset_of_time(const BatchQueue& queue, std::int64_t max, std::int64_t timestamp_ms,
                                    TimeBoundary boundary);
  std::optional<std::int64_t> entry_time(const ConsumeQueue& queue, const SegmentList& segments, std::int64_t at) const;

  Status open_queue_syncs();
  Status start_running();
  void start_threads();
  void stop_threads() noexcept;
  void keep_ahead();
  void do_background_work();
  void do_flush();
  void flush_log();
  Status force_log();
  void settle_waiters();
  void keep_house();
  void spill_waiting_queues();
  bool on_queue_error(const Error& error, const std::shared_ptr<ConsumeQueue>& queue);
  std::unique_lock<std::mutex> hurry_checkpoint();
  Status write_checkpoint_locked(Pacing& pacing);
  Status checkpoint_queues(Pacing& pacing);
  void stop_writing(const Error& error);
  void report(std::string_view what, std::string_view reason) const;
  Status stop_after(const Status& failed_sync);
  std::optional<Error> failure() const;
  void watch_disk();
  enum class Deletion { expired, disk_nearly_full, log_too_long };
  bool delete_one_segment(Deletion why);
  bool is_log_too_long() const;
  void after_deletion();
  Status close_files();

  StoreOptions options_;
  StoreLayout layout_;
  FileSystem& file_system_;
  Logger log_category_;
  std::unique_ptr<FileLock> lock_;
  DescriptorCache descriptors_;
  QueueStorage queue_storage_;
  mutable AppendLock append_lock_;
  /// Grows at the end of a cut, before anything new is appended: who finds it unchanged has not seen two logs.
  std::atomic<std::uint32_t> cuts_{0};
  CommitLog log_;
  QueueTable queues_;
  BatchQueueTable batch_queues_;
  TagsCodeTable tags_codes_;
  RecordDispatch dispatch_{queues_, batch_queues_, tags_codes_, log_};
  const FilterBitMaps* bit_maps_ = nullptr;
  bool extended_appends_ = false;  ///< All appends: see needs_more().
  KeyIndex index_;
  std::mutex checkpoint_mutex_;
  std::atomic<int> checkpoint_awaited_{0};  ///< By so many threads, so one under way makes no pauses.
  Checkpoint checkpoint_;                   // checkpoint_mutex_
  PhysicalOffset checkpointed_;             // checkpoint_mutex_: the checkpoint covers the log up to here
  /// checkpoint_mutex_: of where the queues lie, and their extensions.
  std::vector<std::unique_ptr<FileSystemSync>> queue_syncs_;
  /// checkpoint_mutex_: what a recovery has cut off is not forced with any single queue, and would come back.
  bool force_all_queues_ = false;

  /// Of all stores of the process, because another store may come to lie at the same address.
  const std::uint64_t id_;
  static thread_local std::uint64_t gathering_;              ///< The store whose appends this thread gathers.
  std::int64_t last_timestamp_ms_ = 0;                       // append_lock_
  std::vector<std::shared_ptr<ConsumeQueue>> spill_wanted_;  // append_lock_

  std::atomic<std::int64_t> confirm_offset_{-1};  ///< -1: nobody replicates.
  std::atomic<LogWatcher*> watcher_{nullptr};
  std::atomic<std::int64_t> watcher_knows_{-1};  ///< The end of the log that it was told of last.
  std::atomic<std::int64_t> readable_end_{kUnbounded};
  std::function<void(PhysicalOffset end)> readable_moved_;
  WritePermission writes_;
  FlushGate gate_;
  mutable std::mutex failure_mutex_;
  std::optional<Error> failure_;  ///< Why nothing is written any more; failure_mutex_.
  std::atomic<double> disk_used_ratio_{0};
  std::mutex flush_mutex_;                   // one force of the log at a time
  std::atomic<int> inline_flushes_left_{0};  // until the flush thread looks again whether the writer is alone
  std::chrono::steady_clock::time_point next_flush_{};                      // flush thread
  std::chrono::steady_clock::time_point next_clean_{}, next_checkpoint_{};  // keeper
  bool open_ = false;
  BackgroundThread ahead_;
  BackgroundThread worker_;
  BackgroundThread flusher_;
  BackgroundThread keeper_;
};

}  // namespace tenon::logstore
