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

/// One listening socket, whose connections are taken in one after the other until stop(). While the system has no
/// descriptor left, or the receiver no room, they wait in the kernel's queue, and the next try comes after 100 ms.
/// Ownership: owns the socket, borrows the receiver. Threads: start() and stop() on that of the executor, the rest on
/// any; stop() comes first when it is destroyed elsewhere.
class TENON_EXPORT AcceptLoop {
 public:
  /// Who serves the connections. Threads: that of the loop's executor. Nothing is called after stop().
  class TENON_EXPORT Receiver {
   public:
    virtual ~Receiver();
    /// Asked before each connection; false: not now.
    virtual bool has_room() { return true; }
    /// Where the next connection is to live.
    virtual boost::asio::any_io_executor next_executor() = 0;
    /// The socket is non-blocking and sends without delay; destroying it refuses the connection. What is thrown is
    /// logged and costs this connection only.
    virtual void accepted(boost::asio::ip::tcp::socket socket, const HostAddress& remote) = 0;
  };

  /// Opens, binds and listens as listen_on() does, with its failures; nothing is taken in before start().
  AcceptLoop(std::string_view address, const boost::asio::any_io_executor& executor, Receiver& receiver,
             const Logger& log);
  AcceptLoop(const AcceptLoop&) = delete;
  AcceptLoop& operator=(const AcceptLoop&) = delete;
  ~AcceptLoop();

  /// Where it listens; the actual port if 0 was asked for.
  const HostAddress& address() const noexcept;
  void start();
  /// Closes the socket; connections that still wait in the kernel's queue are refused. Again: does nothing.
  void stop() noexcept;

 private:
  class Loop;
  std::shared_ptr<Loop> loop_;
};

}  // namespace tenon
