// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace tenon::protocol_native {

class Connection;
class NetLoop;

/// Knows which of one loop's connections can be read or written.
///
/// A wait of Asio's on a socket costs a system call and the way through its queues, for each socket each time it is
/// ready. Here the sockets are in an epoll set of our own and Asio waits for that set: the cost is paid once, however
/// many sockets are ready, and what they cause is one turn. Level-triggered: what was left is told again.
///
/// Threads: the loop's own. Ownership: borrows the connections until forget() or release().
class Readiness {
 public:
  /// Throws std::system_error when the system has no descriptor left.
  Readiness(const boost::asio::any_io_executor& executor, NetLoop& loop);

  void start() { arm(); }
  void stop() noexcept;
  /// False: the system refuses.
  bool watch(Connection& connection) noexcept;
  void change(Connection& connection, bool read, bool write) noexcept;
  /// Before the connection closes its socket.
  void forget(const Connection& connection) noexcept;
  /// Before another thread watches the connection.
  void release(const Connection& connection) noexcept;

 private:
  void arm();
  void serve();

  boost::asio::posix::stream_descriptor set_;
  NetLoop& loop_;
  /// Was alone ready the last two times, so most likely is so now: tried before the set is asked, though not for ever,
  /// as others wait meanwhile.
  Connection* favourite_ = nullptr;
  Connection* last_alone_ = nullptr;
  int favours_ = 0;  ///< Since the set was asked.
};

}  // namespace tenon::protocol_native
