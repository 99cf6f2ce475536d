// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <limits>

#include "sql92/java_number.hpp"

namespace tenon::sql92 {
namespace {

/// The zero of each decimal digit range (category Nd) of the basic multilingual plane beyond ASCII; nine more digits
/// follow each. Source: Unicode 14, DerivedGeneralCategory.txt; the ranges of Java 8 and later are among them.
constexpr std::array<char16_t, 36> kZeros{0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
                                          0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090,
                                          0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
                                          0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

constexpr int kNoDigit = -1;

int digit_of(char16_t unit) noexcept {
  const auto above = std::ranges::upper_bound(kZeros, unit);
  if (above == kZeros.begin()) return kNoDigit;
  const int value = unit - *std::prev(above);
  return value <= 9 ? value : kNoDigit;
}

/// Takes one digit off `rest`, which is not empty.
int take_digit(std::string_view& rest) noexcept {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(rest[index]); };
  if (byte(0) < 0x80) {
    const int value = byte(0) - '0';
    rest.remove_prefix(1);
    return value >= 0 && value <= 9 ? value : kNoDigit;
  }
  if (byte(0) >= 0xC2 && byte(0) < 0xE0 && rest.size() >= 2) {
    const auto unit = static_cast<char16_t>((byte(0) & 0x1F) << 6 | (byte(1) & 0x3F));
    rest.remove_prefix(2);
    return digit_of(unit);
  }
  if (byte(0) >= 0xE0 && byte(0) < 0xF0 && rest.size() >= 3) {
    const auto unit = static_cast<char16_t>((byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F));
    rest.remove_prefix(3);
    return digit_of(unit);
  }
  return kNoDigit;
}

std::optional<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max) noexcept {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  // Counted downwards, because the smallest number has no positive counterpart.
  const std::int64_t limit = negative ? min : -max;
  std::int64_t value = 0;
  while (!text.empty()) {
    const int digit = take_digit(text);
    if (digit == kNoDigit || value < limit / 10) return std::nullopt;
    value *= 10;
    if (value < limit + digit) return std::nullopt;
    value -= digit;
  }
  return negative ? value : -value;
}

}  // namespace

std::optional<std::int32_t> parse_java_int(std::string_view text) noexcept {
  using Limits = std::numeric_limits<std::int32_t>;
  const auto value = parse_integer(text, Limits::min(), Limits::max());
  if (!value) return std::nullopt;
  return static_cast<std::int32_t>(*value);
}

std::optional<std::int64_t> parse_java_long(std::string_view text) noexcept {
  using Limits = std::numeric_limits<std::int64_t>;
  return parse_integer(text, Limits::min(), Limits::max());
}

bool parse_java_boolean(std::string_view text) noexcept {
  return std::ranges::equal(text, std::string_view("true"), {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

}  // namespace tenon::sql92
