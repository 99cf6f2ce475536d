// SPDX-License-Identifier: Apache-2.0
#include "mqtt/wire.hpp"

#include "mqtt/utf8.hpp"

namespace tenon::mqtt {

void Reader::fail(ReasonCode code, std::string_view what) noexcept {
  if (!violation_) violation_ = Violation{code, what};
  rest_ = {};
}

std::string_view Reader::take(std::size_t size) noexcept {
  if (size > rest_.size()) {
    malformed("the packet ends inside a field");
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint8_t Reader::u8() noexcept {
  const std::string_view taken = take(1);
  return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
}

std::uint16_t Reader::u16() noexcept {
  const std::string_view taken = take(2);
  if (taken.empty()) return 0;
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(taken[0]) << 8 | static_cast<std::uint8_t>(taken[1]));
}

std::uint32_t Reader::u32() noexcept {
  const auto high = static_cast<std::uint32_t>(u16());
  return high << 16 | u16();
}

std::uint32_t Reader::variable() noexcept {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const std::uint8_t byte = u8();
    value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) != 0) continue;
    if (byte == 0 && shift > 0) malformed("a variable byte integer is not in its shortest form");
    return failed() ? 0 : value;
  }
  malformed("a variable byte integer has more than four bytes");
  return 0;
}

std::string_view Reader::binary() noexcept { return take(u16()); }

std::string_view Reader::text() noexcept {
  const std::string_view bytes = binary();
  if (is_valid_text(bytes)) return bytes;
  malformed("a string is not valid UTF-8, or contains U+0000");
  return {};
}

std::uint16_t Reader::packet_id() noexcept {
  const std::uint16_t id = u16();
  if (id == 0) fail(ReasonCode::protocol_error, "packet identifier 0");
  return id;
}

void put_u8(std::string& out, std::uint8_t value) { out.push_back(static_cast<char>(value)); }

void put_u16(std::string& out, std::uint16_t value) {
  put_u8(out, static_cast<std::uint8_t>(value >> 8));
  put_u8(out, static_cast<std::uint8_t>(value));
}

void put_u32(std::string& out, std::uint32_t value) {
  put_u16(out, static_cast<std::uint16_t>(value >> 16));
  put_u16(out, static_cast<std::uint16_t>(value));
}

void put_variable(std::string& out, std::uint32_t value) {
  while (value >= 0x80) {
    put_u8(out, static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  put_u8(out, static_cast<std::uint8_t>(value));
}

void put_string(std::string& out, std::string_view bytes) {
  bytes = bytes.substr(0, 0xFFFF);
  put_u16(out, static_cast<std::uint16_t>(bytes.size()));
  out.append(bytes);
}

}  // namespace tenon::mqtt
