// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ha/replica_connection.hpp"
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
/// of them have it. Threads: the replication thread, but for the constructor and address(). Ownership: borrows log,
/// epochs and the callback's targets.
class ReplicaServer final : public ReplicaConnection::Events, private AcceptLoop::Receiver {
 public:
  /// `confirm(end, enough)`: everything below `end` is on as many slaves as are wanted; `enough`: so many follow now.
  using Confirm = std::function<void(PhysicalOffset end, bool enough)>;

  /// Binds `listen`. Throws Failure. Connections wait in the kernel's queue until start().
  ReplicaServer(boost::asio::io_context& context, const std::string& listen, LogTap& log,
                const replication::EpochHistory& epochs, ReplicaServerSettings settings, const Logger& logger,
                Confirm confirm);

  const HostAddress& address() const noexcept { return accepts_.address(); }
  /// Accepts for ever; who comes while this broker is not the master is closed at once.
  void start() { accepts_.start(); }
  void stop();
  void open() { open_ = true; }
  /// Closes all connections and lets nobody in.
  void close(const Error& why);

  /// The log has grown.
  void pump();
  void tick(std::chrono::steady_clock::time_point now);
  /// Whether a slave was ever let in.
  bool had_slaves() const noexcept { return had_slaves_; }
  /// True when every slave has acknowledged the whole log.
  bool all_up_to_date() const;
  std::vector<ReplicaStatus> replicas(std::chrono::steady_clock::time_point now) const;
  /// The master included.
  std::int32_t in_sync() const { return 1 + replication::count_replicas(progress()); }

 private:
  void progressed(ReplicaConnection& connection) override;
  void closed(ReplicaConnection& connection, const Error& why) override;
  PhysicalOffset confirmed() const override { return confirmed_; }

  boost::asio::any_io_executor next_executor() override { return context_.get_executor(); }
  void accepted(boost::asio::ip::tcp::socket socket, const HostAddress& remote) override;
  void log_refusal(const HostAddress& remote, std::string_view why);
  bool admits(const ReplicaConnection& connection);
  bool counts(const ReplicaConnection& connection, PhysicalOffset log_end) const;
  std::vector<replication::ReplicaProgress> progress() const;
  void recount();

  boost::asio::io_context& context_;
  LogTap& log_;
  const replication::EpochHistory& epochs_;
  const ReplicaServerSettings settings_;
  const Logger logger_;
  const Confirm confirm_;
  AcceptLoop accepts_;
  bool open_ = false, had_slaves_ = false;
  PhysicalOffset confirmed_;
  std::set<std::shared_ptr<ReplicaConnection>> connections_;
  replication::ClaimsAhead claims_ahead_;
  std::chrono::steady_clock::time_point next_refusal_log_{};
  std::int64_t refusals_ = 0;
};

}  // namespace tenon::ha
