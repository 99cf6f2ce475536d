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
  bool heard = false;       ///< A name server answered when they were asked last; else nobody knows of a master.

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
  /// Runs `begin` as soon as this broker is the master: before returning if it is; at a start once nobody else was
  /// found to be, after all plug-ins have started and before any serves; else once in promote(), on its thread, which
  /// may block. Call it in start(); what `begin` throws fails the start, or the promotion.
  virtual void when_master(std::function<void()> begin) = 0;

  /// What the name servers said last, some seconds ago; always empty on a master.
  virtual MasterAddresses master() const = 0;

  /// Makes this slave the master: replication stops following and begins an epoch (at least `epoch_min`, see
  /// Replication), whoever rests begins, messages are taken, name servers are told. Returns the epoch; 0 without
  /// replication, and if it is the master already. Blocks. Errors: those of Replication, then it goes on as a slave;
  /// what a `begin` threw, then nothing is taken any more and it must be restarted.
  virtual Result<std::int64_t> promote(std::int64_t epoch_min) = 0;
  /// The same by an operator's word, and for good: from the next start on it is a master from the beginning, until its
  /// configuration gives it another id. Errors: those of promote(); illegal_operation where the right to be the master
  /// expires (hold_until() was called): an election decides there; io.
  virtual Result<std::int64_t> promote_for_good() = 0;
  /// Ends being the master at `end` by itself, as fence() does, unless this is called again before: nothing is
  /// acknowledged from that moment on, also when no thread of this process ran in between. For a right that expires:
  /// who decides on it calls this in start() with a moment that has passed, so that nobody is the master without it.
  virtual void hold_until(LeaseClock::time_point end) = 0;
  /// Ends being the master: from now on nothing is taken, and what is under way is not acknowledged any more. `reason`
  /// is what producers are told. For who has lost the right to be the master; only a restart ends it.
  virtual void fence(std::string_view reason) = 0;
};

}  // namespace tenon
