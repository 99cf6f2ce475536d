// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/listener.hpp"

#include <boost/asio/dispatch.hpp>
#include <utility>

#include "protocol-native/connection.hpp"

namespace tenon::protocol_native {

using boost::asio::ip::tcp;

Listener::Listener(std::string_view address, std::vector<std::unique_ptr<NetLoop>>& loops)
    : loops_(loops), accepts_(address, loops.front()->executor(), *this, loops.front()->server().log) {}

boost::asio::any_io_executor Listener::next_executor() {
  next_loop_ = loops_[dealt_++ % loops_.size()].get();
  return next_loop_->executor();
}

void Listener::accepted(tcp::socket socket, const HostAddress& remote) {
  NetLoop& loop = *next_loop_;
  ServerState& server = loop.server();
  if (server.connections.load(std::memory_order_relaxed) >= server.settings.connections_max) {
    server.count_refusal("refused.connection");
    server.log.warn("refused ", remote, ": ", server.settings.connections_max, " connections are open");
    return;
  }
  auto connection = std::make_shared<Connection>(std::move(socket), remote, loop);
  server.connections.fetch_add(1, std::memory_order_relaxed);  // only here, so on one thread
  boost::asio::dispatch(loop.executor(), [connection = std::move(connection)] { connection->start(); });
}

}  // namespace tenon::protocol_native
