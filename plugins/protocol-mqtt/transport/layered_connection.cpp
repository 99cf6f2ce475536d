// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/layered_connection.hpp"

#include <exception>
#include <utility>

namespace tenon::protocol_mqtt {

LayeredConnection::LayeredConnection(Hub& hub, Socket socket, std::string remote_address, bool anonymous_allowed,
                                     std::unique_ptr<Layer> layer)
    : TcpConnection(hub, std::move(socket), std::move(remote_address), anonymous_allowed), layer_(std::move(layer)) {}

void LayeredConnection::arrived(std::string_view bytes) {
  if (lingering()) return received({});
  const Hub::Turn turn(hub());
  std::string inner;
  const Status status = layer_->receive(bytes, inner, wire_);
  if (push() == Sent::failed) return broken("the client is gone");
  note_unsent();
  received(inner);
  if (!status && !closed()) broken(status.error().message());
}

Connection::Sent LayeredConnection::send_some(std::string& output) {
  const Status wrapped = layer_->send(output, wire_);
  output.clear();
  return wrapped ? push() : Sent::failed;
}

/// Sends what is wrapped, unless that waits for room already.
Connection::Sent LayeredConnection::push() {
  if (waiting_) return Sent::later;
  if (wire_.empty()) return Sent::all;
  const Sent sent = transmit(wire_);
  waiting_ = sent == Sent::later;
  if (sent == Sent::all) wire_ = std::string();
  return sent;
}

void LayeredConnection::room() {
  waiting_ = false;
  const Sent sent = push();
  if (sent == Sent::all) return writable();
  if (sent == Sent::failed) broken("the client is gone");
}

// The last words are sent if there is room for them, and not waited for.
void LayeredConnection::say_goodbye() noexcept {
  try {
    layer_->end(wire_);
    if (!waiting_) transmit_what_fits(wire_);
  } catch (const std::exception&) {  // no memory for them
  }
}

void LayeredConnection::end_output() noexcept {
  say_goodbye();
  TcpConnection::end_output();
}

void LayeredConnection::close_stream() noexcept {
  if (!lingering()) say_goodbye();
  TcpConnection::close_stream();
}

}  // namespace tenon::protocol_mqtt
