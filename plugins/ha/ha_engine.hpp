// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>

#include "ha/epoch_file.hpp"
#include "ha/ha_settings.hpp"
#include "ha/ha_thread.hpp"
#include "ha/master_link.hpp"
#include "ha/reader_bound.hpp"
#include "ha/replica_gate.hpp"
#include "ha/replica_server.hpp"
#include "ha/table_gate.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/replication.hpp"

namespace tenon::ha {

/// What replication needs of the process around it. Borrowed.
struct HaParts {
  LogTap* log = nullptr;
  ReadableEnd* readable_end = nullptr;  ///< Of the store, if it has one.
  CommitGate* flush_gate = nullptr;     ///< Of the store; nothing if it flushes asynchronously.
  const Logger* logger = nullptr;
  /// Where the connections of slaves are served whose confirmation sends wait for; run by one thread, which need not be
  /// `ha`: that of the senders, best. Empty: `ha`.
  boost::asio::any_io_executor senders;
  /// Of the thread `ha`; empty: that of the context.
  HaThread::Loop loop = {};
  /// Somebody asks masters that speak the classic protocol whether their log is the same, and says go_on().
  bool asks_classic_masters = false;
  std::filesystem::path epoch_file, divergence_file;
  std::function<std::int64_t()> now_ms;
  /// Why the master is not followed; empty: it is. Who is told logs the first reason (Host::report_degraded).
  std::function<void(std::string_view reason)> report_lagging;
  /// Why consumers do not get what is stored; empty: they do.
  std::function<void(std::string_view reason)> report_held_back;
  /// Something that ought not to happen, on the thread `ha`.
  std::function<void(std::string_view reason)> report_fault;
};

/// Replication as a whole: one role at a time, changed on request. Threads: status(), the changes of role and
/// log_grew() from any but `ha`, also before open() and after stop(); the rest, marked, on the thread
/// that starts and stops it.
class HaEngine final : public Replication, private LogWatcher {
 public:
  explicit HaEngine(HaSettings settings);
  ~HaEngine() override;

  CommitGate& gate() noexcept { return gate_; }
  /// Between open() and stop() somebody may pass it.
  TableGate& table_gate() noexcept { return table_gate_; }

  /// Binds the listener and reads the epochs; until a role is said, who connects waits. Throws Failure. (Starting
  /// thread.)
  void open(HaParts parts, replication::Identity identity, const std::string& listen);
  /// Gives connected slaves a moment to get the rest, then closes everything. (Starting thread.)
  void stop() noexcept;

  ReplicationStatus status() const override;
  HostAddress ha_address() const override;
  void set_ha_address(const HostAddress& address) { advertised_ = address; }
  Result<std::int64_t> become_master(std::int64_t epoch_min) override;
  Status become_slave(std::string_view master) override;
  void require_epoch(std::int64_t epoch_min) override;
  /// The master that is followed by the classic protocol has another log, and why: it is not dialled until that is over
  /// (empty), or another one is to be followed. From any thread but `ha`.
  void doubt_master(std::string_view why);
  /// The connection to a master that speaks the classic protocol, of which nothing is taken until go_on(): it lets a
  /// slave in whatever its log is. 0: none. As of some 100 ms ago, but not before a follows() that was asked first.
  /// From any thread.
  std::uint64_t held_connection() const noexcept { return held_connection_.load(std::memory_order_relaxed); }
  /// The master's log is the same. An older connection's number changes nothing. From any thread but `ha`.
  void go_on(std::uint64_t connection);
  /// Whether a master sends to this broker, or would on go_on(), as of some 100 ms ago. For who asks often: it waits
  /// for nothing.
  bool follows() const noexcept { return follows_.load(std::memory_order_acquire); }
  /// Whether that is the one that the name servers say, as this broker follows it some time after it was said.
  bool follows(const MasterAddresses& said) const;
  /// The epochs of the own log, after open(); from any thread, and waits for nothing.
  replication::EpochHistory epochs() const { return epochs_->snapshot(); }

 private:
  void forget_unused_epoch() noexcept;
  void follow(std::string master);
  void accept();
  ReplicationStatus status_now() const;
  PhysicalOffset confirmed_now() const;
  void log_grew() noexcept override;
  void confirmed(PhysicalOffset end, bool enough);
  ReplicaTableGate::Followers followers() const;
  ReplicaTableGate::Followers followers_now() const;
  void pump();
  void pump_soon();
  void tick();
  void look_after_link(std::chrono::steady_clock::time_point now);
  std::uint64_t held_now() const;
  void load_divergence();
  void note_divergence(const Divergence& divergence);
  void note_link(std::string_view why_not);
  std::string why_held_back() const;

  const HaSettings settings_;
  HaParts parts_;
  replication::SlaveSettings slave_session_;
  MasterLinkSettings link_settings_;
  std::optional<EpochFile> epochs_;
  ReplicaGate gate_;
  ReplicaTableGate table_gate_;
  HostAddress advertised_;

  mutable std::shared_mutex life_;  ///< Shared by whoever calls in from outside, while running_.
  bool running_ = false;            ///< Under life_; changed by the thread that starts and stops it only.
  mutable std::optional<HaThread> thread_;
  /// Where the epoch of this broker as master begins; readers see what is confirmed from there on.
  std::atomic<std::int64_t> epoch_start_{0};
  mutable std::optional<ReplicaServer> server_;
  // On the replication thread.
  std::shared_ptr<MasterLink> link_;
  std::uint64_t links_ = 0;  ///< That there were.
  ReplicationRole role_ = ReplicationRole::slave;
  replication::EpochHistory epochs_before_;  ///< Before that of this broker as master.
  std::string master_;
  std::string not_following_because_;
  std::string doubt_;  ///< Of master_; empty: none.
  ReaderBound readers_;
  std::optional<Divergence> divergence_;
  std::optional<boost::asio::steady_timer> ticker_;
  std::optional<boost::asio::steady_timer> gathering_;
  bool gathers_ = false;    ///< gathering_ runs.
  bool accepting_ = false;  ///< Somebody has said what this broker is to be.
  /// Nobody waits for slaves, and the log was sent as far as it goes: when it grows, the replication thread shall be
  /// woken. One wake is under way at a time.
  std::atomic<bool> wants_wake_{false};
  std::atomic<bool> follows_{false};
  mutable std::mutex followed_mutex_;
  std::string followed_;  ///< Under its mutex: master_.
  std::atomic<std::uint64_t> held_connection_{0};
};

}  // namespace tenon::ha
