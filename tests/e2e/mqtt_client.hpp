// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "free_port.hpp"
#include "mqtt/codec.hpp"
#include "mqtt_stream.hpp"
#include "tenon/host_address.hpp"

namespace tenon::e2e {

/// A packet together with the bytes it points into.
struct MqttPacket {
  std::shared_ptr<const std::string> bytes;
  mqtt::Packet packet;

  mqtt::PacketType type() const { return mqtt::type_of(packet); }
  template <class Kind>
  const Kind& as() const {
    return std::get<Kind>(packet);
  }
};

inline constexpr auto kV5 = mqtt::ProtocolVersion::v5;

/// A blocking MQTT client that does nothing by itself: it acknowledges only what it is told to.
/// Throws std::runtime_error when it cannot connect.
class MqttClient {
 public:
  MqttClient(const HostAddress& address, mqtt::ProtocolVersion version) : MqttClient(open_tcp(address), version) {}
  MqttClient(std::unique_ptr<Stream> stream, mqtt::ProtocolVersion version)
      : version_(version), stream_(std::move(stream)) {}

  /// False when the connection is gone.
  bool send(const mqtt::Packet& packet);
  /// Several packets, or parts of one, at once.
  bool send_bytes(std::string_view bytes) { return stream_->send(bytes); }
  /// The next packet; nothing when the connection ends or no packet comes in time.
  std::optional<MqttPacket> receive(std::chrono::milliseconds timeout = std::chrono::seconds(10));

  /// CONNECT and its answer.
  mqtt::Connack connect(std::string_view client_id, bool clean_start, std::uint32_t expiry_s = 0);
  /// The same with more in it; the version is this client's.
  mqtt::Connack connect(mqtt::Connect connect);
  /// SUBSCRIBE and its answer's code.
  mqtt::ReasonCode subscribe(std::string_view filter, std::uint8_t qos);
  bool publish(std::string_view topic, std::string_view payload, std::uint8_t qos, std::uint16_t packet_id = 1,
               bool retain = false);
  bool answer(mqtt::PacketType type, std::uint16_t packet_id);

 private:
  const mqtt::ProtocolVersion version_;
  const std::unique_ptr<Stream> stream_;
  std::string input_;
};

}  // namespace tenon::e2e
