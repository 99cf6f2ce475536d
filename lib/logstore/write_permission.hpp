// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <string>

#include "tenon/error.hpp"

namespace tenon::logstore {

/// Why a store refuses writes, if it does. Each cause is set and cleared on its own.
enum class Refusal { not_open, draining, fault, disk_full, queue_disk_full, batch_queue_disk_full };

/// Threads: any. granted() is one relaxed load.
class WritePermission {
 public:
  bool granted() const noexcept { return !refused_.load(std::memory_order_relaxed); }
  void refuse(Refusal cause, std::string reason);
  void allow(Refusal cause);
  /// Empty when granted. Of several causes the first in the order of Refusal.
  std::string reason() const;
  /// service_not_available with the reason.
  Error error() const;

 private:
  static constexpr std::size_t kCauses = 6;
  void update();

  std::atomic<bool> refused_{false};
  mutable std::mutex mutex_;
  std::array<std::string, kCauses> reasons_;
};

}  // namespace tenon::logstore
