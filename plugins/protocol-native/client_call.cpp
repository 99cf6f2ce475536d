// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/client_call.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "protocol-native/connection.hpp"

namespace tenon::protocol_native {
namespace {

Error foreign_client() {
  return {Errc::not_supported, "the client speaks another protocol and cannot be sent RocketMQ requests"};
}

std::shared_ptr<Connection> native(const std::shared_ptr<ClientChannel>& channel) {
  return std::dynamic_pointer_cast<Connection>(channel);
}

}  // namespace

void call_client(const std::shared_ptr<ClientChannel>& channel, ClientRequest request,
                 std::chrono::milliseconds timeout, ClientAnswered answered) {
  auto connection = native(channel);
  if (!connection) {
    boost::asio::post(channel->executor(), [answered = std::move(answered)] { answered(foreign_client()); });
    return;
  }
  const auto deadline = ClientCalls::Clock::now() + timeout;
  connection->on_own_thread(
      [to = connection.get(), request = std::move(request), deadline, answered = std::move(answered)]() mutable {
        to->write_request(request, deadline, std::move(answered));
      });
}

Status notify_client(const std::shared_ptr<ClientChannel>& channel, ClientRequest request) {
  auto connection = native(channel);
  if (!connection) return foreign_client();
  if (!connection->is_open()) return {};
  connection->on_own_thread(
      [to = connection.get(), request = std::move(request)] { to->write_request(request, {}, {}); });
  return {};
}

}  // namespace tenon::protocol_native
