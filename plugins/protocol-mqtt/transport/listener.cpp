// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/listener.hpp"

#include <utility>

#include "protocol-mqtt/transport/layered_connection.hpp"
#include "protocol-mqtt/transport/tls_layer.hpp"
#include "protocol-mqtt/transport/websocket_layer.hpp"

namespace tenon::protocol_mqtt {

Listener::Listener(std::shared_ptr<Hub> hub, ListenerSettings settings)
    : hub_(std::move(hub)),
      settings_(std::move(settings)),
      path_(std::make_shared<const std::string>(settings_.path)),
      tls_(read_certificates().value()),
      accepts_(settings_.address, hub_->executor(), *this, hub_->log()),
      anonymous_allowed_(settings_.anonymous_allowed_at(accepts_.address())) {}

Result<std::shared_ptr<const TlsContext>> Listener::read_certificates() const {
  if (!settings_.uses_tls()) return std::shared_ptr<const TlsContext>();
  return TlsContext::make(settings_.tls);
}

bool Listener::has_room() { return hub_->make_room_for_opening(); }

boost::asio::any_io_executor Listener::next_executor() { return hub_->executor(); }

void Listener::accepted(Socket socket, const HostAddress& remote) {
  if (hub_->is_full()) return hub_->count_refused();
  std::shared_ptr<Connection> connection;
  if (auto layer = make_layer()) {
    connection =
        std::make_shared<LayeredConnection>(*hub_, std::move(socket), remote, anonymous_allowed_, std::move(layer));
  } else {
    connection = std::make_shared<TcpConnection>(*hub_, std::move(socket), remote, anonymous_allowed_);
  }
  connection->start();
}

/// nullptr: plain TCP.
std::unique_ptr<Layer> Listener::make_layer() const {
  std::unique_ptr<Layer> tls = tls_ ? std::make_unique<TlsLayer>(tls_) : nullptr;
  std::unique_ptr<Layer> websocket = settings_.uses_websocket() ? std::make_unique<WebSocketLayer>(path_) : nullptr;
  if (tls && websocket) return std::make_unique<StackedLayers>(std::move(tls), std::move(websocket));
  return tls ? std::move(tls) : std::move(websocket);
}

}  // namespace tenon::protocol_mqtt
