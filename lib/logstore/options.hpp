// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record_check.hpp"
#include "record/record_encoder.hpp"
#include "tenon/log.hpp"

namespace tenon::logstore {

class FileSystem;

/// When the commit log is forced to disk.
enum class FlushMode { async, sync };
/// How long runs of records are handed out: as bytes of the mapping, or as a range of the file, for sendfile.
enum class ReadMode { mapping, file };

struct RetentionOptions {
  std::chrono::milliseconds file_reserved_time = std::chrono::hours(72);
  std::vector<int> delete_when_hours{4};    ///< Local hours of the day in which expired files are deleted.
  double disk_max_used_ratio = 0.75;        ///< Above: expired files are deleted at any hour.
  double disk_clean_forcibly_ratio = 0.85;  ///< Above: the oldest files are deleted even if not expired.
  double disk_warning_ratio = 0.90;         ///< Above: writes are refused, until back at clean_forcibly.
  std::int64_t log_size_max = 0;            ///< Bytes; the oldest files go above that, expired or not. 0: no limit.
  bool clean_file_forcibly = false;         ///< Whether files that are not expired may go at all.
  std::chrono::milliseconds check_interval = std::chrono::seconds(10);
};

/// Which sizes are taken from the files of a directory that has some, instead of from the options; see file_sizes.hpp.
struct SizesFromFiles {
  bool commit_log = false, consume_queue = false, index = false, consume_queue_extension = false,
       batch_consume_queue = false;
};

/// Sizes are those of RocketMQ's defaults; a directory must be opened with the sizes it was made with.
struct StoreOptions {
  std::filesystem::path directory;
  std::filesystem::path commit_log_directory;  ///< Empty: `<directory>/commitlog`.
  std::int64_t commit_log_file_size = 1LL << 30;
  std::int64_t consume_queue_file_entries = 300'000;
  std::int64_t batch_consume_queue_file_units = 300'000;
  bool index_enabled = true;
  bool index_tags = true;  ///< One more key entry per tagged record, as RocketMQ 5.4 writes.
  std::int32_t index_slots = 5'000'000;
  std::int32_t index_entries = 20'000'000;
  SizesFromFiles sizes_from_files;
  record::SizeLimits limits;
  bool consume_queue_extension = false;  ///< RocketMQ's enableConsumeQueueExt; see queue_extension.hpp.
  std::int64_t consume_queue_extension_file_size = 48LL << 20;
  bool light_queues = false;              ///< RocketMQ's enableLmq and enableMultiDispatch; see light_queues.hpp.
  std::size_t light_queues_max = 20'000;  ///< No append makes more of them; RocketMQ's maxLmqConsumeQueueNum.
  bool property_crc = false;  ///< RocketMQ's enabledAppendPropCRC; then it is checked, too, where there is one.

  FlushMode flush = FlushMode::async;
  /// Records get into the commit log by pwrite, which dirties single pages and is twice as fast to force as a mapping
  /// (../shared/design/targets.md 6.3). With FlushMode::async fewer bytes than this are copied into the mapping,
  /// because a system call costs more than the copy.
  std::size_t copied_write_max = 8 * 1024;
  ReadMode read = ReadMode::mapping;
  /// Shorter runs are handed out as memory with ReadMode::file, too: several of them go out by one gathered write,
  /// where each would need a sendfile of its own.
  std::int64_t file_run_min = 64 * 1024;
  std::chrono::milliseconds flush_interval{500};
  std::chrono::milliseconds checkpoint_interval{10'000};
  std::int64_t populate_ahead = 16LL << 20;  ///< Bytes brought to memory ahead of the append; 0 for none.
  std::int64_t cold_read_piece = 1 << 20;    ///< Bytes read at once off the disk; 0: as the operating system guesses.
  std::int64_t bytes_in_memory = 0;          ///< Distance from the end read as "in memory"; 0: 40 % of the RAM.
  /// What the store has appended since it was opened and lies this close to the end of the log is taken to be in memory
  /// without asking the operating system.
  std::int64_t bytes_surely_in_memory = 64LL << 20;
  RetentionOptions retention;

  FileSystem* file_system = nullptr;                           ///< nullptr: posix_file_system().
  std::function<std::int64_t()> now_ms;                        ///< Empty: the wall clock.
  std::function<void(std::string_view reason)> report_fault;   ///< A flush failed; the store writes no more.
  std::function<void(std::string_view what)> report_progress;  ///< While opening.
  /// A state that may pass, said as often as it is seen; empty reason: it is over.
  std::function<void(std::string_view what, std::string_view reason)> report_degraded;
  std::optional<Logger> log;  ///< Empty: category "logstore".

  record::PropertyCrc checked_crc() const noexcept {
    return property_crc ? record::PropertyCrc::checked : record::PropertyCrc::ignored;
  }
};

/// Directories and files under the root. Source: ../shared/reference/store-format.md 1.
struct StoreLayout {
  explicit StoreLayout(const StoreOptions& options)
      : root(options.directory),
        commit_log(options.commit_log_directory.empty() ? root / "commitlog" : options.commit_log_directory),
        consume_queue(root / "consumequeue"),
        batch_consume_queue(root / "batchconsumequeue"),
        consume_queue_extension(root / "consumequeue_ext"),
        index(root / "index"),
        checkpoint(root / "checkpoint"),
        abort(root / "abort"),
        lock(root / "lock"),
        cut(commit_log.parent_path() / "cut") {}

  std::filesystem::path root, commit_log, consume_queue, batch_consume_queue, consume_queue_extension, index,
      checkpoint, abort, lock;
  std::filesystem::path cut;  ///< Ours, see LogTap::truncate_log(). Beside the log, to be on its file system.
};

/// 20 decimal digits, as commit-log and consume-queue files are named. Empty result: the name is not of that form.
std::string offset_file_name(std::int64_t offset);
std::optional<std::int64_t> parse_offset_file_name(std::string_view name);

}  // namespace tenon::logstore
