// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/codec.hpp"
#include "protocol-mqtt/engine/link.hpp"
#include "protocol-mqtt/engine/testing/versions.hpp"

namespace tenon::protocol_mqtt {

/// A packet together with the bytes it points into.
struct Received {
  std::shared_ptr<const std::string> bytes;
  mqtt::Packet packet;

  mqtt::PacketType type() const { return mqtt::type_of(packet); }
  template <class Kind>
  const Kind& as() const {
    return std::get<Kind>(packet);
  }
};

class TestServer;

/// A client that talks to the engine in whole packets, without a socket.
class TestClient final : public Transport {
 public:
  TestClient(TestServer& server, mqtt::ProtocolVersion version, std::string_view remote_address = "192.0.2.1:5000");
  ~TestClient() override;

  void send(const mqtt::Packet& packet);
  void send_raw(std::string_view bytes);
  /// CONNECT and what comes back.
  mqtt::Connack connect(mqtt::Connect connect);
  mqtt::Connack connect(std::string_view client_id, bool clean_start = true, std::uint32_t expiry_s = 0);
  std::vector<mqtt::ReasonCode> subscribe(std::string_view filter, mqtt::SubscriptionOptions options = {},
                                          std::uint32_t identifier = 0);
  void publish(std::string_view topic, std::string_view payload, std::uint8_t qos = 0, bool retain = false,
               std::uint16_t packet_id = 1);
  void answer(mqtt::PacketType type, std::uint16_t packet_id, mqtt::ReasonCode reason = mqtt::ReasonCode::success);
  void disconnect(mqtt::ReasonCode reason = mqtt::ReasonCode::success);
  /// The connection breaks.
  void lose();

  /// Everything that came since the last call.
  std::vector<Received> take();
  /// The PUBLISH packets of take(), as "topic=payload".
  std::vector<std::string> take_messages();
  /// The last packet of take(); there must be one.
  Received last();
  bool closed() const noexcept { return closed_; }
  Link& link() noexcept { return *link_; }

  void output_ready() noexcept override {}
  void finish(std::string_view) noexcept override { closed_ = true; }
  bool shaking_hands() const noexcept override { return shaking; }
  bool shaking = false;  ///< As if the server were slow with its handshake.

 private:
  TestServer& server_;
  const mqtt::ProtocolVersion version_;
  std::unique_ptr<Link> link_;
  bool closed_ = false;
};

/// The engine over a log in memory and a clock that stands still until it is moved.
class TestServer final : public Outside {
 public:
  explicit TestServer(const EngineSettings& settings = {}) : engine(settings, *this) {}

  /// Moves the clock and lets the engine's timers run.
  void pass_seconds(std::int64_t seconds);
  /// What of the log was not dispatched yet.
  void catch_up() override;
  /// A message by another protocol.
  void put(std::string_view topic, std::string_view payload, std::uint8_t qos = 1);
  /// Confirms what was stored while `hold` was set.
  void release();

  void store(const IncomingMessage& incoming, std::uint64_t token) override;
  bool load(PhysicalOffset place, const std::function<void(const Message&)>& use) override;
  std::int64_t now_ms() const override {
    if (before_clock) before_clock();
    return now;
  }
  std::int64_t steady_ms() const override { return steady; }
  std::optional<mqtt::ReasonCode> authenticate(const Credentials& credentials, std::uint64_t token) override;
  std::unique_ptr<Authentication> begin_authentication(std::string_view method) override;
  bool may(Access access, std::string_view client_id, std::string_view user_name, std::string_view topic) override;

  struct Stored {
    OwnedMessage message;
    bool retain = false;
  };
  std::vector<Stored> log;
  std::size_t dispatched = 0;
  std::int64_t now = 1'700'000'000'000, steady = 5'000;
  bool hold = false;  ///< Stores are confirmed by release() only.
  mqtt::ReasonCode outcome = mqtt::ReasonCode::success;
  std::vector<std::uint64_t> held;
  std::vector<std::uint64_t> judgements;          ///< Left open: those of users called "slow".
  std::vector<std::weak_ptr<const void>> askers;  ///< Theirs.
  std::string forbidden_topic;
  std::function<void()> before_clock;  ///< May throw, as if there were no memory.
  Engine engine;
};

/// One client that publishes and one that subscribes, connected.
struct Pair {
  TestServer server;
  TestClient from{server, kV5};
  TestClient to{server, kV5};
  Pair() {
    from.connect("from");
    to.connect("to");
  }
};

}  // namespace tenon::protocol_mqtt
