// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/lease_clock.hpp"

namespace tenon {

/// The master of a broker name, as name servers tell it to its slaves. Empty: none is registered.
struct MasterAddresses {
  std::string broker;       ///< "host:port" of the protocol that clients speak.
  std::string replication;  ///< "host:port" of its HA service.
  bool heard = false;       ///< A name server answered when they were asked last; false: the master is not known.

  friend bool operator==(const MasterAddresses&, const MasterAddresses&) = default;
};

/// Whether this broker is the master of its broker name, or a slave that keeps a copy of it. Offered by the kernel.
///
/// A slave takes no messages, makes no topics and groups of its own, and serves reads; what only a master does
/// (deliver delayed messages, ask about transactions) rests. A slave can become the master while it runs, once; the way
/// back is a restart.
/// Threads: any.
class TENON_EXPORT BrokerRole : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.broker-role", 2};

  /// False on a slave, and on a master that was fenced.
  virtual bool is_master() const noexcept = 0;
  /// Runs `begin` once, as soon as this broker is the master: before returning if it is already; at the start of the
  /// process when no other master was found, after all plug-ins have started and before any serves; otherwise in
  /// promote(), on its thread, which may block. Call it in start(). An exception of `begin` fails the start, or the
  /// promotion.
  virtual void when_master(std::function<void()> begin) = 0;

  /// What the name servers said last, some seconds ago; always empty on a master.
  virtual MasterAddresses master() const = 0;

  /// Makes this slave the master: replication stops following and begins an epoch (at least `epoch_min`, see
  /// Replication), the functions given to when_master() run, messages are taken, name servers are informed. Returns the
  /// epoch; 0 without replication, and if this is the master already. Blocks. Errors: those of Replication; then it
  /// goes on as a slave. What a `begin` threw; then it takes nothing any more and must be restarted.
  virtual Result<std::int64_t> promote(std::int64_t epoch_min) = 0;
  /// promote() on behalf of an operator, for good: this broker also starts as the master from now on, until its
  /// configuration gives it another id. Errors: those of promote(); illegal_operation where an election decides, that
  /// is where hold_until() was called; io.
  virtual Result<std::int64_t> promote_for_good() = 0;
  /// Lets the role of master end at `end` as fence() does, unless this is called again before then: nothing is
  /// acknowledged from that moment on, even if no thread of this process ran in between. For an election whose leases
  /// expire: it calls this in start() with a moment in the past, so that this broker is no master without a lease.
  virtual void hold_until(LeaseClock::time_point end) = 0;
  /// Ends the role of master until the next restart: from now on no message is taken, and what is under way is not
  /// acknowledged any more. For a broker that has lost its right to be the master. Producers are told `reason`.
  virtual void fence(std::string_view reason) = 0;
};

}  // namespace tenon
