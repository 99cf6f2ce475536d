// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/listener.hpp"

#include <boost/asio/dispatch.hpp>
#include <utility>

#include "protocol-native/connection.hpp"
#include "tenon/listening.hpp"

namespace tenon::protocol_native {
namespace {

using boost::asio::ip::tcp;

/// How long to wait before the next try when the system has no descriptor left.
constexpr std::chrono::milliseconds kAcceptPause{100};

}  // namespace

Listener::Listener(std::string_view address, std::vector<std::unique_ptr<NetLoop>>& loops)
    : loops_(loops),
      acceptor_(listen_on(address, loops.front()->executor())),
      pause_(loops.front()->executor()),
      address_(host_address_of(acceptor_.local_endpoint())) {}

void Listener::stop() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void Listener::accept_next() {
  NetLoop& loop = *loops_[next_loop_++ % loops_.size()];
  acceptor_.async_accept(
      loop.executor(), [self = shared_from_this(), &loop](const boost::system::error_code& error, tcp::socket socket) {
        if (!self->acceptor_.is_open()) return;
        if (error) return self->accept_later();
        self->accepted(std::move(socket), loop);
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

void Listener::accepted(tcp::socket socket, NetLoop& loop) {
  ServerState& server = loop.server();
  boost::system::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (error) return;  // gone already
  if (server.connections.fetch_add(1, std::memory_order_relaxed) >= server.settings.connections_max) {
    server.connections.fetch_sub(1, std::memory_order_relaxed);
    server.count_refusal("refused.connection");
    server.log.warn("refused ", host_address_of(remote), ": ", server.settings.connections_max,
                    " connections are open");
    return;
  }
  socket.set_option(tcp::no_delay(true), error);
  socket.non_blocking(true, error);
  auto connection = std::make_shared<Connection>(std::move(socket), host_address_of(remote), loop);
  boost::asio::dispatch(loop.executor(), [connection = std::move(connection)] { connection->start(); });
}

}  // namespace tenon::protocol_native
