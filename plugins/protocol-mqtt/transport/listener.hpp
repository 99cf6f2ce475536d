// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "protocol-mqtt/transport/connection.hpp"
#include "tenon/host_address.hpp"

namespace tenon::protocol_mqtt {

/// One listening socket. Beyond the limit of connections a new one is closed at once. Ownership: pending accepts hold
/// it. Threads: the hub's, but the constructor and address().
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  /// Makes the connection of an accepted socket: what kind of stream it is.
  using MakeConnection = std::function<std::shared_ptr<Connection>(Socket socket, std::string remote_address)>;

  /// Opens the socket. `address` is "host:port"; a name is resolved here. Throws Failure(io).
  Listener(std::shared_ptr<Hub> hub, std::string_view address, MakeConnection make);

  void start() { accept_next(); }
  void stop();
  /// The actual port if 0 was asked for.
  const HostAddress& address() const noexcept { return address_; }

 private:
  void accept_next();
  void accept_later();
  void accepted(Socket socket);

  const std::shared_ptr<Hub> hub_;
  const MakeConnection make_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  HostAddress address_;
};

}  // namespace tenon::protocol_mqtt
