// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "protocol-mqtt/transport/layer.hpp"
#include "protocol-mqtt/transport/tcp_connection.hpp"

namespace tenon::protocol_mqtt {

/// MQTT over TLS or WebSocket: a TCP connection with a layer on it. While the layer shakes hands, which takes long, its
/// work is done on another thread, and nothing is read meanwhile.
class LayeredConnection final : public TcpConnection {
 public:
  LayeredConnection(Hub& hub, Socket socket, const HostAddress& remote_address, bool anonymous_allowed,
                    std::unique_ptr<Layer> layer);

  std::string_view proven_name() const noexcept override { return layer_->proven_name(); }
  bool shaking_hands() const noexcept override { return shaking_; }

 private:
  void arrived(std::string_view bytes) override;
  Sent send_some(std::string& output) override;
  void room() override;
  std::size_t unsent() const noexcept override { return wire_.size(); }
  void end_output() noexcept override;
  void close_stream() noexcept override;
  void say_goodbye() noexcept;
  Sent push();
  void unwrapped(const Status& status, std::string_view inner);
  struct Handshake;
  void shake_hands(std::string_view bytes);
  void shaken(Handshake& handshake);

  const std::unique_ptr<Layer> layer_;
  std::string wire_;  ///< Wrapped, not sent yet.
  bool waiting_ = false;
  bool shaking_ = false;               ///< Another thread has the layer.
  std::atomic<bool> given_up_{false};  ///< No step of the handshake is wanted any more. Read by any thread.
};

}  // namespace tenon::protocol_mqtt
