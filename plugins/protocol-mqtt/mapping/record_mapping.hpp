// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "protocol-mqtt/engine/message.hpp"
#include "protocol-mqtt/engine/outside.hpp"
#include "protocol-mqtt/mapping/topic_map.hpp"
#include "tenon/message.hpp"
#include "tenon/properties.hpp"

/// How a message of MQTT stands in a RocketMQ record, and a record is a message of MQTT. The property names of Apache
/// rocketmq-mqtt are kept. Source: ../shared/reference/mqtt.md sections 27, 34; the table is in README.md.
namespace tenon::protocol_mqtt {

namespace mqtt_property {
inline constexpr std::string_view topic = "originMqttTopic";
inline constexpr std::string_view qos = "qosLevel";
inline constexpr std::string_view client_id = "clientId";
inline constexpr std::string_view user = "mqttUser";
inline constexpr std::string_view retain = "mqttRetain";
inline constexpr std::string_view expiry = "mqttExpiry";       ///< Wall clock, ms.
inline constexpr std::string_view packet_id = "mqttPacketId";  ///< Of a QoS 2 message of a session that is kept.
inline constexpr std::string_view block = "mqtt5";             ///< Properties of 5.0, base64url.
}  // namespace mqtt_property

inline constexpr std::string_view kMqttTag = "MQTT_COMMON";
inline constexpr std::size_t kRecordPropertiesMax = 32'767;

/// What of a message becomes tag, keys and properties that filters see.
struct RecordRules {
  bool user_properties = true;  ///< User properties of 5.0, TAGS and KEYS among them, which come before the next two.
  std::string_view tag{}, keys{};  ///< Empty: kMqttTag, none.
};

/// The properties of the record. Error: message_illegal (too long, or the topic holds the separators of RocketMQ's
/// properties), which a client hears as quota exceeded or as an invalid topic name.
Result<std::string> record_properties(const IncomingMessage& incoming, const RecordRules& rules);

/// Calls `use` with the message that the record is to MQTT clients. False when it is none: its name would not be valid,
/// or its body is compressed in a way we do not know.
bool with_message_of(const tenon::Message& record, PhysicalOffset place, const TopicMap& map,
                     const std::function<void(const Message&)>& use);

}  // namespace tenon::protocol_mqtt
