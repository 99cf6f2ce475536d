// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mqtt/frame.hpp"
#include "mqtt/packet.hpp"

namespace tenon::mqtt {

/// Takes a packet apart and checks everything that the packet alone can do wrong, with the code that the standard
/// names. Both directions: what only a server or only a client may send is for the caller to know. `version` is ignored
/// for CONNECT, which brings its own.
Decoded<Packet> decode(const Frame& frame, ProtocolVersion version);

/// The protocol level that a CONNECT body names, bit 7 (bridge) cleared; empty if it ends before. To answer a CONNECT
/// that cannot be decoded in the form its sender reads.
std::optional<std::uint8_t> protocol_level_of(std::string_view connect_body) noexcept;

/// Appends the packet. The caller keeps the rules of the standard; lengths above 65,535 in a string are cut off.
void encode(const Packet& packet, ProtocolVersion version, std::string& out);
/// The same for the packets of the hot path.
void encode(const Publish& publish, ProtocolVersion version, std::string& out);
void encode(const PublishAnswer& answer, ProtocolVersion version, std::string& out);
/// Bytes that encode() would append.
std::size_t encoded_size(const Publish& publish, ProtocolVersion version) noexcept;

}  // namespace tenon::mqtt
