// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "tenon/message_store.hpp"

namespace tenon::kernel {

/// Whether a group reads a topic off the disk: from a read on that would have waited for it, until the group has read
/// more than an operating system reads ahead without another one. A queue that the group has caught up with does not
/// count from then on. Threads: any.
class ColdReading {
 public:
  static constexpr std::int64_t kStretchBytes = 64 * 1024 * 1024;
  /// Who is so near the end of the log reads what has just been written.
  static constexpr std::int64_t kCaughtUpBytes = 16 * 1024 * 1024;

  bool goes_on() const noexcept { return bytes_left_.load(std::memory_order_relaxed) > 0; }
  /// Queues whose numbers are 64 apart are taken for one.
  bool goes_on(std::int32_t queue_id) const noexcept {
    return goes_on() && (queues_.load(std::memory_order_relaxed) & bit(queue_id)) != 0;
  }

  /// Takes down what a read of this queue has come to.
  void note(std::int32_t queue_id, const ReadResult& read) noexcept {
    if (read.status == ReadStatus::not_in_memory) {
      queues_.fetch_or(bit(queue_id), std::memory_order_relaxed);
      bytes_left_.store(kStretchBytes, std::memory_order_relaxed);
    } else if (read.total_bytes > 0 && goes_on()) {
      note_found(queue_id, read);
    }
  }

 private:
  static std::uint64_t bit(std::int32_t queue_id) noexcept {
    return std::uint64_t{1} << (static_cast<std::uint32_t>(queue_id) % 64);
  }
  void note_found(std::int32_t queue_id, const ReadResult& read) noexcept {
    const bool last = bytes_left_.fetch_sub(read.total_bytes, std::memory_order_relaxed) <= read.total_bytes;
    const bool caught_up = read.bytes_behind < kCaughtUpBytes;
    if (last || caught_up) queues_.fetch_and(last ? 0 : ~bit(queue_id), std::memory_order_relaxed);
  }

  std::atomic<std::int64_t> bytes_left_{0};
  std::atomic<std::uint64_t> queues_{0};
};

}  // namespace tenon::kernel
