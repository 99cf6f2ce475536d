// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mqtt/reason_code.hpp"

namespace tenon::mqtt {

/// Largest variable byte integer: four bytes of seven bits.
inline constexpr std::uint32_t kVariableMax = 268'435'455;

/// Takes the primitives of MQTT off the front of a run of bytes. The first thing that is wrong sticks: later reads give
/// empty values, so a decoder reads straight on and looks at violation() once. Ownership: borrows the bytes.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

  std::uint8_t u8() noexcept;
  std::uint16_t u16() noexcept;
  std::uint32_t u32() noexcept;
  std::uint32_t variable() noexcept;   ///< Refuses a form that is not the shortest.
  std::string_view text() noexcept;    ///< Length and UTF-8, checked.
  std::string_view binary() noexcept;  ///< Length and bytes.
  std::uint16_t packet_id() noexcept;  ///< Refuses 0 as a protocol error.
  std::string_view take(std::size_t size) noexcept;
  std::string_view take_rest() noexcept { return take(rest_.size()); }

  std::size_t left() const noexcept { return rest_.size(); }
  bool failed() const noexcept { return violation_.has_value(); }
  const std::optional<Violation>& violation() const noexcept { return violation_; }
  void fail(ReasonCode code, std::string_view what) noexcept;
  void malformed(std::string_view what) noexcept { fail(ReasonCode::malformed_packet, what); }
  /// To be called at the end of a body.
  void expect_end() noexcept {
    if (!rest_.empty()) malformed("bytes are left over behind the packet's fields");
  }

 private:
  std::string_view rest_;
  std::optional<Violation> violation_;
};

void put_u8(std::string& out, std::uint8_t value);
void put_u16(std::string& out, std::uint16_t value);
void put_u32(std::string& out, std::uint32_t value);
void put_variable(std::string& out, std::uint32_t value);
/// Length and bytes; `bytes` must be at most 65,535 long.
void put_string(std::string& out, std::string_view bytes);
constexpr std::size_t variable_size(std::uint32_t value) noexcept {
  return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

}  // namespace tenon::mqtt
