// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "protocol-mqtt/transport/connection.hpp"

namespace tenon::protocol_mqtt {

/// MQTT over plain TCP. Waits without a buffer of its own: an idle connection costs no memory for input, all share one
/// per thread.
class TcpConnection final : public Connection {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  TcpConnection(Hub& hub, Socket socket, std::string remote_address, bool anonymous_allowed);

 private:
  void start_receive() override;
  Sent send_some(std::string& output) override;
  std::size_t unsent() const noexcept override { return 0; }
  void close_stream() noexcept override;
  void read_now();

  Socket socket_;
};

}  // namespace tenon::protocol_mqtt
