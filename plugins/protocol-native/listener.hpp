// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "protocol-native/net_loop.hpp"
#include "tenon/host_address.hpp"

namespace tenon::protocol_native {

/// One listening socket. Deals its connections out to the loops in turn. Beyond the limit of connections a new one is
/// closed at once.
/// Ownership: pending accepts hold it; borrows the loops. Threads: all members on the first loop's thread, but the
/// constructor and address().
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// Opens the socket. `address` is "host:port"; a name is resolved here. Throws Failure(io) with the address and
  /// reason.
  Listener(std::string_view address, std::vector<std::unique_ptr<NetLoop>>& loops);

  void start() { accept_next(); }
  void stop();
  /// Where it listens; the actual port if 0 was asked for.
  const HostAddress& address() const noexcept { return address_; }

 private:
  void accept_next();
  void accepted(boost::asio::ip::tcp::socket socket, NetLoop& loop);
  void accept_later();

  std::vector<std::unique_ptr<NetLoop>>& loops_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  HostAddress address_;
  std::size_t next_loop_ = 0;
};

}  // namespace tenon::protocol_native
