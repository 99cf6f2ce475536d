// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <limits>

#include "sql92/java_number.hpp"

namespace tenon::sql92 {
namespace {

using Limits = std::numeric_limits<double>;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_suffix(char c) noexcept { return c == 'd' || c == 'D' || c == 'f' || c == 'F'; }

std::string_view trimmed(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// A number's text taken apart: `whole.fraction` and the exponent behind its letter, all of it syntax only.
struct Parts {
  std::string_view number;           ///< From the first digit to the last of the exponent: what from_chars() reads.
  std::string_view whole, fraction;  ///< Digits before and behind the point.
  std::string_view exponent;         ///< With its sign; empty if there is none.
};

template <class IsDigit>
std::string_view take_digits(std::string_view& rest, IsDigit is_one) noexcept {
  const auto end = std::ranges::find_if_not(rest, is_one);
  const std::string_view digits = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(digits.size());
  return digits;
}

/// Takes the letter (`lower` or its upper case), a sign and digits off `rest`. False if the letter has no digits.
bool take_exponent(std::string_view& rest, char lower, std::string_view& exponent) noexcept {
  if (rest.empty() || (rest.front() | 0x20) != lower) return true;
  std::string_view behind = rest.substr(1);
  const std::size_t sign = behind.starts_with('-') || behind.starts_with('+') ? 1 : 0;
  std::string_view digits = behind.substr(sign);
  const std::size_t count = take_digits(digits, is_digit).size();
  exponent = behind.substr(0, sign + count);
  rest = digits;
  return count != 0;
}

template <class IsDigit>
std::optional<Parts> split(std::string_view text, IsDigit is_one, char exponent_letter) noexcept {
  Parts parts;
  std::string_view rest = text;
  parts.whole = take_digits(rest, is_one);
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    parts.fraction = take_digits(rest, is_one);
  }
  if (parts.whole.empty() && parts.fraction.empty()) return std::nullopt;
  if (!take_exponent(rest, exponent_letter, parts.exponent)) return std::nullopt;
  parts.number = text.substr(0, text.size() - rest.size());
  if (rest.size() > 1 || (rest.size() == 1 && !is_suffix(rest.front()))) return std::nullopt;
  return parts;
}

/// The exponent, cut to what no other part of a property can outweigh.
std::int64_t saturated(std::string_view exponent) noexcept {
  constexpr std::int64_t kEnough = 1'000'000'000;
  const bool negative = exponent.starts_with('-');
  if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : exponent) value = std::min(kEnough, value * 10 + (c - '0'));
  return negative ? -value : value;
}

/// What a number beyond the range of double becomes: zero or infinity, by the place of its first digit that counts.
double beyond_range(const Parts& parts, std::int64_t exponent_per_digit) noexcept {
  const auto first_of = [](std::string_view digits) { return digits.find_first_not_of('0'); };
  std::int64_t place = 0;
  if (const std::size_t whole = first_of(parts.whole); whole != std::string_view::npos) {
    place = static_cast<std::int64_t>(parts.whole.size() - whole);
  } else if (const std::size_t behind = first_of(parts.fraction); behind != std::string_view::npos) {
    place = -static_cast<std::int64_t>(behind);
  } else {
    return 0;
  }
  return place * exponent_per_digit + saturated(parts.exponent) > 0 ? Limits::infinity() : 0;
}

double value_of(const Parts& parts, std::chars_format format) noexcept {
  double value = 0;
  const char* const end = parts.number.data() + parts.number.size();
  const auto [stopped, error] = std::from_chars(parts.number.data(), end, value, format);
  if (error == std::errc{} && stopped == end) return value;
  return beyond_range(parts, format == std::chars_format::hex ? 4 : 1);
}

std::optional<double> parse_hexadecimal(std::string_view text) noexcept {
  const auto parts = split(text, is_hex_digit, 'p');
  if (!parts || parts->exponent.empty()) return std::nullopt;
  return value_of(*parts, std::chars_format::hex);
}

std::optional<double> parse_magnitude(std::string_view text) noexcept {
  if (text == "NaN") return Limits::quiet_NaN();
  if (text == "Infinity") return Limits::infinity();
  if (text.starts_with("0x") || text.starts_with("0X")) return parse_hexadecimal(text.substr(2));
  const auto parts = split(text, is_digit, 'e');
  if (!parts) return std::nullopt;
  return value_of(*parts, std::chars_format::general);
}

}  // namespace

std::optional<double> parse_java_double(std::string_view text) noexcept {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto magnitude = parse_magnitude(text);
  if (!magnitude) return std::nullopt;
  return negative ? -*magnitude : *magnitude;
}

}  // namespace tenon::sql92
