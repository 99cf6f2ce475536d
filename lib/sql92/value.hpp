// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tenon::sql92 {

/// What an expression of any kind gives: NULL, a condition's truth, a number or text. Borrows its text.
///
/// Trivial, so that a stack of them costs nothing to make. A property is text whatever it looks like.
struct Value {
  enum class Kind : std::uint8_t { null, boolean, int32, int64, real, text };

  Kind kind;
  bool boolean;
  std::uint32_t size;  ///< Of the text, in bytes.
  union {
    std::int64_t integer;  ///< Of int32 too.
    double real;
    const char* characters;
  };

  static Value of_null() noexcept { return {Kind::null, false, 0, {}}; }
  static Value of_boolean(bool truth) noexcept { return {Kind::boolean, truth, 0, {}}; }
  static Value of_int32(std::int32_t number) noexcept { return {Kind::int32, false, 0, {number}}; }
  static Value of_int64(std::int64_t number) noexcept { return {Kind::int64, false, 0, {number}}; }
  static Value of_real(double number) noexcept {
    Value value{Kind::real, false, 0, {}};
    value.real = number;
    return value;
  }
  static Value of_text(std::string_view text) noexcept {
    Value value{Kind::text, false, static_cast<std::uint32_t>(text.size()), {}};
    value.characters = text.data();
    return value;
  }

  bool is_null() const noexcept { return kind == Kind::null; }
  bool is_true() const noexcept { return kind == Kind::boolean && boolean; }
  bool is_false() const noexcept { return kind == Kind::boolean && !boolean; }
  bool is_text() const noexcept { return kind == Kind::text; }
  bool is_number() const noexcept { return kind == Kind::int32 || kind == Kind::int64 || kind == Kind::real; }
  std::string_view text() const noexcept { return {characters, size}; }
};

}  // namespace tenon::sql92
