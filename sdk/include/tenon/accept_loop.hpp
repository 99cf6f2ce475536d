// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string_view>

#include "tenon/export.hpp"
#include "tenon/host_address.hpp"
#include "tenon/log.hpp"

namespace tenon {

/// One listening socket. Accepts its connections one after the other until stop(). While the process has no descriptor
/// left, or the receiver no room, they wait in the operating system's queue, and it tries again after 100 ms.
/// Ownership: owns the socket, borrows the receiver. Threads: start() and stop() on the executor's, the rest on any;
/// call stop() before destroying it on another thread.
class TENON_EXPORT AcceptLoop {
 public:
  /// Serves the connections. Threads: the executor's. Nothing is called after stop().
  class TENON_EXPORT Receiver {
   public:
    virtual ~Receiver();
    /// Asked before each connection. False: not now, ask again after 100 ms.
    virtual bool has_room() { return true; }
    /// The executor that the next connection will use.
    virtual boost::asio::any_io_executor next_executor() = 0;
    /// The socket is non-blocking and sends without delay; destroying it refuses the connection. What is thrown is
    /// logged and costs this connection only.
    virtual void accepted(boost::asio::ip::tcp::socket socket, const HostAddress& remote) = 0;
  };

  /// Opens, binds and listens as listen_on() does, and throws as it does; accepts nothing before start().
  AcceptLoop(std::string_view address, const boost::asio::any_io_executor& executor, Receiver& receiver,
             const Logger& log);
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;
  ~AcceptLoop();

  /// Where it listens; the actual port if 0 was asked for.
  const HostAddress& address() const noexcept;
  void start();
  /// Closes the socket; connections that still wait in the queue are refused. A second call does nothing.
  void stop() noexcept;

 private:
  class Loop;
  std::shared_ptr<Loop> loop_;
};

}  // namespace tenon
