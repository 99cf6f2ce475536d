// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/host_address.hpp"

namespace tenon {

/// The master of a broker name, as name servers tell it to its slaves. Empty: none is registered.
struct MasterAddresses {
  std::string broker;       ///< "host:port" of the protocol that clients speak.
  std::string replication;  ///< "host:port" of its HA service.

  friend bool operator==(const MasterAddresses&, const MasterAddresses&) = default;
};

/// Whether this broker is the master of its broker name, or a slave that keeps a copy of it. Offered by the kernel.
///
/// A slave takes no messages, makes no topics and groups of its own, and serves reads; what only a master does
/// (deliver delayed messages, ask about transactions) rests. A slave can become the master while it runs, once and for
/// good; the way back is a restart with another configuration.
/// Threads: any, but for the callbacks, see there.
class TENON_EXPORT BrokerRole : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.broker-role", 1};

  virtual bool is_master() const noexcept = 0;
  /// Runs `begin` as soon as this broker is the master: before returning if it is, else once in promote(), on its
  /// thread, which may block. Call it in start(); what `begin` throws fails the start, or the promotion.
  virtual void when_master(std::function<void()> begin) = 0;

  /// What the name servers said last; always empty on a master.
  virtual MasterAddresses master() const = 0;
  /// Called after each change of master(), on a thread of the name-server link; must not block.
  virtual void on_master_changed(std::function<void(const MasterAddresses&)> changed) = 0;
  /// What name servers are told as this broker's HA service instead of RocketMQ's rule (port + 1).
  virtual void set_replication_address(const HostAddress& address) = 0;

  /// Makes this slave the master: whoever rests begins, messages are taken, name servers are told. For who replicates:
  /// nothing may be received into the log any more, and no part of a record may be left at its end. Blocks; success if
  /// it is the master already. Error: what a `begin` threw; the broker stays a slave then and must be restarted.
  virtual Status promote() = 0;
  /// Ends being the master: from now on nothing is taken, and what is under way is not acknowledged any more. `reason`
  /// is what producers are told. For who has lost the right to be the master; only a restart ends it.
  virtual void fence(std::string_view reason) = 0;
};

}  // namespace tenon
