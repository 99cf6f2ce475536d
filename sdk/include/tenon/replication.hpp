// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/capability.hpp"
#include "tenon/error.hpp"
#include "tenon/host_address.hpp"
#include "tenon/offsets.hpp"

namespace tenon {

enum class ReplicationRole { master, slave };

/// What two replicas speak with each other.
enum class ReplicationProtocol {
  classic,   ///< RocketMQ's: no identity, no checksum; an acknowledgement means "in memory".
  extended,  ///< Between two Tenons.
};

/// A slave as its master sees it.
struct ReplicaStatus {
  HostAddress address;  ///< Its end of the connection.
  ReplicationProtocol protocol = ReplicationProtocol::classic;
  std::int64_t broker_id = -1;  ///< -1: a classic slave does not say.
  PhysicalOffset sent;
  PhysicalOffset acknowledged;  ///< Everything below is written there (or flushed, if that was asked for).
  std::int64_t lag_bytes = 0;   ///< From `acknowledged` to the end of the master's log.
  std::int64_t lag_ms = 0;      ///< How long ago it last had everything; 0: it has everything now.
  bool in_sync = false;         ///< Near enough to count for `in_sync_replicas`.
};

/// The master as its slave sees it.
struct MasterStatus {
  std::string address;  ///< host:port of its HA listener; empty while no master is known.
  bool connected = false;
  bool heard = false;  ///< It has reported the length of its log, in this connection or in an earlier one.
  ReplicationProtocol protocol = ReplicationProtocol::classic;
  PhysicalOffset log_max;      ///< The end of its log by its last report, also after it is gone: at least this.
  PhysicalOffset confirmed;    ///< Likewise, what it called confirmed; 0: nothing, as a classic master does not say.
  std::int64_t lag_bytes = 0;  ///< From the end of the own log to `log_max`.
  std::int64_t lag_ms = 0;     ///< How long ago the own log was last as long as the master's.
  std::string last_error;      ///< Why the last connection ended or failed; empty if none did.
  std::string held_because;    ///< Why nothing is taken from a connected master; empty if nothing holds it back.
};

/// A tail that the own log had and the master's had not. It was saved, then cut off.
struct Divergence {
  std::int64_t timestamp_ms = 0;
  PhysicalOffset begin;     ///< Where the two logs part.
  std::int64_t length = 0;  ///< Bytes that were cut.
  std::string saved_as;     ///< File with exactly these bytes.
};

struct ReplicationStatus {
  ReplicationRole role = ReplicationRole::master;
  std::int64_t epoch = 0;  ///< Of the newest entry of the own epoch history; 0: there is none.
  PhysicalOffset log_min, log_max;
  /// "async" | "sync", and how many copies an acknowledged message has (the master's included; 1 when async).
  std::string mode;
  std::int32_t in_sync_replicas_wanted = 1;
  std::int32_t in_sync_replicas = 1;  ///< As of now, the master included.
  PhysicalOffset confirmed;           ///< Everything below is on `in_sync_replicas_wanted` replicas.
  /// Up to where consumers read (ReadableEnd); log_max where they read everything.
  PhysicalOffset readable;
  std::string readers_wait_because;           ///< Empty unless messages have been held back for some seconds.
  std::vector<ReplicaStatus> replicas;        ///< While master.
  std::optional<MasterStatus> master;         ///< While slave.
  std::optional<Divergence> last_divergence;  ///< Since the process started.
};

/// Copies the commit log between the brokers of one name. Offered by the plug-in that does so; the kernel, `tenon ha`
/// or an election tell it which role to take. It starts as a slave that follows nobody, even on a broker that is
/// configured as the master: the kernel makes it the master once no other master was found.
///
/// Threads: any but the provider's own; valid between start() and stop(). status() is cheap enough for once a second;
/// the two changes of role block until they are done: some milliseconds, plus the disk.
class TENON_EXPORT Replication : public Capability {
 public:
  static constexpr CapabilityId kId{"tenon.replication", 2};

  virtual ReplicationStatus status() const = 0;
  /// Where slaves find this broker: the haServerAddr of its registration. Valid after the provider's start().
  virtual HostAddress ha_address() const = 0;

  /// Stops following, forgets a half-received record, begins a new epoch at the end of the log and lets slaves connect.
  /// The epoch is a number above all that this broker knows, and at least `epoch_min`, the number that an election has
  /// given; with `epoch_min` 0 at least the wall clock in ms. Returns it. The caller makes sure that no other broker is
  /// the master, and lets messages be appended only after this has returned. Errors: io (the epoch could not be
  /// written: the role is as before).
  virtual Result<std::int64_t> become_master(std::int64_t epoch_min) = 0;
  /// Closes the connections of slaves and follows the master whose HA listener is at `master` ("host:port"; empty: it
  /// is not known yet, call again). Sends that wait for replicas are answered slave_not_available. The same address
  /// again changes nothing. Messages must not be appended any more before this is called.
  /// Error: invalid_parameter (no "host:port").
  virtual Status become_slave(std::string_view master) = 0;
  /// From now on follows no master of an earlier epoch than this, until it is called with another number (0: follows
  /// any). When it returns, nothing more is taken from such a master, and so nothing more is confirmed to it. For
  /// elections: after a broker has reported how long its log is, a former master must not make it longer. A classic
  /// master names no epoch, so with a number above 0 none is followed.
  virtual void require_epoch(std::int64_t epoch_min) = 0;
};

}  // namespace tenon
