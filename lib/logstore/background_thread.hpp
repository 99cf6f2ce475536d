// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tenon::logstore {

/// A named thread that does its work when woken, and once per interval.
class BackgroundThread {
 public:
  using Work = std::function<void()>;
  ~BackgroundThread() { stop(); }

  /// `nice`: how much less it matters than who starts it, when there are not enough cores for all; setpriority(2).
  void start(std::string name, std::chrono::milliseconds interval, Work work, int nice = 0);
  /// Any thread. Costs a system call only if the thread sleeps.
  void wake() noexcept;
  /// For the work itself, between its pieces: waits that long. False, and at once, when the thread is to stop.
  bool pause(std::chrono::milliseconds time);
  /// Waits for the work under way. Idempotent.
  void stop() noexcept;

 private:
  void run(int nice);

  Work work_;
  std::chrono::milliseconds interval_{0};
  std::atomic<bool> due_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tenon::logstore
