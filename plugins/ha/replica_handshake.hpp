// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "replication/master_session.hpp"
#include "tenon/host_address.hpp"

namespace tenon::ha {

/// Who has come to the HA port and was not let in yet. Apart from the connections of slaves that follow, because the
/// log is compared with theirs here, and where it is compared may have to come from the disk.
/// Threads: the replication thread. Ownership: pending operations hold it; `Events` outlives it.
class ReplicaHandshake : public std::enable_shared_from_this<ReplicaHandshake> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Time = replication::MasterSession::Time;

  class Events {
   public:
    virtual ~Events() = default;
    /// The log may be sent: socket and session are to be taken over.
    virtual void let_in(ReplicaHandshake& handshake) = 0;
    virtual void refused(ReplicaHandshake& handshake, const Error& why) = 0;
  };

  ReplicaHandshake(Socket socket, HostAddress remote, replication::MasterSession session, Events& events)
      : socket_(std::move(socket)), remote_(remote), session_(std::move(session)), events_(events) {}

  void start() { read(); }
  /// Gives up who is silent.
  void tick(Time now);
  /// Says why, if it can be said, and closes. Events::refused() follows.
  void close(const Error& why);

  const HostAddress& remote() const noexcept { return remote_; }
  /// A slave of Tenon speaks first, at once; a classic one after its first heartbeat interval (5 s).
  bool is_silent() const noexcept { return silent_; }
  const replication::MasterSession& session() const noexcept { return session_; }
  /// Only in let_in(). The socket of the same connection, on another executor.
  Socket take_socket(const boost::asio::any_io_executor& executor);
  replication::MasterSession take_session() { return std::move(session_); }

 private:
  void read();
  void take(std::size_t count);
  void answer(std::string bytes);

  Socket socket_;
  const HostAddress remote_;
  replication::MasterSession session_;
  Events& events_;
  bool silent_ = true;  ///< Until something was received.
  std::array<std::byte, 4096> input_;
  std::string output_;  ///< Until it is sent as a whole; nothing is read meanwhile.
};

}  // namespace tenon::ha
