// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

/// Decides when an append is safe enough to be acknowledged. A store offers a gate when it flushes synchronously,
/// replication offers one when it waits for replicas. The kernel asks every gate that is offered; in the usual
/// asynchronous case there is none.
///
/// Threads: all members from any thread.
class TENON_EXPORT CommitGate : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.commit-gate", 1};

  /// Called once: success, or flush_disk_timeout, slave_not_available, flush_slave_timeout, io.
  using Passed = std::function<void(Status)>;

  /// True when every byte below `end` is safe already; then wait_for() need not be called.
  virtual bool is_safe(PhysicalOffset end) const noexcept = 0;
  /// Calls `passed` as soon as everything below `end` is safe or `deadline` is over. May call it before returning, or
  /// later from a thread of the gate, where it must not block. Waiters are bounded by the number of requests in flight.
  virtual void wait_for(PhysicalOffset end, std::chrono::steady_clock::time_point deadline, Passed passed) = 0;
};

}  // namespace tenon
