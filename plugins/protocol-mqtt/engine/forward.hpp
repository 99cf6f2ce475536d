// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "mqtt/packet.hpp"
#include "protocol-mqtt/engine/message.hpp"

namespace tenon::protocol_mqtt {

/// A message as one subscriber gets it. Its properties are written from the block the message keeps, without taking
/// them apart.
struct Forward {
  const Message& message;
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v3_1_1;
  std::uint8_t qos = 0;
  bool dup = false, retain = false;
  std::uint16_t packet_id = 0;
  std::span<const std::uint32_t> identifiers = {};
  std::optional<std::uint32_t> expiry_s = {};
  std::uint16_t alias = 0;     ///< 0: none.
  bool without_topic = false;  ///< The client knows the alias already.

  /// Bytes of the whole packet.
  std::size_t size() const noexcept;
  void encode(std::string& out) const;

 private:
  bool v5() const noexcept { return version == mqtt::ProtocolVersion::v5; }
  std::size_t block_size() const noexcept;
  std::size_t body_size() const noexcept;
  void encode_properties(std::string& out) const;
};

}  // namespace tenon::protocol_mqtt
