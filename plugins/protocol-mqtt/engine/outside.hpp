// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "mqtt/packet.hpp"
#include "protocol-mqtt/engine/authentication.hpp"
#include "protocol-mqtt/engine/message.hpp"
#include "tenon/host_address.hpp"

namespace tenon::protocol_mqtt {

/// A message of a client, to be stored.
struct IncomingMessage {
  Message message;
  std::string_view user_name;
  HostAddress remote_address;        ///< Unspecified for a will of a client that is gone.
  std::uint16_t qos2_packet_id = 0;  ///< 0 unless the client may send the same again under this id.
};

enum class Access { read, write };

/// Who a client says it is.
struct Credentials {
  std::string_view client_id;
  std::optional<std::string_view> user_name, password;
  std::string_view proven_name = {};  ///< See Transport::proven_name().
  std::weak_ptr<const void> asker =
      {};  ///< Expires when nobody wants the verdict any more. May be asked on any thread.
};

/// What the engine needs of the world: a log, a clock, a doorkeeper. Implemented by the plug-in, and by tests.
/// Threads: called on the engine's thread only, also before the engine has returned from the call that led here.
class Outside {
 public:
  virtual ~Outside() = default;

  /// Stores a message; Engine::stored(token, ...) tells the outcome, inside this call or later. Views borrow until
  /// this returns. What was stored comes back through Engine::dispatch(), in the order of the log.
  virtual void store(const IncomingMessage& incoming, std::uint64_t token) = 0;
  /// Reads a stored message again. False when it is no longer there.
  virtual bool load(PhysicalOffset place, const std::function<void(const Message&)>& use) = 0;
  /// Dispatches what is stored already, so that a new subscription begins after it.
  virtual void catch_up() = 0;
  /// Wall clock.
  virtual std::int64_t now_ms() const = 0;
  /// A clock that nobody sets: for how long a client has been silent.
  virtual std::int64_t steady_ms() const { return now_ms(); }

  /// Success, bad_user_name_or_password, not_authorized, banned, server_unavailable or server_busy. Nothing when it
  /// takes long, as a password does that is hashed many times: then Engine::judged(token, ...) tells, after this call.
  virtual std::optional<mqtt::ReasonCode> authenticate(const Credentials& credentials, std::uint64_t token) = 0;
  /// A conversation of enhanced authentication; nullptr: the method is not known.
  virtual std::unique_ptr<Authentication> begin_authentication(std::string_view method) = 0;
  virtual bool may(Access access, std::string_view client_id, std::string_view user_name, std::string_view topic) = 0;
};

/// The connection that carries a link. Implemented by the plug-in, and by tests.
class Transport {
 public:
  virtual ~Transport() = default;
  /// The link has output. Called for every packet; must be cheap and must not send inside the call.
  virtual void output_ready() noexcept = 0;
  /// Who the client is by what the connection has proved, such as its certificate. Not empty: this is its user name,
  /// whatever CONNECT says. Owned by the transport.
  virtual std::string_view proven_name() const noexcept { return {}; }
  /// The client cannot say CONNECT yet, because our part of its handshake is still to be computed.
  virtual bool shaking_hands() const noexcept { return false; }
  /// The link is done: send what there is, then close. Called once. No call to the link follows.
  virtual void finish(std::string_view reason) noexcept = 0;
};

}  // namespace tenon::protocol_mqtt
