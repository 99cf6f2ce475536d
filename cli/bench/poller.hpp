// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

namespace tenon::bench {

/// Level-triggered epoll over channels known by index.
/// Threads: one. Owns its descriptor.
class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int descriptor, std::uint32_t index) { control(EPOLL_CTL_ADD, descriptor, index, false); }
  void watch_writing(int descriptor, std::uint32_t index, bool on) { control(EPOLL_CTL_MOD, descriptor, index, on); }
  /// Waits at most `timeout_ns` (to the nanosecond: an open-loop load needs better than milliseconds; negative counts
  /// as 0).
  std::span<const epoll_event> wait(std::int64_t timeout_ns);

 private:
  void control(int operation, int descriptor, std::uint32_t index, bool writing);
  int descriptor_;
  std::array<epoll_event, 256> events_;
};

}  // namespace tenon::bench
