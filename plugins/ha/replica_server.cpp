// SPDX-License-Identifier: Apache-2.0
#include "ha/replica_server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <map>
#include <utility>
#include <vector>

namespace tenon::ha {
namespace {

using boost::asio::ip::tcp;
using Time = std::chrono::steady_clock::time_point;

/// A flood of connections must not become a flood of log lines.
constexpr std::chrono::seconds kRefusalLogInterval{1};
/// In the same time, of slaves that come and go.
constexpr int kSlaveLogsMax = 20;

/// As operators know it. Classic slaves do not say who they are.
std::string name_of(const ReplicaConnection& connection) {
  const std::int64_t id = connection.session().broker_id();
  return id < 0 ? text("classic slave ", connection.remote()) : text("slave ", id, " at ", connection.remote());
}

}  // namespace

/// mutex_ for a while. Looks afterwards whether the log grew meanwhile: whoever saw that could not send.
class ReplicaServer::Hold {
 public:
  explicit Hold(ReplicaServer& server) : server_(server), lock_(server.mutex_) {}
  ~Hold() {
    lock_.unlock();
    if (server_.grew_.load()) server_.log_grew();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  ReplicaServer& server_;
  std::unique_lock<std::mutex> lock_;
};

ReplicaServer::ReplicaServer(boost::asio::io_context& context, boost::asio::any_io_executor followers,
                             const std::string& listen, LogTap& log, ReplicaServerSettings settings,
                             const Logger& logger, Confirm confirm)
    : context_(context),
      followers_(std::move(followers)),
      log_(log),
      settings_(std::move(settings)),
      logger_(logger),
      confirm_(std::move(confirm)),
      accepts_(listen, context.get_executor(), *this, logger),
      counts_classic_(settings_.session.acknowledge == replication::Acknowledge::written) {}

/// One that closes meanwhile is gone then, and no other.
template <class Work>
void ReplicaServer::each(Work work) {
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto connection = *next++;
    work(*connection);
  }
}

void ReplicaServer::stop() {
  accepts_.stop();
  close(Error(Errc::shutting_down, "the master is shutting down"));
}

void ReplicaServer::open(replication::EpochHistory epochs) {
  const Hold hold(*this);
  epochs_ = std::move(epochs);
  open_ = true;
}

void ReplicaServer::close(const Error& why) {
  const std::scoped_lock announcing(announcing_);
  {
    const Hold hold(*this);
    open_ = false;
    each([&](ReplicaConnection& connection) { connection.close(why); });
    // As master another time this broker may have another log.
    claims_ahead_.clear();
    confirmed_ = {};
    recount();
  }
  for (const auto& handshake : std::exchange(handshakes_, {})) handshake->close(why);
  announce();
}

void ReplicaServer::accepted(tcp::socket socket, const HostAddress& remote) {
  bool full = false;
  {
    const Hold hold(*this);
    if (!open_) return log_refusal(remote, "this broker is not the master");
    full = connections_.size() + handshakes_.size() >= settings_.connections_max;
  }
  if (full && !make_room()) return log_refusal(remote, text(settings_.connections_max, " connections are open"));
  replication::MasterSession session(log_, epochs_, settings_.session, std::chrono::steady_clock::now());
  auto handshake = std::make_shared<ReplicaHandshake>(std::move(socket), remote, std::move(session), *this);
  handshakes_.push_back(handshake);
  handshake->start();
}

/// Those who say nothing must not keep the slaves out, and a classic slave says nothing for some seconds: so the oldest
/// goes of those from the IP address that has most of them. False: all that are open have said something.
bool ReplicaServer::make_room() {
  std::map<std::vector<std::uint8_t>, std::size_t> silent_from;
  const auto from = [](const ReplicaHandshake& one) {
    return std::vector<std::uint8_t>(one.remote().bytes().begin(), one.remote().bytes().end());
  };
  std::size_t most = 0;
  for (const auto& one : handshakes_)
    if (one->is_silent()) most = std::max(most, ++silent_from[from(*one)]);
  if (most == 0) return false;
  const auto given_up = *std::ranges::find_if(handshakes_, [&](const auto& one) {  // a copy: closing takes it out
    return one->is_silent() && silent_from[from(*one)] == most;
  });
  given_up->close(Error(Errc::disconnected, "it said nothing, and others came"));
  return true;
}

void ReplicaServer::let_in(ReplicaHandshake& handshake) {
  const auto done = handshake.shared_from_this();
  handshakes_.remove(done);
  {
    const Hold hold(*this);
    ReplicaConnection::Parts parts{log_, context_.get_executor(), settings_.send_when_acknowledged};
    auto connection = std::make_shared<ReplicaConnection>(handshake.take_socket(followers_), handshake.remote(),
                                                          handshake.take_session(), *this, std::move(parts));
    log_slave(*connection);
    connections_.push_back(connection);
    progressed(*connection);
    connection->start();
    connection->pump();
  }
  settle();
}

void ReplicaServer::refused(ReplicaHandshake& handshake, const Error& why) {
  {
    const Hold hold(*this);
    if (const auto claimed = handshake.session().claimed_ahead())
      claims_ahead_.add(who_is(handshake.session(), handshake.remote()), *claimed);
  }
  log_refusal(handshake.remote(), why.message());
  handshakes_.remove(handshake.shared_from_this());
}

void ReplicaServer::log_refusal(const HostAddress& remote, std::string_view why) {
  ++refusals_;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_refusal_log_) return;
  next_refusal_log_ = now + kRefusalLogInterval;
  logger_.warn("refused ", remote, ": ", why, " (", refusals_, " refused so far)");
}

/// One that is about to be connected.
void ReplicaServer::log_slave(const ReplicaConnection& connection) {
  if (!may_log_slave()) return;
  logger_.info(name_of(connection), " follows, from physical offset ", connection.session().acknowledged(), " on");
  if (connection.session().broker_id() < 0) return;
  const auto twin = std::ranges::find(connections_, connection.who(), [](const auto& one) { return one->who(); });
  if (twin != connections_.end())
    logger_.warn("another slave with broker id ", connection.session().broker_id(), " is connected from ",
                 (*twin)->remote(), ": if it has not come back just now, give each slave a broker.id of its own; ",
                 "together they count as one copy");
}

bool ReplicaServer::may_log_slave() {
  const auto now = std::chrono::steady_clock::now();
  if (now - slave_logs_since_ >= kRefusalLogInterval) {
    slave_logs_since_ = now;
    slave_logs_ = 0;
  }
  return ++slave_logs_ <= kSlaveLogsMax;
}

void ReplicaServer::pump_all() {
  each([](ReplicaConnection& connection) { connection.pump(); });
}

void ReplicaServer::pump() {
  {
    const Hold hold(*this);
    pump_all();
  }
  settle();
}

void ReplicaServer::log_grew() noexcept {
  grew_.store(true);
  try {
    send_what_grew();
  } catch (...) {
    grew_.store(true);  // no memory: whoever has the mutex next tries again, at the latest the next tick
  }
}

/// Sequentially consistent: either this gets the mutex, or whoever has it sees that the log grew when it has let it go.
void ReplicaServer::send_what_grew() {
  while (grew_.load()) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return;
    grew_.exchange(false);  // before the log is read
    pump_all();
  }
}

/// As send_what_grew(): who has announcing_ looks again when it has let it go.
void ReplicaServer::settle() {
  send_what_grew();
  while (unannounced_.load()) {
    const std::unique_lock announcing(announcing_, std::try_to_lock);
    if (!announcing) return;
    announce();
  }
}

/// announcing_ held.
void ReplicaServer::announce() {
  if (!unannounced_.exchange(false)) return;  // before it is looked what there is
  PhysicalOffset end;
  bool enough = false;
  {
    const Hold hold(*this);
    end = confirmed_;
    enough = enough_;
  }
  confirm_(end, enough);
}

void ReplicaServer::tick(Time now) {
  const auto handshakes = std::vector(handshakes_.begin(), handshakes_.end());  // a copy: one may be refused
  for (const auto& handshake : handshakes) handshake->tick(now);
  {
    const Hold hold(*this);
    each([now](ReplicaConnection& connection) { connection.tick(now); });
    recount();
  }
  settle();
}

bool ReplicaServer::admits(const ReplicaConnection& connection) {
  const auto& session = connection.session();
  return session.protocol() == ReplicationProtocol::extended ||
         claims_ahead_.admits(connection.who(), session.began_at());
}

void ReplicaServer::progressed(ReplicaConnection& connection) {
  if (!admits(connection))
    return connection.close(Error(Errc::invalid_parameter,
                                  "the slave claimed to have this before it was written here: it has followed somebody "
                                  "else, and must be emptied"));
  had_slaves_ = true;
  connection.note_progress(log_.log_max(), std::chrono::steady_clock::now());
  recount();
}

/// Whoever closes it may be in the middle of an append: what it means is told later.
void ReplicaServer::closed(ReplicaConnection& connection, const Error& why) {
  if (may_log_slave())
    logger_.warn(name_of(connection), " has gone, it had the log up to ", connection.session().acknowledged(), ": ",
                 why.message());
  connections_.remove(connection.shared_from_this());
  recount();
  boost::asio::post(followers_, [this, alive = connection.shared_from_this()] { settle(); });
}

bool ReplicaServer::had_slaves() {
  const Hold hold(*this);
  return had_slaves_;
}

ReplicaServer::InSync ReplicaServer::in_sync() {
  const Hold hold(*this);
  const PhysicalOffset log_end = log_.log_max();
  InSync now{1 + replication::count_replicas(progress()), {}, ++looks_};
  for (const auto& connection : connections_) {
    const std::int64_t id = connection->session().broker_id();
    if (id >= 0 && counts(*connection, log_end)) now.broker_ids.push_back(id);
  }
  return now;
}

/// Whether what this slave says may let a message through.
bool ReplicaServer::counts(const ReplicaConnection& connection, PhysicalOffset log_end) const {
  const auto& session = connection.session();
  if (log_end - session.acknowledged() >= settings_.gap_not_in_sync) return false;
  return counts_classic_ || session.protocol() == ReplicationProtocol::extended;
}

void ReplicaServer::leave_classic_out() {
  {
    const Hold hold(*this);
    counts_classic_ = false;
    recount();
  }
  settle();
}

std::vector<replication::ReplicaProgress> ReplicaServer::progress() const {
  const PhysicalOffset log_end = log_.log_max();
  std::vector<replication::ReplicaProgress> progress;
  for (const auto& connection : connections_)
    progress.push_back({connection->who(), connection->session().acknowledged(), counts(*connection, log_end)});
  return progress;
}

void ReplicaServer::recount() {
  const auto now = progress();
  const std::int32_t wanted = std::max(settings_.slaves_wanted, 1);
  if (const PhysicalOffset end = replication::confirmed_by(now, wanted); end > confirmed_) {
    confirmed_ = end;
    log_.set_confirm_offset(end);
  }
  enough_ = replication::count_replicas(now) >= wanted;
  unannounced_.store(true);
}

bool ReplicaServer::all_up_to_date() {
  const Hold hold(*this);
  const PhysicalOffset end = log_.log_max();
  return std::ranges::all_of(connections_,
                             [end](const auto& connection) { return connection->session().acknowledged() >= end; });
}

std::vector<ReplicaStatus> ReplicaServer::replicas(Time now) {
  const Hold hold(*this);
  const PhysicalOffset end = log_.log_max();
  std::vector<ReplicaStatus> all;
  for (const auto& connection : connections_) {
    const auto& session = connection->session();
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
