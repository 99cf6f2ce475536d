// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "replication/master_session.hpp"
#include "tenon/host_address.hpp"

namespace tenon::ha {

/// Tells slaves apart: by the broker id. A classic slave does not say who it is, so its address must do: two of those
/// on one machine count once.
std::string who_is(const replication::MasterSession& session, const HostAddress& remote);

/// The connection of a slave that was let in, at its master: carries what the session says, in both directions. Sends
/// as much as the socket takes and then waits for it, so a slow slave costs no memory.
///
/// What the log holds at its end is sent by whoever calls pump(), which may be the thread that has appended it: it lies
/// in memory. What lies further back is brought there on the executor for cold reads first.
/// Threads: any, one at a time: everything under the owner's mutex, which its own handlers take. Ownership: pending
/// operations hold it; the owner outlives it.
class ReplicaConnection : public std::enable_shared_from_this<ReplicaConnection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Time = replication::MasterSession::Time;

  class Owner {
   public:
    virtual ~Owner() = default;
    /// Held while anything of a connection runs, and never for the disk.
    virtual std::mutex& mutex() noexcept = 0;
    /// After the mutex was held, without it: what has come of it is told to whoever waits for that.
    virtual void settle() = 0;
    // With the mutex held.
    /// The slave has acknowledged something.
    virtual void progressed(ReplicaConnection& connection) = 0;
    virtual void closed(ReplicaConnection& connection, const Error& why) = 0;
    virtual PhysicalOffset confirmed() const = 0;
  };

  struct Parts {
    const LogTap& log;
    boost::asio::any_io_executor cold_reads;  ///< Where the disk may be waited for.
    bool send_when_acknowledged = true;
  };

  ReplicaConnection(Socket socket, HostAddress remote, replication::MasterSession session, Owner& owner, Parts parts);

  void start() { read(); }
  /// Sends what there is. To be called when the log has grown, and now and then.
  void pump();
  /// Gives a silent slave up.
  void tick(Time now);
  /// Tells the slave why, if it can be told, and closes. Owner::closed() follows.
  void close(const Error& why);

  const HostAddress& remote() const noexcept { return remote_; }
  const replication::MasterSession& session() const noexcept { return session_; }
  /// As who_is().
  const std::string& who() const noexcept { return who_; }
  /// The last moment of which it is known that the slave has all that the log held then.
  Time up_to_date_at() const noexcept { return up_to_date_at_; }
  void note_progress(PhysicalOffset log_end, Time now) noexcept;

 private:
  enum class Sent { all, blocked, failed };

  /// Every handler's: `work` with the owner's mutex, and then what has come of it without.
  template <class Work>
  void in_turn(Work work);
  void read();
  void take(const boost::system::error_code& error, std::size_t count);
  void wait_for_room();
  bool fetch();
  bool lies_in_memory();
  void warm(PhysicalOffset begin);
  Sent send_pending();
  Sent send_memory(std::span<const std::byte> body);
  Sent send_file(const FileSlice& file);
  Sent count(ssize_t sent);
  bool is_closed() const noexcept { return !socket_.is_open(); }
  void pump_later();

  Socket socket_;
  const HostAddress remote_;
  replication::MasterSession session_;
  const std::string who_;
  Owner& owner_;
  const Parts parts_;
  std::array<std::byte, 4096> input_;
  PhysicalOffset mark_;  ///< The end of the log at mark_at_.
  Time mark_at_ = std::chrono::steady_clock::now();
  Time up_to_date_at_ = mark_at_;
  std::optional<replication::Outgoing> pending_;
  std::size_t sent_ = 0;     ///< Of pending_, head and stretch together.
  PhysicalOffset warm_end_;  ///< Below, everything that is still to be sent was brought into memory.
  bool warming_ = false;
  bool blocked_ = false;
  bool pump_posted_ = false;  ///< It goes on when others had a turn.
};

}  // namespace tenon::ha
