// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"

namespace tenon {

/// How far the tables of a master have changed, or how far a slave has taken them over: the counters of their
/// DataVersions. They only grow while a process is the master.
struct TableCounters {
  static constexpr std::int64_t kNone = -1;  ///< Nothing was taken; nothing is asked for.

  std::int64_t topics = kNone;
  std::int64_t groups = kNone;

  bool covers(const TableCounters& other) const noexcept { return topics >= other.topics && groups >= other.groups; }
};

/// Decides when a change of topics or consumer groups is safe enough to be answered with success, as CommitGate does
/// for messages. Offered by replication where it waits for replicas. Threads: any.
class TENON_EXPORT TableGate {
 public:
  /// Called once: success, or slave_not_available, flush_slave_timeout, busy, service_not_available; the change stays.
  using Passed = std::function<void(Status)>;

  virtual ~TableGate() = default;
  /// Calls `passed` when the slaves that count for messages have taken over tables that cover `counters`. May call
  /// it before returning, or later from a thread of the gate, where it must not block. Waiters and their time are
  /// bounded by the gate.
  virtual void wait_for(TableCounters counters, Passed passed) = 0;
  /// The slave with this id reports what it has; this replaces its last report. Returns false if no such slave follows.
  /// Otherwise `wanted` is called once, when the slave should ask the master again: when a client waits for more than
  /// it has, or when it reports again.
  virtual bool heard(std::int64_t broker_id, TableCounters has, std::function<void()> wanted) = 0;
};

/// Asks the gate before it answers a change, and passes on what slaves report. Offered by a protocol that serves both
/// clients and slaves; the plug-in that has the gate hands it over in its start(). Threads: `ctl`.
class TENON_EXPORT TableGateKeeper : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.table-gate-keeper", 1};

  /// `gate` lives as long as its plug-in.
  virtual void set_table_gate(TableGate& gate) = 0;
};

}  // namespace tenon
