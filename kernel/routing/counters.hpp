// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace tenon::kernel {

/// Messages, bytes and calls of one kind of traffic. The hot paths add to it without asking anybody; BrokerStatistics
/// reads it from time to time. Threads: any, relaxed: the three are not a consistent snapshot.
struct alignas(64) TrafficCounters {
  std::atomic<std::int64_t> messages{0};
  std::atomic<std::int64_t> bytes{0};
  std::atomic<std::int64_t> calls{0};

  void add(std::int64_t message_count, std::int64_t byte_count) noexcept {
    messages.fetch_add(message_count, std::memory_order_relaxed);
    bytes.fetch_add(byte_count, std::memory_order_relaxed);
    calls.fetch_add(1, std::memory_order_relaxed);
  }
};

}  // namespace tenon::kernel
