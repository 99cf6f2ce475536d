// SPDX-License-Identifier: Apache-2.0
#include "ha/replica_server.hpp"

#include <algorithm>
#include <utility>

namespace tenon::ha {
namespace {

using boost::asio::ip::tcp;
using Time = std::chrono::steady_clock::time_point;

/// A flood of connections must not become a flood of log lines.
constexpr std::chrono::seconds kRefusalLogInterval{1};

/// A classic slave does not say who it is, so its address must do: two of them on one machine count once.
std::string who_is(const ReplicaConnection& connection) {
  if (connection.session().broker_id() >= 0) return text("id ", connection.session().broker_id());
  const auto bytes = connection.remote().bytes();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

ReplicaServer::ReplicaServer(boost::asio::io_context& context, const std::string& listen, LogTap& log,
                             const replication::EpochHistory& epochs, ReplicaServerSettings settings,
                             const Logger& logger, Confirm confirm)
    : context_(context),
      log_(log),
      epochs_(epochs),
      settings_(std::move(settings)),
      logger_(logger),
      confirm_(std::move(confirm)),
      accepts_(listen, context.get_executor(), *this, logger) {}

void ReplicaServer::stop() {
  accepts_.stop();
  close(Error(Errc::shutting_down, "the master is shutting down"));
}

void ReplicaServer::close(const Error& why) {
  open_ = false;
  for (const auto& connection : std::exchange(connections_, {})) connection->close(why);
  // As master another time this broker may have another log.
  claims_ahead_.clear();
  confirmed_ = {};
  recount();
}

void ReplicaServer::accepted(tcp::socket socket, const HostAddress& remote) {
  if (!open_) return log_refusal(remote, "this broker is not the master");
  if (connections_.size() >= settings_.connections_max)
    return log_refusal(remote, text(settings_.connections_max, " connections are open"));
  auto connection = std::make_shared<ReplicaConnection>(
      std::move(socket), remote,
      replication::MasterSession(log_, epochs_, settings_.session, std::chrono::steady_clock::now()), *this,
      settings_.send_when_acknowledged);
  connections_.insert(connection);
  connection->start();
}

void ReplicaServer::log_refusal(const HostAddress& remote, std::string_view why) {
  ++refusals_;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_refusal_log_) return;
  next_refusal_log_ = now + kRefusalLogInterval;
  logger_.warn("refused ", remote, ": ", why, " (", refusals_, " refused so far)");
}

void ReplicaServer::pump() {
  // A copy: who is pumped may close.
  const std::vector<std::shared_ptr<ReplicaConnection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->pump();
}

void ReplicaServer::tick(Time now) {
  const std::vector<std::shared_ptr<ReplicaConnection>> all(connections_.begin(), connections_.end());
  for (const auto& connection : all) connection->tick(now);
  recount();
}

bool ReplicaServer::admits(const ReplicaConnection& connection) {
  const auto& session = connection.session();
  return session.protocol() == ReplicationProtocol::extended || !session.transferring() ||
         claims_ahead_.admits(who_is(connection), session.began_at());
}

void ReplicaServer::progressed(ReplicaConnection& connection) {
  if (!admits(connection))
    return connection.close(Error(Errc::invalid_parameter,
                                  "the slave claimed to have this before it was written here: it has followed somebody "
                                  "else, and must be emptied"));
  had_slaves_ = had_slaves_ || connection.session().transferring();
  connection.note_progress(log_.log_max(), std::chrono::steady_clock::now());
  recount();
}

void ReplicaServer::closed(ReplicaConnection& connection, const Error& why) {
  if (const auto claimed = connection.session().claimed_ahead()) claims_ahead_.add(who_is(connection), *claimed);
  if (connection.session().transferring()) {
    logger_.warn("slave ", connection.remote(), " at ", connection.session().acknowledged(), ": ", why.message());
  } else {
    log_refusal(connection.remote(), why.message());
  }
  connections_.erase(connection.shared_from_this());
  recount();
}

/// Whether what this slave says may let a message through.
bool ReplicaServer::counts(const ReplicaConnection& connection, PhysicalOffset log_end) const {
  const auto& session = connection.session();
  if (!session.transferring() || log_end - session.acknowledged() >= settings_.gap_not_in_sync) return false;
  // A classic slave never says that something is on its disk.
  return settings_.session.acknowledge == replication::Acknowledge::written ||
         session.protocol() == ReplicationProtocol::extended;
}

std::vector<replication::ReplicaProgress> ReplicaServer::progress() const {
  const PhysicalOffset log_end = log_.log_max();
  std::vector<replication::ReplicaProgress> progress;
  for (const auto& connection : connections_) {
    if (counts(*connection, log_end)) progress.push_back({who_is(*connection), connection->session().acknowledged()});
  }
  return progress;
}

void ReplicaServer::recount() {
  const auto now = progress();
  const std::int32_t wanted = std::max(settings_.slaves_wanted, 1);
  if (const PhysicalOffset end = replication::confirmed_by(now, wanted); end > confirmed_) {
    confirmed_ = end;
    log_.set_confirm_offset(end);
  }
  confirm_(confirmed_, replication::count_replicas(now) >= wanted);
}

bool ReplicaServer::all_up_to_date() const {
  const PhysicalOffset end = log_.log_max();
  return std::ranges::all_of(connections_, [end](const auto& connection) {
    return !connection->session().transferring() || connection->session().acknowledged() >= end;
  });
}

std::vector<ReplicaStatus> ReplicaServer::replicas(Time now) const {
  const PhysicalOffset end = log_.log_max();
  std::vector<ReplicaStatus> all;
  for (const auto& connection : connections_) {
    const auto& session = connection->session();
    if (!session.transferring()) continue;
    ReplicaStatus status;
    status.address = connection->remote();
    status.protocol = session.protocol();
    status.broker_id = session.broker_id();
    status.sent = session.sent();
    status.acknowledged = session.acknowledged();
    status.lag_bytes = std::max<std::int64_t>(end - session.acknowledged(), 0);
    if (status.lag_bytes > 0)
      status.lag_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now - connection->up_to_date_at()).count();
    status.in_sync = counts(*connection, end);
    all.push_back(status);
  }
  return all;
}

}  // namespace tenon::ha
