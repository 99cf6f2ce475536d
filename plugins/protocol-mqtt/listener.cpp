// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/listener.hpp"

#include <boost/asio/socket_base.hpp>
#include <utility>

namespace tenon::protocol_mqtt {
namespace {

using boost::asio::ip::tcp;

/// How long to wait before the next try when the system has no descriptor left.
constexpr std::chrono::milliseconds kAcceptPause{100};

tcp::endpoint resolve(std::string_view address, const boost::asio::any_io_executor& executor) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) {
    throw Failure(Error(Errc::invalid_parameter, text("listen address '", address, "' is not host:port")));
  }
  auto host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  tcp::resolver resolver(executor);
  const auto found = resolver.resolve(host, address.substr(colon + 1), tcp::resolver::passive, error);
  if (error || found.empty()) {
    throw Failure(Error(Errc::io, text("listen address '", address, "' cannot be resolved: ", error.message())));
  }
  return found.begin()->endpoint();
}

}  // namespace

HostAddress host_address_of(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  return address.is_v4() ? HostAddress::v4(address.to_v4().to_bytes(), endpoint.port())
                         : HostAddress::v6(address.to_v6().to_bytes(), endpoint.port());
}

Listener::Listener(std::shared_ptr<Hub> hub, std::string_view address, MakeConnection make)
    : hub_(std::move(hub)), make_(std::move(make)), acceptor_(hub_->executor()), pause_(hub_->executor()) {
  const auto endpoint = resolve(address, hub_->executor());
  boost::system::error_code error;
  const auto check = [&](const char* call) {
    if (error) throw Failure(Error(Errc::io, text("cannot listen on ", address, ": ", call, ": ", error.message())));
  };
  acceptor_.open(endpoint.protocol(), error);
  check("socket");
  acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  check("SO_REUSEADDR");
  acceptor_.bind(endpoint, error);
  check("bind");
  acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
  check("listen");
  address_ = host_address_of(acceptor_.local_endpoint(error));
  check("getsockname");
}

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
