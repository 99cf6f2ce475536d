// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/listener.hpp"

#include <utility>

#include "tenon/listening.hpp"

namespace tenon::protocol_mqtt {
namespace {

using boost::asio::ip::tcp;

/// How long to wait before the next try when the system has no descriptor left.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

Listener::Listener(std::shared_ptr<Hub> hub, std::string_view address, MakeConnection make)
    : hub_(std::move(hub)),
      make_(std::move(make)),
      acceptor_(listen_on(address, hub_->executor())),
      pause_(hub_->executor()),
      address_(host_address_of(acceptor_.local_endpoint())) {}

void Listener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::accept_next() {
  acceptor_.async_accept([self = shared_from_this()](const boost::system::error_code& error, Socket socket) {
    if (!self->acceptor_.is_open()) return;
    if (error) return self->accept_later();
    self->accepted(std::move(socket));
    self->accept_next();
  });
}

// Out of descriptors: connections wait in the kernel's queue until one is free.
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
  const std::string address = host_address_of(remote).to_string();
  if (hub_->is_full()) {
    hub_->log().warn("refused ", address, ": ", hub_->settings().connections_max, " MQTT connections are open");
    return;
  }
  socket.set_option(tcp::no_delay(true), error);
  socket.non_blocking(true, error);
  make_(std::move(socket), address)->start();
}

}  // namespace tenon::protocol_mqtt
