// SPDX-License-Identifier: Apache-2.0
// What several name servers are asked at once.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>

#include "tenon/error.hpp"

namespace tenon::kernel {

/// Waits for name servers. Shared with answers that come too late. Threads: any.
class Answers {
 public:
  explicit Answers(std::size_t wanted) : left_(wanted) {}
  void one(const Status& status) {
    const std::scoped_lock lock(mutex_);
    --left_;
    if (!status) bad_ = status;
    changed_.notify_all();
  }
  /// The last that was not well; success if none was.
  Status wait_until(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [this] { return left_ == 0; });
    return bad_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t left_;
  Status bad_;
};

/// Runs `done` once when every part has answered, on the thread of the last. Threads: any.
class Countdown {
 public:
  Countdown(std::size_t parts, std::function<void()> done) : left_(parts), done_(std::move(done)) {}
  void one() {
    if (left_.fetch_sub(1) == 1) done_();
  }

 private:
  std::atomic<std::size_t> left_;
  const std::function<void()> done_;
};

}  // namespace tenon::kernel
