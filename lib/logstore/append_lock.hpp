// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace tenon::logstore {

/// The lock around an append: spins briefly, then sleeps in the kernel. Critical sections are some 40 ns long, so a
/// waiter that finds it taken usually gets it while spinning; one that meets a preempted holder must not burn its time
/// slice. Works with std::lock_guard and std::unique_lock.
class AppendLock {
 public:
  void lock() noexcept {
    int seen = kFree;
    if (state_.compare_exchange_strong(seen, kTaken, std::memory_order_acquire)) return;
    for (int spin = 0; spin < 100; ++spin) {
      __builtin_ia32_pause();
      seen = kFree;
      if (state_.load(std::memory_order_relaxed) == kFree &&
          state_.compare_exchange_weak(seen, kTaken, std::memory_order_acquire)) {
        return;
      }
    }
    while (state_.exchange(kContended, std::memory_order_acquire) != kFree)
      state_.wait(kContended, std::memory_order_relaxed);
  }
  void unlock() noexcept {
    if (state_.exchange(kFree, std::memory_order_release) == kContended) state_.notify_one();
  }

 private:
  static constexpr int kFree = 0, kTaken = 1, kContended = 2;
  std::atomic<int> state_{kFree};
};

}  // namespace tenon::logstore
