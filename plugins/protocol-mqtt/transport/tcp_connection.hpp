// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "protocol-mqtt/transport/connection.hpp"
#include "protocol-mqtt/transport/socket_poll.hpp"

namespace tenon::protocol_mqtt {

/// MQTT over plain TCP. Waits without a buffer and without an operation of its own: an idle connection costs no memory
/// for input, all share one buffer and one poll per thread.
class TcpConnection : public Connection, public SocketPoll::Watched {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  /// Takes the socket out of the reactor it was accepted with. Throws boost::system::system_error.
  TcpConnection(Hub& hub, Socket socket, const HostAddress& remote_address, bool anonymous_allowed);
  ~TcpConnection() override;

 protected:
  Sent send_some(std::string& output) override { return transmit(output); }
  std::size_t unsent() const noexcept override { return 0; }
  void end_output() noexcept override;
  void close_stream() noexcept override;

  /// What the socket had to give; also nothing, when it was woken for no reason. Must end in received() or broken().
  virtual void arrived(std::string_view bytes) { received(bytes); }
  /// There is room for more after a transmit() that said later.
  virtual void room() { writable(); }
  /// Sends the front of `bytes` and takes it off. later: room() is called.
  Sent transmit(std::string& bytes);
  /// The same without waiting for room.
  Sent transmit_what_fits(std::string& bytes) noexcept;

 private:
  void start_receive() override;
  void readable() override;
  void receive();
  void writable_now() override;
  void close_descriptor() noexcept;

  int descriptor_ = -1;
};

}  // namespace tenon::protocol_mqtt
