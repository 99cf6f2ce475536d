// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "logstore/commit_log.hpp"

namespace tenon::logstore {

/// Which topics were deleted, each with the physical offset up to where the log has, or will have, records of it that
/// are nobody's any more. Without this, whoever makes queues from the log makes those of a deleted topic again: a
/// recovery, and a slave to which its last records come later than the news of its deletion; and a topic that is made
/// again under the name begins behind messages of the old one.
///
/// Kept in `<store>/deleted/topics` (docs/formats/deleted.md) while the log begins below the offset. To be without an
/// entry is never wrong, only untidy, and to have one too many loses messages: what is in doubt is dropped.
/// Threads: load() before anything else runs, the rest from any; covers() takes no lock for what lies behind all
/// deletions.
class DeletedTopics {
 public:
  /// Of more, those are forgotten that reach least far.
  static constexpr std::size_t kTopicsMax = 4096;

  DeletedTopics(FileSystem& file_system, std::filesystem::path path)
      : file_system_(file_system), path_(std::move(path)) {}

  /// Takes from the file what is of this log. Error: io.
  Status load(const CommitLog& log);
  /// Whether a record at `at` is one of the deleted topic.
  bool covers(std::string_view topic, PhysicalOffset at) const {
    return at.value < reach_.load(std::memory_order_relaxed) && lies_below(topic, at);
  }
  void add(std::string_view topic, PhysicalOffset below);
  /// Hands the file to the operating system; entries that the log has outlived are left out.
  Status save(const CommitLog& log);
  /// The log is about to end at `end`, and to go another way from there. On disk when it returns.
  Status cut(const CommitLog& log, PhysicalOffset end);
  /// This broker itself is about to append the first message of the topic, at `at`. On disk when it returns.
  Status made_again(const CommitLog& log, std::string_view topic, PhysicalOffset at);
  std::size_t size() const;

 private:
  enum class Saved { by_the_system, on_disk };
  static constexpr std::int64_t kNotThereYet = -1;  ///< Instead of a CRC: the log does not reach that far.
  struct Reach {
    std::int64_t below = 0;
    std::int64_t tail = kNotThereYet;  ///< What makes sure that the log below is still the same: log_tail_crc().
  };
  bool lies_below(std::string_view topic, PhysicalOffset at) const;
  void set_reach();
  void prune(PhysicalOffset log_min);
  std::string encode(const CommitLog& log);
  void decode(std::string_view bytes, const CommitLog& log);
  Status write(const CommitLog& log, Saved saved);

  FileSystem& file_system_;
  const std::filesystem::path path_;
  std::atomic<std::int64_t> reach_{0};  ///< No entry goes further.
  std::mutex file_mutex_;               // outside mutex_
  mutable std::shared_mutex mutex_;
  std::map<std::string, Reach, std::less<>> topics_;
};

}  // namespace tenon::logstore
