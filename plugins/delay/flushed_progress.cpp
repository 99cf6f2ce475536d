// SPDX-License-Identifier: Apache-2.0
#include "flushed_progress.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tenon::delay {

void wait_until_flushed(const MessageStore& store, PhysicalOffset end) {
  constexpr std::chrono::milliseconds step{10};
  constexpr int steps = 200;
  std::mutex mine;
  std::unique_lock lock(mine);
  std::condition_variable nobody;
  for (int turn = 0; turn < steps && store.status().flushed_physical_offset < end; ++turn) nobody.wait_for(lock, step);
}

}  // namespace tenon::delay
