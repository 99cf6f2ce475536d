// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "protocol-mqtt/transport/connection.hpp"
#include "protocol-mqtt/transport/layer.hpp"
#include "protocol-mqtt/transport/listener_settings.hpp"
#include "tenon/accept_loop.hpp"

namespace tenon::protocol_mqtt {

/// One listening socket. Beyond the limit of connections a new one is closed at once; while too many have not said
/// CONNECT, new ones wait in the kernel's queue. Threads: the hub's, but the constructor, address() and
/// read_certificates().
class Listener final : public AcceptLoop::Receiver {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  /// Reads the certificates and opens the socket; a name is resolved here. Throws Failure(io, invalid_parameter).
  Listener(std::shared_ptr<Hub> hub, ListenerSettings settings);

  void start() { accepts_.start(); }
  void stop() noexcept { accepts_.stop(); }
  /// The actual port if 0 was asked for.
  const HostAddress& address() const noexcept { return accepts_.address(); }
  const ListenerSettings& settings() const noexcept { return settings_; }

  /// Reads the files again, for use_certificates(). nullptr where there is no TLS. May block on the disk.
  Result<std::shared_ptr<const TlsContext>> read_certificates() const;
  /// For connections from now on.
  void use_certificates(std::shared_ptr<const TlsContext> tls) { tls_ = std::move(tls); }

 private:
  bool has_room() override;
  boost::asio::any_io_executor next_executor() override;
  void accepted(Socket socket, const HostAddress& remote) override;
  std::unique_ptr<Layer> make_layer() const;

  const std::shared_ptr<Hub> hub_;
  const ListenerSettings settings_;
  const std::shared_ptr<const std::string> path_;
  std::shared_ptr<const TlsContext> tls_;
  AcceptLoop accepts_;
  const bool anonymous_allowed_;
};

}  // namespace tenon::protocol_mqtt
