// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "replication/epoch_history.hpp"
#include "replication/extended_frames.hpp"
#include "tenon/log_tap.hpp"
#include "tenon/replication.hpp"

namespace tenon::replication {

struct MasterSettings {
  Identity identity;
  std::int64_t batch_bytes = 256 * 1024;                ///< haTransferBatchSize; at most kChunkBytesMax.
  std::chrono::milliseconds heartbeat_interval{5'000};  ///< haSendHeartbeatInterval
  std::chrono::milliseconds silence_max{20'000};        ///< haHousekeepingInterval
  Acknowledge acknowledge = Acknowledge::written;       ///< Asked of slaves that speak the extended protocol.
};

/// What goes out next: the head, then the stretch of the log if there is one.
struct Outgoing {
  std::string head;
  std::optional<LogStretch> stretch;
};

/// The master's end of one connection, without the connection: bytes and time in, bytes out. The slave chooses the
/// protocol by its first 8 bytes. Any error means that the connection must be closed (after farewell()).
///
/// Bounds: keeps less than one frame of what was received, and nothing of what is sent. Ownership: borrows log, history
/// and settings. Threads: one at a time.
class MasterSession {
 public:
  using Time = std::chrono::steady_clock::time_point;

  MasterSession(const LogTap& log, const EpochHistory& epochs, const MasterSettings& settings, Time now)
      : log_(log), epochs_(epochs), settings_(settings), last_heard_(now), last_sent_(now) {}

  /// Errors: corrupt or invalid_parameter (is no slave of ours, wants what is not there, claims to be ahead).
  Status receive(std::span<const std::byte> bytes, Time now);
  /// Nothing: ask again when there is more log, something was received, or heartbeat_interval is over. Error:
  /// query_not_found when the log does not reach back to where the slave is.
  Result<std::optional<Outgoing>> next(PhysicalOffset confirmed, Time now);
  /// Error: timed_out when nothing was heard of the slave for too long, or it was not let in after as long.
  Status check_silence(Time now) const;
  /// What to send before closing because of `error`.
  std::string farewell(const Error& error) const;

  ReplicationProtocol protocol() const noexcept { return protocol_; }
  /// The slave has said where it wants to begin, and was let in.
  bool transferring() const noexcept { return stage_ == Stage::transfer; }
  std::int64_t broker_id() const noexcept { return broker_id_; }
  PhysicalOffset sent() const noexcept { return sent_; }
  /// The most of the log that next() takes at once.
  std::int64_t batch_bytes() const noexcept { return settings_.batch_bytes; }
  PhysicalOffset acknowledged() const noexcept { return acknowledged_; }
  /// Where the log of a slave that was let in ended when it came.
  PhysicalOffset began_at() const noexcept { return began_at_; }
  /// Where a classic slave that was refused said its log ends, because that was beyond the master's.
  std::optional<PhysicalOffset> claimed_ahead() const noexcept { return claimed_ahead_; }

 private:
  enum class Stage { opening, welcome, hello, transfer };

  Result<std::size_t> take(std::span<const std::byte> input);
  Status on_first_report(PhysicalOffset report);
  Status on_frame(const Frame& frame);
  Status on_hello(const Hello& hello);
  Status check_sample(const Hello& hello) const;
  Status on_acknowledgement(PhysicalOffset end);
  Status check_reach(PhysicalOffset begin) const;
  std::string welcome() const;
  std::string head_of(const LogStretch& stretch, PhysicalOffset confirmed) const;
  std::int64_t bytes_wanted() const;

  const LogTap& log_;
  const EpochHistory& epochs_;
  const MasterSettings& settings_;
  Stage stage_ = Stage::opening;
  ReplicationProtocol protocol_ = ReplicationProtocol::classic;
  std::int64_t broker_id_ = -1;
  PhysicalOffset sent_;
  PhysicalOffset acknowledged_;
  PhysicalOffset began_at_;
  std::optional<PhysicalOffset> claimed_ahead_;
  Time last_heard_, last_sent_;
  bool owes_answer_ = false;  ///< To a hello: a slave that was let in hears so at once.
  std::vector<std::byte> inbox_;
};

}  // namespace tenon::replication
