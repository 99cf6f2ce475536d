// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/message_store.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// A stretch of the commit log, byte for byte as in its file. Ownership: `bytes` borrows from `pin`.
struct LogStretch {
  PhysicalOffset begin;
  std::int64_t length = 0;  ///< 0: there is nothing yet behind `begin`.
  Slice bytes;
  std::shared_ptr<const void> pin;
};

/// Is called when a log has grown. Threads: any, several at once.
class TENON_EXPORT LogWatcher {
 public:
  virtual ~LogWatcher() = default;
  /// Called on the thread that appends, after it has served its sends; must not block. Once for all appends that a
  /// thread has gathered (AppendGathering), otherwise after every append.
  virtual void log_grew() noexcept = 0;
};

/// The commit log as bytes, for replication and tools. Offered by stores that keep RocketMQ's commit log.
///
/// Threads: any; append_log() and truncate_log() from one at a time, and not while messages are appended by
/// MessageStore. Messages may be read meanwhile.
class TENON_EXPORT LogTap : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.log-tap", 2};

  /// Begin of the first file, and the end of the last whole record.
  virtual PhysicalOffset log_min() const = 0;
  virtual PhysicalOffset log_max() const = 0;
  /// Length of every commit-log file in bytes: both sides of a replication must have the same.
  virtual std::int64_t log_file_size() const = 0;

  /// At most `bytes_max` bytes from `from` on, never across the end of a file, never part of a record that is not whole
  /// in the log; where it is cut need not be the end of a record.
  /// What a thread still gathers is not there yet. Error: query_not_found outside of [log_min, log_max].
  virtual Result<LogStretch> read_log(PhysicalOffset from, std::int64_t bytes_max, ReadForm form) const = 0;

  /// From now on `watcher` is told of what MessageStore appends; nullptr: nobody is. A call that is under way may still
  /// come, so the watcher must outlive the appends of other threads.
  virtual void watch(LogWatcher* watcher) = 0;

  /// Appends bytes that another log has at `at`, which must be where the last call ended (log_received()). Each record
  /// that becomes whole is checked, and gets its queue entry and its keys. An empty log (log_min() == log_max())
  /// may begin at any multiple of log_file_size(). Errors: invalid_parameter (not the place), corrupt (names the
  /// offset; the bytes from there on are forgotten and log_received() goes back), service_not_available, io.
  virtual Status append_log(PhysicalOffset at, std::span<const std::byte> bytes) = 0;
  /// Where append_log() goes on; above log_max() while the last record is not whole.
  virtual PhysicalOffset log_received() const = 0;

  /// Cuts the log back to `end`, or to the begin of the record that `end` lies in: log_max() and log_received() say
  /// where that was. Queues, keys, confirm offset and checkpoint follow; what readers have pinned stays as it was. What
  /// is cut off is kept: returns the directory with it, empty if nothing was. `end` == log_min() empties the log. May
  /// read a whole file, and waits for the disk. Errors: invalid_parameter outside of [log_min, log_max];
  /// service_not_available; io, and then the store may refuse writes: the next start recovers.
  virtual Result<std::string> truncate_log(PhysicalOffset end) = 0;

  /// Up to where replicas have the log, as replication has set it; kept in the checkpoint. log_max() until it is set
  /// for the first time.
  virtual PhysicalOffset confirm_offset() const = 0;
  virtual void set_confirm_offset(PhysicalOffset offset) = 0;
};

}  // namespace tenon
