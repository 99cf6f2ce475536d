// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "ha/replica_connection.hpp"
#include "ha/replica_handshake.hpp"
#include "replication/claims_ahead.hpp"
#include "replication/confirmation.hpp"
#include "tenon/accept_loop.hpp"
#include "tenon/log.hpp"

namespace tenon::ha {

struct ReplicaServerSettings {
  replication::MasterSettings session;
  std::size_t connections_max = 64;
  std::int32_t slaves_wanted = 0;              ///< in_sync_replicas without the master; 0: nobody is waited for.
  std::int64_t gap_not_in_sync = 256LL << 20;  ///< haMaxGapNotInSync
  /// A slave that has acknowledged gets at once what there is by then; else with the next pump().
  bool send_when_acknowledged = true;
};

/// The master's side of replication: lets slaves in while it is open, sends them the log, and says up to where enough
/// of them have it.
///
/// Slaves are let in on the replication thread; the connections of those that follow are read on an executor of their
/// own, and written by whoever knows first that the log has grown. So a send that waits for a slave needs no other
/// thread than that of its sender, where that is the one that reads.
/// Threads: start(), open(), close(), leave_classic_out(), pump(), tick() and stop() on the replication thread;
/// address() and log_grew() on any; the rest on any while it is open. Locks: announcing_, then mutex_; confirm is
/// called under the former, and may lead to log_grew(). No append waits for either, and nobody but close() for
/// announcing_: who finds it taken leaves the work to whoever has it. Ownership: borrows the log and the callback's
/// targets.
class ReplicaServer final : public ReplicaConnection::Owner,
                            public ReplicaHandshake::Events,
                            private AcceptLoop::Receiver {
 public:
  /// `confirm(end, enough)`: everything below `end` is on as many slaves as are wanted; `enough`: so many follow now.
  using Confirm = std::function<void(PhysicalOffset end, bool enough)>;

  /// Binds `listen`. Throws Failure. Connections wait in the kernel's queue until start(). `followers`: where those of
  /// slaves that follow are read, by one thread.
  ReplicaServer(boost::asio::io_context& context, boost::asio::any_io_executor followers, const std::string& listen,
                LogTap& log, ReplicaServerSettings settings, const Logger& logger, Confirm confirm);

  const HostAddress& address() const noexcept { return accepts_.address(); }
  /// Accepts for ever; who comes while this broker is not the master is closed at once.
  void start() { accepts_.start(); }
  void stop();
  /// `epochs`: the master's own, which do not change while it is one.
  void open(replication::EpochHistory epochs);
  /// Closes all connections and lets nobody in. Nothing is confirmed any more when it returns.
  void close(const Error& why);
  /// Somebody elects the master, of those who say how long their logs are: a classic slave says it to nobody, so what
  /// it has lets no message through any more.
  void leave_classic_out();

  /// Sends what has been appended, on this thread, unless another one is at it: that looks again then.
  void log_grew() noexcept;
  void pump();
  void tick(std::chrono::steady_clock::time_point now);
  /// Whether a slave was ever let in.
  bool had_slaves();
  /// True when every slave has acknowledged the whole log.
  bool all_up_to_date();
  std::vector<ReplicaStatus> replicas(std::chrono::steady_clock::time_point now);
  struct InSync {
    std::int32_t count = 1;                ///< The master included.
    std::vector<std::int64_t> broker_ids;  ///< Without this broker and classic slaves, which do not say who they are.
    std::uint64_t look = 0;                ///< Grows from one moment to the next.
  };
  /// At one moment.
  InSync in_sync();

 private:
  class Hold;

  std::mutex& mutex() noexcept override { return mutex_; }
  void settle() override;
  void progressed(ReplicaConnection& connection) override;
  void closed(ReplicaConnection& connection, const Error& why) override;
  PhysicalOffset confirmed() const override { return confirmed_; }

  void let_in(ReplicaHandshake& handshake) override;
  void refused(ReplicaHandshake& handshake, const Error& why) override;

  boost::asio::any_io_executor next_executor() override { return context_.get_executor(); }
  void accepted(boost::asio::ip::tcp::socket socket, const HostAddress& remote) override;
  bool make_room();
  void log_refusal(const HostAddress& remote, std::string_view why);
  void log_slave(const ReplicaConnection& connection);
  bool may_log_slave();
  template <class Work>
  void each(Work work);
  bool admits(const ReplicaConnection& connection);
  bool counts(const ReplicaConnection& connection, PhysicalOffset log_end) const;
  std::vector<replication::ReplicaProgress> progress() const;
  void recount();
  void pump_all();
  void send_what_grew();
  void announce();

  boost::asio::io_context& context_;
  const boost::asio::any_io_executor followers_;
  LogTap& log_;
  const ReplicaServerSettings settings_;
  const Logger logger_;
  const Confirm confirm_;
  AcceptLoop accepts_;
  // On the replication thread.
  std::list<std::shared_ptr<ReplicaHandshake>> handshakes_;  ///< The oldest first.
  std::chrono::steady_clock::time_point next_refusal_log_{};
  std::int64_t refusals_ = 0;

  /// The log may have more than was sent, and whoever saw that could not take mutex_.
  std::atomic<bool> grew_{false};
  /// What confirm_ was told last may be old.
  std::atomic<bool> unannounced_{false};
  std::mutex announcing_;
  mutable std::mutex mutex_;
  // What follows, and all of the connections, under mutex_.
  replication::EpochHistory epochs_;
  bool open_ = false, had_slaves_ = false, enough_ = false;
  PhysicalOffset confirmed_;
  std::list<std::shared_ptr<ReplicaConnection>> connections_;  ///< The oldest first.
  bool counts_classic_;  ///< Not where the disk is waited for, either: they never say what is on theirs.
  replication::ClaimsAhead claims_ahead_;
  std::uint64_t looks_ = 0;
  std::chrono::steady_clock::time_point slave_logs_since_{};
  int slave_logs_ = 0;  ///< Since then.
};

}  // namespace tenon::ha
