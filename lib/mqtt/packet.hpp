// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "mqtt/properties.hpp"
#include "mqtt/reason_code.hpp"

/// The packets of MQTT 3.1, 3.1.1 and 5.0 as values. Ownership: every view borrows the frame it was decoded from.
/// Format source: OASIS MQTT 5.0 and 3.1.1, chapter 3; ../shared/reference/mqtt.md sections 2, 3.
namespace tenon::mqtt {

enum class ProtocolVersion : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

enum class PacketType : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

struct Will {
  std::string_view topic, payload;
  std::uint8_t qos = 0;
  bool retain = false;
  Properties properties;
};

struct Connect {
  ProtocolVersion version = ProtocolVersion::v3_1_1;
  bool bridge = false;  ///< Bit 7 of the level: a Mosquitto bridge says what it is.
  bool clean_start = true;
  std::uint16_t keep_alive_s = 0;
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name, password;
  Properties properties;
};

struct Connack {
  bool session_present = false;
  /// 5.0: a ReasonCode. 3.1.1: 0 ... 5.
  std::uint8_t code = 0;
  Properties properties;
};

struct Publish {
  bool dup = false;
  std::uint8_t qos = 0;
  bool retain = false;
  std::string_view topic;
  std::uint16_t packet_id = 0;  ///< 0 for QoS 0.
  Properties properties;
  std::string_view payload;
};

/// PUBACK, PUBREC, PUBREL, PUBCOMP.
struct PublishAnswer {
  PacketType type = PacketType::puback;
  std::uint16_t packet_id = 0;
  ReasonCode reason = ReasonCode::success;
  Properties properties;
};

enum class RetainHandling : std::uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

struct SubscriptionOptions {
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::send;

  friend bool operator==(const SubscriptionOptions&, const SubscriptionOptions&) = default;
};

struct SubscriptionRequest {
  std::string_view filter;
  SubscriptionOptions options;
};

struct Subscribe {
  std::uint16_t packet_id = 0;
  Properties properties;
  std::vector<SubscriptionRequest> requests;
};

struct Unsubscribe {
  std::uint16_t packet_id = 0;
  Properties properties;
  std::vector<std::string_view> filters;
};

/// SUBACK and UNSUBACK. 3.1.1 has no codes in UNSUBACK, and only 0, 1, 2 and 0x80 in SUBACK.
struct SubscribeAnswer {
  PacketType type = PacketType::suback;
  std::uint16_t packet_id = 0;
  Properties properties;
  std::vector<ReasonCode> codes;
};

struct Ping {
  PacketType type = PacketType::pingreq;  ///< Or pingresp.
};

/// DISCONNECT and AUTH.
struct Closing {
  PacketType type = PacketType::disconnect;
  ReasonCode reason = ReasonCode::success;
  Properties properties;
};

using Packet =
    std::variant<Connect, Connack, Publish, PublishAnswer, Subscribe, SubscribeAnswer, Unsubscribe, Ping, Closing>;

PacketType type_of(const Packet& packet) noexcept;

}  // namespace tenon::mqtt
