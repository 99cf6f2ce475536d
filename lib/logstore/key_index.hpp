// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "logstore/commit_log.hpp"
#include "logstore/index_file.hpp"
#include "logstore/key_stretch.hpp"
#include "logstore/record_keys.hpp"
#include "record/record_view.hpp"
#include "tenon/message_store.hpp"

namespace tenon::logstore {

/// The key index of a store. It follows the commit log on a background thread, which gets the keys from the appends and
/// reads the records only where nobody handed their keys over; a query first brings the index up to date.
/// Threads: any; one mutex, never taken by an append.
class KeyIndex {
 public:
  /// `append_lock` is that of the log.
  KeyIndex(const StoreOptions& options, FileSystem& file_system, AppendLock& append_lock);

  /// Opens the files. After an unclean stop those that were not yet known to be on disk, and those behind them, are
  /// deleted, and their records are read again in the background. `full_until_ms`: the checkpoint's indexMsgTimestamp,
  /// which only speaks of full files.
  Status load(bool unclean, std::int64_t full_until_ms);
  /// Where to go on: after what the files hold, but not before the log's begin, and after a clean stop that has left
  /// the directory not before `recovered_from`. Files with keys of records that the log has lost are deleted: their
  /// records are read again.
  Status start_at(bool unclean, const CommitLog& log, PhysicalOffset recovered_from);

  /// The log was cut back: forgets what lies beyond its end.
  Status cut_to(const CommitLog& log) { return start_at(true, log, log.min()); }

  /// Append lock held. The keys of records that were just appended, or none; their offsets count from there.
  void hand_over(const AppendReceipt& appended, std::span<const IndexFile::Key> keys) { appended_.add(appended, keys); }
  /// Adds the keys of up to `bytes_max` bytes of the log. Returns true when more is left.
  /// Error: io; nothing is lost, the next call tries again.
  Result<bool> follow(const CommitLog& log, std::int64_t bytes_max);

  struct Found {
    std::vector<PhysicalOffset> offsets;  ///< Ascending, hash collisions included.
    std::int64_t last_timestamp_ms = 0;
    PhysicalOffset last_physical_offset;
  };
  Found query(const KeyQuery& query, const CommitLog& log) const;

  /// Store time of the newest key in a full, forced file.
  std::int64_t full_until_ms() const;
  Status sync();
  /// Deletes files that point only below `log_min`, but not the last.
  Status delete_before(PhysicalOffset log_min);

 private:
  Result<bool> follow_locked(const CommitLog& log, std::int64_t bytes_max) const;
  Status take_appended(const CommitLog& log) const;
  Status add_handed() const;
  Status add_from(const CommitLog& log, PhysicalOffset until) const;
  Status add_records(std::span<const std::byte> rest, PhysicalOffset until) const;
  void collect_keys(const record::RecordView& view) const;
  Status put_all(std::vector<IndexFile::Key>& keys) const;
  Status put_some(std::span<const IndexFile::Key>& rest) const;
  bool holds(std::int32_t hash, PhysicalOffset offset) const;
  Status roll() const;
  Status remove_doubted();
  Status remove(std::unique_ptr<IndexFile>& file);

  const StoreOptions& options_;
  FileSystem& file_system_;
  std::filesystem::path directory_;
  IndexShape shape_;
  bool gone_ = false;  ///< There was no directory: it was deleted, or the index was switched off until now.
  // Mutable: a query, const to its caller, brings the index up to date.
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<IndexFile>> files_;
  mutable std::vector<std::unique_ptr<IndexFile>> removed_;  ///< Deleted, not yet closed.
  mutable PhysicalOffset position_;                          ///< Next record to look at.
  PhysicalOffset indexed_{-1};                               ///< Newest record in the files when they were opened.
  mutable std::int64_t full_until_ms_ = 0;
  mutable RecordKeys found_;   ///< In records below position_, but not in the files yet.
  mutable KeyStretch handed_;  ///< Begins at position_ or above, once it was taken.
  AppendLock& append_lock_;
  mutable KeyStretch appended_;  // append_lock_
};

}  // namespace tenon::logstore
