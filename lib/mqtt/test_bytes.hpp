// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

#include "mqtt/codec.hpp"

namespace tenon::mqtt {

inline constexpr auto kV4 = ProtocolVersion::v3_1_1;
inline constexpr auto kV5 = ProtocolVersion::v5;
inline constexpr auto kGood = ReasonCode::success;
inline constexpr auto kMalformed = ReasonCode::malformed_packet;
inline constexpr auto kProtocol = ReasonCode::protocol_error;

/// "30 03 'a/b' FF" as bytes: hex pairs, and text in single quotes.
inline std::string bytes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ') {
      ++at;
    } else if (text[at] == '\'') {
      const std::size_t end = text.find('\'', at + 1);
      out.append(text.substr(at + 1, end - at - 1));
      at = end + 1;
    } else {
      out.push_back(static_cast<char>(std::strtoul(std::string(text.substr(at, 2)).c_str(), nullptr, 16)));
      at += 2;
    }
  }
  return out;
}

/// `first_byte` and a body, with the length between them.
inline std::string packet(std::string_view first_byte, std::string_view body) {
  std::string out = bytes(first_byte);
  const std::string content = bytes(body);
  put_variable(out, static_cast<std::uint32_t>(content.size()));
  return out + content;
}

/// Decodes one whole packet, as a connection does: the code of what is wrong, or success.
inline ReasonCode judge(std::string_view packet_bytes, ProtocolVersion version) {
  const auto frame = next_frame(packet_bytes, 1 << 20, version);
  if (!frame) return frame.error().code;
  if (!*frame) return ReasonCode::unspecified_error;  // not whole
  const auto decoded = decode(**frame, version);
  return decoded ? ReasonCode::success : decoded.error().code;
}

/// The packet, which must be right.
template <class Kind>
Kind decode_as(std::string_view packet_bytes, ProtocolVersion version) {
  const auto frame = next_frame(packet_bytes, 1 << 20, version);
  return std::get<Kind>(*decode(**frame, version));
}

}  // namespace tenon::mqtt
