// SPDX-License-Identifier: Apache-2.0
#include "fastjson/number_text.hpp"

#include <charconv>
#include <cmath>
#include <string_view>

namespace tenon::fastjson {
namespace {

std::string fixed_text(double number) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed).ptr;
  std::string text(digits, end);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

/// Turns `1.5e+10` and `1e-05` into Java's `1.5E10` and `1.0E-5`.
std::string exponent_text(double number) {
  char digits[64];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::scientific).ptr;
  const std::string_view text(digits, static_cast<std::size_t>(end - digits));
  const std::size_t split = text.find('e');
  std::string out(text.substr(0, split));
  if (out.find('.') == std::string::npos) out += ".0";
  out += 'E';
  std::string_view exponent = text.substr(split + 1);
  if (exponent.front() == '-') out += '-';
  exponent.remove_prefix(1);
  while (exponent.size() > 1 && exponent.front() == '0') exponent.remove_prefix(1);
  return out.append(exponent);
}

}  // namespace

std::string real_text(double number) {
  if (!std::isfinite(number)) return "null";
  const double size = std::fabs(number);
  // The limits are those of Double.toString().
  const bool as_fixed = size == 0 || (size >= 1e-3 && size < 1e7);
  return as_fixed ? fixed_text(number) : exponent_text(number);
}

}  // namespace tenon::fastjson
