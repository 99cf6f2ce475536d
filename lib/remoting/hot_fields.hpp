// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

#include "remoting/field_reader.hpp"
#include "tenon/error.hpp"
#include "tenon/text.hpp"

namespace tenon::remoting {

/// What decoding a command's fields in one pass keeps account of: which of the required ones came, and the first number
/// that is none. A field with an empty value counts as absent, as in a binary header.
class OnePass {
 public:
  /// Reads a number; `bit` says which required field this is, 0 for an optional one.
  template <std::integral Number>
  void number(std::string_view name, std::string_view value, Number& into, std::uint32_t bit) noexcept {
    std::optional<Number> parsed;
    if constexpr (sizeof(Number) == sizeof(std::int32_t)) {
      parsed = parse_i32(value);
    } else {
      parsed = parse_i64(value);
    }
    if (parsed) {
      into = *parsed;
      seen_ |= bit;
    } else if (bad_name_.empty()) {
      bad_name_ = name;
      bad_value_ = value;
    }
  }
  void text(std::string_view value, std::string_view& into, std::uint32_t bit) noexcept {
    into = value;
    seen_ |= bit;
  }

  bool complete(std::uint32_t required) const noexcept { return bad_name_.empty() && (seen_ & required) == required; }
  /// Only when not complete. `names` are those of the required fields, that of bit 0 first.
  Error error(std::uint32_t required, const std::string_view* names) const {
    if (!bad_name_.empty()) {
      return {Errc::invalid_parameter, tenon::text("the field ", bad_name_, " is not a whole number that fits: '",
                                                   bad_value_.substr(0, 64), "'")};
    }
    const std::uint32_t missing = required & ~seen_;
    return {Errc::invalid_parameter, tenon::text("the field ", names[__builtin_ctz(missing)], " is missing")};
  }

 private:
  std::uint32_t seen_ = 0;
  std::string_view bad_name_;
  std::string_view bad_value_;
};

}  // namespace tenon::remoting
