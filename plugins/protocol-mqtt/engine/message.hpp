// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tenon/offsets.hpp"

namespace tenon::protocol_mqtt {

/// A message on its way through the engine. Ownership: everything borrows for the call that gets it.
struct Message {
  std::string_view topic;
  std::string_view payload;
  /// Properties as MQTT 5.0 writes them, without length, message expiry, topic alias and subscription identifiers.
  std::string_view properties;
  std::string_view publisher;      ///< Client id; empty when it came by another protocol.
  std::int64_t expires_at_ms = 0;  ///< Wall clock; 0: never.
  std::uint8_t qos = 0;
  bool retain = false;               ///< As published.
  PhysicalOffset place{-1};          ///< Of the record in the log; negative: not stored.
  std::uint16_t qos2_packet_id = 0;  ///< Under which its publisher sent it, if it may send it again.
};

/// Topics that are the server's own: no client publishes there, not even by its will.
inline bool is_reserved(std::string_view topic) noexcept {
  return topic == "$SYS" || topic.starts_with("$SYS/") || topic.starts_with("$CONTROL/") ||
         topic.starts_with("$share/");
}

/// A message that outlives the call: retained ones and wills.
struct OwnedMessage {
  std::string topic, payload, properties, publisher;
  std::int64_t expires_at_ms = 0;
  std::uint8_t qos = 0;
  PhysicalOffset place{-1};

  OwnedMessage() = default;
  explicit OwnedMessage(const Message& message)
      : topic(message.topic),
        payload(message.payload),
        properties(message.properties),
        publisher(message.publisher),
        expires_at_ms(message.expires_at_ms),
        qos(message.qos),
        place(message.place) {}

  Message view() const noexcept { return {topic, payload, properties, publisher, expires_at_ms, qos, false, place, 0}; }
  std::size_t bytes() const noexcept {
    return sizeof *this + topic.size() + payload.size() + properties.size() + publisher.size();
  }
};
using OwnedMessagePtr = std::shared_ptr<const OwnedMessage>;

}  // namespace tenon::protocol_mqtt
