// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "replication/master_session.hpp"
#include "tenon/host_address.hpp"

namespace tenon::ha {

/// A slave's connection at its master: carries what the session says, in both directions. Sends as much as the socket
/// takes and then waits for it, so a slow slave costs no memory. Threads: the replication thread. Ownership: pending
/// waits hold it; `Events` outlives it.
class ReplicaConnection : public std::enable_shared_from_this<ReplicaConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Time = replication::MasterSession::Time;

  class Events {
   public:
    virtual ~Events() = default;
    /// The slave has acknowledged something, or was let in.
    virtual void progressed(ReplicaConnection& connection) = 0;
    virtual void closed(ReplicaConnection& connection, const Error& why) = 0;
    virtual PhysicalOffset confirmed() const = 0;
  };

  ReplicaConnection(Socket socket, HostAddress remote, replication::MasterSession session, Events& events,
                    bool send_when_acknowledged)
      : socket_(std::move(socket)),
        remote_(remote),
        session_(std::move(session)),
        events_(events),
        send_when_acknowledged_(send_when_acknowledged) {}

  void start() { wait_for_input(); }
  /// Sends what there is. To be called when the log has grown, and now and then.
  void pump();
  /// Gives a silent slave up.
  void tick(Time now);
  /// Tells the slave why, if it can be told, and closes. Events::closed() follows.
  void close(const Error& why);

  const HostAddress& remote() const noexcept { return remote_; }
  const replication::MasterSession& session() const noexcept { return session_; }
  /// The last moment of which it is known that the slave has all that the log held then.
  Time up_to_date_at() const noexcept { return up_to_date_at_; }
  void note_progress(PhysicalOffset log_end, Time now) noexcept;

 private:
  enum class Sent { all, blocked, failed };

  void wait_for_input();
  void read_now();
  void wait_for_room();
  bool fetch();
  Sent send_pending();
  Sent send_memory(std::span<const std::byte> body);
  Sent send_file(const FileSlice& file);
  Sent count(ssize_t sent);
  bool is_closed() const noexcept { return !socket_.is_open(); }

  Socket socket_;
  const HostAddress remote_;
  replication::MasterSession session_;
  Events& events_;
  const bool send_when_acknowledged_;
  PhysicalOffset mark_;  ///< The end of the log at mark_at_.
  Time mark_at_ = std::chrono::steady_clock::now();
  Time up_to_date_at_ = mark_at_;
  std::optional<replication::Outgoing> pending_;
  std::size_t sent_ = 0;  ///< Of pending_, head and stretch together.
  bool blocked_ = false;
  bool pump_posted_ = false;  ///< It goes on when others had a turn.
};

}  // namespace tenon::ha
