// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "logstore/file_system.hpp"
#include "logstore/options.hpp"

namespace tenon::logstore {

/// Up to which store time each part is known to be on disk; bounds what recovery must look at.
/// File: 4096 bytes, i64 big-endian at 0, 8, 16, 24, 32. Source: ../shared/reference/store-format.md 5.1.
/// RocketMQ leaves the rest alone. Ours, from 64 on: "TENONCKP", the first field once more, covered_offset,
/// covered_tail, and a CRC over RocketMQ's fields and these two. Where the two times differ, RocketMQ has written the
/// file since, and covered_offset means nothing; where the CRC is another one, covered_tail means nothing. From 128 on:
/// "TENONRDE", readable_end.
struct Checkpoint {
  std::int64_t physic_msg_timestamp = 0;  ///< Commit log.
  std::int64_t logics_msg_timestamp = 0;  ///< Consume queues.
  std::int64_t index_msg_timestamp = 0;   ///< Last full index file.
  std::int64_t master_flushed_offset = 0;
  std::int64_t confirm_physical_offset = 0;
  /// Log and queues are on disk below this physical offset, whatever the times say (the clock may have been set back);
  /// -1: not known.
  std::int64_t covered_offset = -1;
  /// log_tail_crc() of the log's file up to covered_offset: who finds the same has the log that was covered, and need
  /// not look at anything below. -1: nobody else may have written since, or somebody has.
  std::int64_t covered_tail = -1;
  /// Up to where consumers could read (ReadableEnd); -1: everything.
  std::int64_t readable_end = -1;

  /// Records stored before this need not be looked at after an unclean stop; 0: all of them.
  std::int64_t recovery_bound_ms() const noexcept;
};

/// Of the last bytes of a commit-log file as far as it is given. -1 for none.
std::int64_t log_tail_crc(std::span<const std::byte> until_end) noexcept;

/// What lies beyond the end of `bytes` reads as zeros.
Checkpoint parse_checkpoint(std::span<const std::byte> bytes) noexcept;
/// A missing or short file reads as all zeros, which is always safe.
Result<Checkpoint> read_checkpoint(FileSystem& file_system, const std::filesystem::path& path);
Status write_checkpoint(FileSystem& file_system, const std::filesystem::path& path, const Checkpoint& checkpoint);

}  // namespace tenon::logstore
