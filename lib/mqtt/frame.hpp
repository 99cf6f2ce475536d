// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "mqtt/packet.hpp"

namespace tenon::mqtt {

template <class Value>
using Decoded = boost::system::result<Value, Violation>;

/// One whole packet inside a receive buffer. Ownership: borrows that buffer.
struct Frame {
  PacketType type = PacketType::pingreq;
  std::uint8_t flags = 0;
  std::string_view body;
  std::size_t size = 0;  ///< All bytes of the packet: how far to move on.
};

/// What the fixed header of a packet announces.
struct FixedHeader {
  PacketType type = PacketType::pingreq;
  std::uint8_t flags = 0;
  std::size_t header_bytes = 0;
  std::size_t packet_bytes = 0;  ///< The header included.
};

/// The fixed header at the start of `input`; nothing if its end has not arrived. Decides from the first bytes: type,
/// flags, and the size against `max_packet_bytes` (error packet_too_large), so no body of a bad packet is ever awaited.
/// `version`: of the connection, nothing before CONNECT. 3.1.1 does not ask for the shortest form of the length.
Decoded<std::optional<FixedHeader>> read_fixed_header(std::string_view input, std::size_t max_packet_bytes,
                                                      std::optional<ProtocolVersion> version);
/// The packet at the start of `input`; nothing if its end has not arrived. Copies nothing.
Decoded<std::optional<Frame>> next_frame(std::string_view input, std::size_t max_packet_bytes,
                                         std::optional<ProtocolVersion> version);

}  // namespace tenon::mqtt
