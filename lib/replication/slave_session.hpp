// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "replication/epoch_history.hpp"
#include "replication/extended_frames.hpp"
#include "tenon/log_tap.hpp"
#include "tenon/replication.hpp"

namespace tenon::replication {

struct SlaveSettings {
  Identity identity;
  bool speaks_extended = true;
  /// The own store tells when bytes are on the disk, so that flushed acknowledgements can be given.
  bool knows_flushed = false;
  /// A master that speaks the classic protocol is not told where the log ends before go_on(), so it sends nothing.
  bool holds_classic = false;
  /// A master of an older epoch is not followed, nor one that names none; may change while a session runs. 0: any is,
  /// INT64_MAX: none is yet.
  std::int64_t epoch_min = 0;
  std::chrono::milliseconds probe_timeout{1'000};  ///< A master that is silent for so long speaks the classic protocol.
  std::chrono::milliseconds report_interval{5'000};  ///< The longest time between two reports.
  std::chrono::milliseconds silence_max{20'000};     ///< haHousekeepingInterval
};

/// The slave's end of one connection, without the connection: bytes and time in, bytes out, and the log grows. Any
/// error means that the connection must be closed (after what take_output() still has); a later one may succeed.
///
/// Whatever is written to the log was checked before: that it goes on exactly where the log ends, and with the extended
/// protocol identity, epoch and checksum too. Bounds: one receive buffer of fixed size. Ownership: borrows log, epochs
/// and settings. Threads: one at a time; received() and tick() write to the log, and a cut waits for the disk.
class SlaveSession {
 public:
  using Time = std::chrono::steady_clock::time_point;

  SlaveSession(LogTap& log, EpochKeeper& epochs, const SlaveSettings& settings, Time now);

  /// Where to receive the next bytes; never empty.
  std::span<std::byte> room() noexcept { return std::span(buffer_).subspan(filled_); }
  /// So many bytes were received into room().
  Status received(std::size_t count, Time now);
  /// To be called now and then. Error: timed_out.
  Status tick(Time now);
  /// What to send now.
  std::string take_output() { return std::exchange(output_, {}); }

  /// The master wants to be told what is flushed: whoever runs the session calls flushed() when it is.
  bool acknowledges_flushed() const noexcept { return acknowledge_ == Acknowledge::flushed; }
  void flushed(PhysicalOffset end);

  ReplicationProtocol protocol() const noexcept { return protocol_; }
  bool transferring() const noexcept { return stage_ == Stage::transfer; }
  /// It waits for go_on(): what lets a slave in whatever its log is has not been asked for its own. tick() gives it up
  /// after silence_max all the same.
  bool is_held() const noexcept { return held_; }
  void go_on(Time now);
  /// The master sends: it found that the two logs agree (a classic one does not look).
  bool let_in() const noexcept { return let_in_; }
  /// The log has everything that the master's epoch was begun on. Not said by a classic master.
  bool has_reached_epoch() const;
  PhysicalOffset master_epoch_start() const noexcept { return theirs_.last().start; }
  PhysicalOffset master_log_max() const noexcept { return master_log_max_; }
  /// A master that this session may follow has said its epoch, and it is not below epoch_min.
  bool follows_required_epoch() const noexcept { return transferring() && check_epoch().has_value(); }
  /// What the master called confirmed; 0 with a classic one.
  PhysicalOffset master_confirmed() const noexcept { return master_confirmed_; }
  /// A tail of the log that was cut off in this session; once.
  std::optional<Divergence> take_divergence() { return std::exchange(divergence_, std::nullopt); }

 private:
  enum class Stage { probing, transfer };

  Result<std::size_t> take(std::span<const std::byte> input);
  Result<std::size_t> take_classic(std::span<const std::byte> input);
  Result<std::size_t> take_extended(std::span<const std::byte> input);
  Result<std::size_t> take_chunk(const Chunk& chunk, std::size_t frame_bytes, std::span<const std::byte> input);
  bool has_nothing() const;
  Status check_place(PhysicalOffset begin) const;
  Status on_classic_header(std::span<const std::byte> input);
  Status on_welcome(const Welcome& welcome);
  Status check_master(const Welcome& welcome) const;
  Status check_epoch() const;
  Result<PhysicalOffset> find_begin(const Welcome& welcome);
  Status cut_back(PhysicalOffset end);
  Status follow_epoch(const Chunk& chunk);
  void add_reached_epochs(EpochHistory& history) const;
  Status keep_reached_epochs();
  Status refuse(const Error& error);
  void go_classic();
  void report(Time now);

  LogTap& log_;
  EpochKeeper& epochs_;
  const SlaveSettings& settings_;
  Stage stage_ = Stage::probing;
  ReplicationProtocol protocol_ = ReplicationProtocol::classic;
  Acknowledge acknowledge_ = Acknowledge::written;
  PhysicalOffset flushed_;  ///< Last told to a master that wants to know.
  PhysicalOffset master_log_max_, master_confirmed_;
  std::int64_t master_epoch_ = 0;  ///< Its newest; 0: a classic one does not say.
  EpochHistory theirs_;            ///< What the master said of its own; empty with a classic one.
  std::optional<Divergence> divergence_;
  Time began_, last_heard_, last_report_;
  bool held_ = false, owes_report_ = false, let_in_ = false;

  PhysicalOffset body_at_;      ///< Classic: where the next byte of the chunk belongs.
  std::int64_t body_left_ = 0;  ///< Classic: what has not come yet of the chunk.
  std::vector<std::byte> buffer_;
  std::size_t filled_ = 0;
  std::string output_;
};

}  // namespace tenon::replication
