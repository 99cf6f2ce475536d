// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace tenon::bench {

/// Makes the pages of a log that is kept, in front of its end, by the cheapest way known (docs/adr/0008): zeros, 32 KiB
/// at a time, written by a thread of its own. All of them stay: a hole punched into the start of the file keeps the
/// zeros out of it for seconds.
class PageMaker {
 public:
  static constexpr std::uint64_t kLogBytes = 32ULL << 30;  ///< Where it ends, and the process with it.

  explicit PageMaker(int file) : file_(file), thread_([this] { work(); }) {}

  /// Before a record is copied to where the log grows to `end`: waits until its pages are there.
  void await(std::uint64_t end) {
    end_.store(end, std::memory_order_relaxed);
    while (made_.load(std::memory_order_acquire) < end) std::this_thread::yield();
  }

 private:
  static constexpr std::uint64_t kAhead = 16U << 20, kStep = 1U << 30;

  [[noreturn]] void work() {
    static const char zeros[32 * 1024] = {};
    for (std::uint64_t made = 0;;) {
      if (made >= end_.load(std::memory_order_relaxed) + kAhead) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      if (made % kStep == 0) next_step(made);
      if (pwrite(file_, zeros, sizeof zeros, static_cast<off_t>(made)) != sizeof zeros)
        std::perror("zeros"), std::exit(1);
      made_.store(made += sizeof zeros, std::memory_order_release);
    }
  }

  void next_step(std::uint64_t made) {
    if (made + kStep > kLogBytes) std::fputs("the log is full\n", stderr), std::exit(1);
    if (posix_fallocate(file_, static_cast<off_t>(made), kStep) != 0) std::perror("log"), std::exit(1);
  }

  int file_;
  std::atomic<std::uint64_t> end_ = 0, made_ = 0;
  std::thread thread_;
};

}  // namespace tenon::bench
