// SPDX-License-Identifier: Apache-2.0
#include "mqtt/frame.hpp"

namespace tenon::mqtt {
namespace {

constexpr std::uint8_t required_flags(PacketType type) noexcept {
  return type == PacketType::pubrel || type == PacketType::subscribe || type == PacketType::unsubscribe ? 2 : 0;
}

std::optional<Violation> check_first_byte(std::uint8_t first) {
  const auto type = static_cast<PacketType>(first >> 4);
  const auto flags = static_cast<std::uint8_t>(first & 0x0F);
  if (first >> 4 == 0) return Violation{ReasonCode::malformed_packet, "packet type 0"};
  if (type != PacketType::publish) {
    if (flags == required_flags(type)) return std::nullopt;
    return Violation{ReasonCode::malformed_packet, "reserved flag bits have another value than the standard's"};
  }
  if ((flags & 0x06) == 0x06) return Violation{ReasonCode::malformed_packet, "QoS 3"};
  if ((flags & 0x0E) == 0x08) return Violation{ReasonCode::malformed_packet, "DUP with QoS 0"};
  return std::nullopt;
}

/// The number of body bytes, and how many bytes say so; nothing if the last of those is not there yet.
struct Length {
  std::size_t bytes = 0;
  std::size_t value = 0;
};
Decoded<std::optional<Length>> read_length(std::string_view input, bool shortest_only) {
  Length length;
  while (length.bytes < input.size()) {
    if (length.bytes == 4) return Violation{ReasonCode::malformed_packet, "the remaining length has five bytes"};
    const auto byte = static_cast<std::uint8_t>(input[length.bytes]);
    length.value |= static_cast<std::size_t>(byte & 0x7F) << (7 * length.bytes);
    ++length.bytes;
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && length.bytes > 1 && shortest_only) {
      return Violation{ReasonCode::malformed_packet, "the remaining length is not in its shortest form"};
    }
    return std::optional<Length>(length);
  }
  if (length.bytes == 4) return Violation{ReasonCode::malformed_packet, "the remaining length has five bytes"};
  return std::optional<Length>();
}

}  // namespace

Decoded<std::optional<FixedHeader>> read_fixed_header(std::string_view input, std::size_t max_packet_bytes,
                                                      std::optional<ProtocolVersion> version) {
  if (input.empty()) return std::optional<FixedHeader>();
  const auto first = static_cast<std::uint8_t>(input[0]);
  if (const auto wrong = check_first_byte(first)) return *wrong;
  const auto length = read_length(input.substr(1), version == ProtocolVersion::v5);
  if (!length) return length.error();
  if (!*length) return std::optional<FixedHeader>();
  FixedHeader header;
  header.type = static_cast<PacketType>(first >> 4);
  header.flags = static_cast<std::uint8_t>(first & 0x0F);
  header.header_bytes = 1 + (*length)->bytes;
  header.packet_bytes = header.header_bytes + (*length)->value;
  if (header.packet_bytes > max_packet_bytes) {
    return Violation{ReasonCode::packet_too_large, "the packet is larger than the limit"};
  }
  return std::optional<FixedHeader>(header);
}

Decoded<std::optional<Frame>> next_frame(std::string_view input, std::size_t max_packet_bytes,
                                         std::optional<ProtocolVersion> version) {
  const auto header = read_fixed_header(input, max_packet_bytes, version);
  if (!header) return header.error();
  if (!*header || input.size() < (*header)->packet_bytes) return std::optional<Frame>();
  const FixedHeader& fixed = **header;
  Frame frame;
  frame.type = fixed.type;
  frame.flags = fixed.flags;
  frame.body = input.substr(fixed.header_bytes, fixed.packet_bytes - fixed.header_bytes);
  frame.size = fixed.packet_bytes;
  return std::optional<Frame>(frame);
}

}  // namespace tenon::mqtt
