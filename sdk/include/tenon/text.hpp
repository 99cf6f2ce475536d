// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

namespace tenon {

namespace detail {
inline void append_text(std::string& out, std::string_view part) { out.append(part); }
inline void append_text(std::string& out, const char* part) { out.append(part); }
inline void append_text(std::string& out, char part) { out.push_back(part); }
inline void append_text(std::string& out, bool part) { out.append(part ? "true" : "false"); }
template <class Number>
requires(std::is_arithmetic_v<Number>) void append_text(std::string& out, Number part) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, part).ptr;
  out.append(digits, end);
}
/// Types of ours say how they read with a member `to_string()`.
template <class Value>
requires requires(const Value& value) {
  { value.to_string() } -> std::convertible_to<std::string>;
}
void append_text(std::string& out, const Value& part) { out.append(part.to_string()); }
}  // namespace detail

/// Joins its arguments into one string: `text("queue ", topic, "/", queue_id, " at ", offset)`.
/// For log lines and error messages; not for hot paths.
template <class... Parts>
[[nodiscard]] std::string text(const Parts&... parts) {
  std::string out;
  (detail::append_text(out, parts), ...);
  return out;
}

}  // namespace tenon
