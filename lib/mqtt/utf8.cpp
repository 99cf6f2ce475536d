// SPDX-License-Identifier: Apache-2.0
#include "mqtt/utf8.hpp"

#include <cstddef>
#include <cstdint>

namespace tenon::mqtt {
namespace {

/// Length of the character that begins with `lead`, and the allowed range of its second byte (Unicode table 3-7).
struct Form {
  std::size_t size;
  std::uint8_t second_min, second_max;
};

constexpr Form form_of(std::uint8_t lead) noexcept {
  if (lead >= 0xC2 && lead <= 0xDF) return {2, 0x80, 0xBF};
  if (lead == 0xE0) return {3, 0xA0, 0xBF};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3, 0x80, 0xBF};
  if (lead == 0xF0) return {4, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {4, 0x80, 0xBF};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

bool is_valid_text(std::string_view bytes) noexcept {
  return bytes.find('\0') == std::string_view::npos && is_valid_utf8(bytes);
}

bool is_valid_utf8(std::string_view bytes) noexcept {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto lead = static_cast<std::uint8_t>(bytes[at]);
    if (lead < 0x80) {
      ++at;
      continue;
    }
    const Form form = form_of(lead);
    if (form.size == 0 || bytes.size() - at < form.size) return false;
    const auto second = static_cast<std::uint8_t>(bytes[at + 1]);
    if (second < form.second_min || second > form.second_max) return false;
    for (std::size_t i = 2; i < form.size; ++i) {
      if ((static_cast<std::uint8_t>(bytes[at + i]) & 0xC0) != 0x80) return false;
    }
    at += form.size;
  }
  return true;
}

}  // namespace tenon::mqtt
