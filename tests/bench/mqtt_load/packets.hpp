// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// The few packets of MQTT 3.1.1 that a load generator needs. Shares nothing with Tenon, so that a mistake there cannot
/// hide here.
namespace mqtt_load {

inline void put_u16(std::string& out, std::size_t value) {
  out.push_back(static_cast<char>(value >> 8));
  out.push_back(static_cast<char>(value & 0xFF));
}

inline void put_text(std::string& out, std::string_view text) {
  put_u16(out, text.size());
  out += text;
}

inline void put_packet(std::string& out, int first, std::string_view body) {
  out.push_back(static_cast<char>(first));
  std::size_t rest = body.size();
  do {
    out.push_back(static_cast<char>(rest % 128 | (rest >= 128 ? 128 : 0)));
    rest /= 128;
  } while (rest > 0);
  out += body;
}

inline void put_connect(std::string& out, std::string_view client_id) {
  std::string body("\0\4MQTT\4\2\0\0", 10);
  put_text(body, client_id);
  put_packet(out, 0x10, body);
}

inline void put_subscribe(std::string& out, std::string_view filter, int qos) {
  std::string body("\0\1", 2);
  put_text(body, filter);
  body.push_back(static_cast<char>(qos));
  put_packet(out, 0x82, body);
}

inline void put_publish(std::string& out, std::string_view topic, std::string_view payload, int qos, std::uint16_t id) {
  std::string body;
  put_text(body, topic);
  if (qos > 0) put_u16(body, id);
  body += payload;
  put_packet(out, 0x30 | qos << 1, body);
}

/// PUBACK, PUBREC, PUBREL, PUBCOMP.
inline void put_answer(std::string& out, int first, std::uint16_t id) {
  out.push_back(static_cast<char>(first));
  out.push_back(2);
  put_u16(out, id);
}

struct Packet {
  int first = 0;
  std::string_view body;
  std::size_t size = 0;  ///< Of the whole packet; 0: it is not whole.

  int type() const noexcept { return first >> 4; }
  std::uint16_t u16_at(std::size_t at) const noexcept {
    return static_cast<std::uint16_t>(static_cast<std::uint8_t>(body[at]) << 8 |
                                      static_cast<std::uint8_t>(body[at + 1]));
  }
};

inline Packet next_packet(std::string_view bytes) {
  std::size_t length = 0, at = 1;
  for (int shift = 0;; shift += 7) {
    if (at >= bytes.size()) return {};
    const auto byte = static_cast<std::uint8_t>(bytes[at++]);
    length |= std::size_t{byte & 127U} << shift;
    if (byte < 128) break;
  }
  if (bytes.size() < at + length) return {};
  return {static_cast<std::uint8_t>(bytes[0]), bytes.substr(at, length), at + length};
}

}  // namespace mqtt_load
