// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "mqtt/codec.hpp"

namespace tenon::protocol_mqtt::conformance {

/// A packet as one line of a script: its kind, and the fields that somebody cares about. README.md lists them.
struct PacketText {
  std::string kind;
  std::map<std::string, std::string, std::less<>> fields;

  std::string_view field(std::string_view name, std::string_view absent = "") const;
  std::uint32_t number(std::string_view name, std::uint32_t absent = 0) const;
  bool has(std::string_view name) const { return fields.find(name) != fields.end(); }
  std::string to_string() const;
};

/// Reads "publish topic=a qos=1"; throws std::runtime_error for a word without '='.
PacketText parse_packet_text(std::string_view line);
/// The bytes of the packet; throws std::runtime_error for a kind or a field that does not exist.
std::string bytes_of(const PacketText& text, mqtt::ProtocolVersion version);
/// All fields of a packet that a server sends.
PacketText describe(const mqtt::Packet& packet);

}  // namespace tenon::protocol_mqtt::conformance
