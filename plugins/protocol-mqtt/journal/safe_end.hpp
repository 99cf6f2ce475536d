// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "tenon/commit_gate.hpp"

namespace tenon::protocol_mqtt {

/// How far the log is as safe as this broker promises: all its commit gates together, none in the usual case.
/// Ownership: the gates outlive it. Threads: any.
class SafeEnd {
 public:
  explicit SafeEnd(std::vector<CommitGate*> gates = {}) : gates_(std::move(gates)) {}

  bool is_safe(PhysicalOffset end) const noexcept;
  /// Calls `over` once: everything below `end` is safe, or it is not in time. Maybe before returning, maybe on a thread
  /// of a gate, where it must not block.
  void wait_for(PhysicalOffset end, std::chrono::milliseconds time, CommitGate::Passed over) const;

 private:
  struct Wait {
    std::vector<CommitGate*> gates;
    PhysicalOffset end;
    std::chrono::steady_clock::time_point deadline;
    CommitGate::Passed over;
  };
  static void go_on(const std::shared_ptr<Wait>& wait, std::size_t gate);

  std::vector<CommitGate*> gates_;
};

}  // namespace tenon::protocol_mqtt
