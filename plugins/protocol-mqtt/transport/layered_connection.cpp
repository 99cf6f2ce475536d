// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/layered_connection.hpp"

#include <exception>
#include <utility>

namespace tenon::protocol_mqtt {

LayeredConnection::LayeredConnection(Hub& hub, Socket socket, const HostAddress& remote_address, bool anonymous_allowed,
                                     std::unique_ptr<Layer> layer)
    : TcpConnection(hub, std::move(socket), remote_address, anonymous_allowed), layer_(std::move(layer)) {}

void LayeredConnection::arrived(std::string_view bytes) {
  if (lingering()) return received({});
  if (layer_->handshaking()) return shake_hands(bytes);
  const Hub::Turn turn(hub());
  std::string inner;
  const Status status = layer_->receive(bytes, inner, wire_);
  unwrapped(status, inner);
}

/// A step of the handshake: what goes to the other thread and comes back.
struct LayeredConnection::Handshake {
  Handshake(Hub& of, std::shared_ptr<Connection> whose, std::string_view input)
      : hub(of), connection(std::move(whose)), bytes(input) {}
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
  ~Handshake() { hub.account_partial(-static_cast<std::int64_t>(bytes.size())); }

  Hub& hub;
  const std::shared_ptr<Connection> connection;  ///< Lives until the step is over.
  const std::string bytes;
  const std::int64_t given_at_ms = hub.steady_ms();
  std::string inner, outer;
  Status status = Error(Errc::io, "the handshake was not gone on with");
};

void LayeredConnection::shake_hands(std::string_view bytes) {
  const auto step = std::make_shared<Handshake>(hub(), shared_from_this(), bytes);
  if (!hub().account_partial(static_cast<std::int64_t>(bytes.size()))) return broken("too many half-done handshakes");
  const auto work = [this, step] {
    if (!given_up_) step->status = layer_->receive(step->bytes, step->inner, step->outer);
  };
  const auto done = [this, step] { guarded([&] { shaken(*step); }); };
  shaking_ = true;
  if (hub().slow_work().give(SlowWork::Kind::handshake, work, done)) return;
  shaking_ = false;
  broken("too many are shaking hands");
}

void LayeredConnection::shaken(Handshake& handshake) {
  shaking_ = false;
  if (closed()) return;
  if (lingering()) return received({});
  excuse(hub().steady_ms() - handshake.given_at_ms);
  const Hub::Turn turn(hub());
  wire_ += handshake.outer;
  unwrapped(handshake.status, handshake.inner);
}

void LayeredConnection::unwrapped(const Status& status, std::string_view inner) {
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
  if (shaking_) return;
  try {
    layer_->end(wire_);
    if (!waiting_) transmit_what_fits(wire_);
  } catch (const std::exception&) {  // no memory for them
  }
}

void LayeredConnection::end_output() noexcept {
  given_up_ = true;
  say_goodbye();
  TcpConnection::end_output();
}

void LayeredConnection::close_stream() noexcept {
  given_up_ = true;
  if (!lingering()) say_goodbye();
  TcpConnection::close_stream();
}

}  // namespace tenon::protocol_mqtt
