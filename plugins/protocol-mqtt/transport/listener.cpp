// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/listener.hpp"

#include <exception>
#include <utility>

#include "protocol-mqtt/transport/layered_connection.hpp"
#include "protocol-mqtt/transport/tls_layer.hpp"
#include "protocol-mqtt/transport/websocket_layer.hpp"
#include "tenon/listening.hpp"

namespace tenon::protocol_mqtt {
namespace {

using boost::asio::ip::tcp;

/// How long to wait before the next try when there is no descriptor left, or too many have not said CONNECT.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

Listener::Listener(std::shared_ptr<Hub> hub, ListenerSettings settings)
    : hub_(std::move(hub)),
      settings_(std::move(settings)),
      path_(std::make_shared<const std::string>(settings_.path)),
      tls_(read_certificates().value()),
      acceptor_(listen_on(settings_.address, hub_->executor())),
      pause_(hub_->executor()),
      address_(host_address_of(acceptor_.local_endpoint())),
      anonymous_allowed_(settings_.anonymous_allowed_at(address_)) {}

Result<std::shared_ptr<const TlsContext>> Listener::read_certificates() const {
  if (!settings_.uses_tls()) return std::shared_ptr<const TlsContext>();
  return TlsContext::make(settings_.tls);
}

void Listener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::accept_next() {
  if (!hub_->make_room_for_opening()) return accept_later();
  acceptor_.async_accept([self = shared_from_this()](const boost::system::error_code& error, Socket socket) {
    if (!self->acceptor_.is_open()) return;
    if (error) return self->accept_later();
    try {
      self->accepted(std::move(socket));
    } catch (const std::exception& problem) {
      self->hub_->log().warn("a connection was not taken: ", problem.what());
    }
    self->accept_next();
  });
}

// Connections wait in the kernel's queue meanwhile.
void Listener::accept_later() {
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error && self->acceptor_.is_open()) self->accept_next();
  });
}

void Listener::accepted(Socket socket) {
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;  // gone already
  if (hub_->is_full()) return hub_->count_refused();
  socket.set_option(tcp::no_delay(true), error);
  socket.non_blocking(true, error);
  std::string from = host_address_of(remote).to_string();
  std::shared_ptr<Connection> connection;
  if (auto layer = make_layer()) {
    connection = std::make_shared<LayeredConnection>(*hub_, std::move(socket), std::move(from), anonymous_allowed_,
                                                     std::move(layer));
  } else {
    connection = std::make_shared<TcpConnection>(*hub_, std::move(socket), std::move(from), anonymous_allowed_);
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
