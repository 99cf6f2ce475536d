// SPDX-License-Identifier: Apache-2.0
#include "remoting/field_reader.hpp"

#include <charconv>
#include <system_error>
#include <utility>

#include "remoting/digits.hpp"
#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

/// Text from a peer goes into messages at a length that suits a log line.
std::string_view shortened(std::string_view value) { return value.substr(0, 64); }

Error missing(std::string_view name) { return {Errc::invalid_parameter, text("the field ", name, " is missing")}; }
Error not_a_number(std::string_view name, std::string_view value, int bits) {
  return {Errc::invalid_parameter,
          text("the field ", name, " is not a whole number of ", bits, " bits: '", shortened(value), "'")};
}

template <class Number>
std::optional<Number> parse_signed(std::string_view text) noexcept {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

/// Nearly all numbers of a header are a few digits and nothing else.
template <class Number>
std::optional<Number> parse(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  const std::int64_t plain = take_digits(at, end);
  if (at == end && !text.empty() && std::in_range<Number>(plain)) return static_cast<Number>(plain);
  return parse_signed<Number>(text);
}

}  // namespace

std::optional<std::int32_t> parse_i32(std::string_view text) noexcept { return parse<std::int32_t>(text); }
std::optional<std::int64_t> parse_i64(std::string_view text) noexcept { return parse<std::int64_t>(text); }

bool parse_boolean(std::string_view text) noexcept {
  constexpr std::string_view kTrue = "true";
  if (text.size() != kTrue.size()) return false;
  for (std::size_t index = 0; index < kTrue.size(); ++index) {
    if ((text[index] | 0x20) != kTrue[index]) return false;
  }
  return true;
}

std::optional<std::string_view> FieldReader::required(std::string_view name) {
  const auto value = fields_.find(name);
  if (value && !value->empty()) return value;
  if (ok()) error_ = missing(name);
  return std::nullopt;
}

std::string_view FieldReader::text(std::string_view name) { return required(name).value_or(std::string_view()); }

std::string_view FieldReader::text_or(std::string_view name, std::string_view fallback) const noexcept {
  const auto value = fields_.find(name);
  return value && !value->empty() ? *value : fallback;
}

std::int32_t FieldReader::i32(std::string_view name) { return required(name) ? i32_or(name, 0) : 0; }

std::int32_t FieldReader::i32_or(std::string_view name, std::int32_t fallback) {
  const std::string_view value = text_or(name, {});
  if (value.empty()) return fallback;
  const auto number = parse_i32(value);
  if (!number && ok()) error_ = not_a_number(name, value, 32);
  return number.value_or(fallback);
}

std::int64_t FieldReader::i64(std::string_view name) { return required(name) ? i64_or(name, 0) : 0; }

std::int64_t FieldReader::i64_or(std::string_view name, std::int64_t fallback) {
  const std::string_view value = text_or(name, {});
  if (value.empty()) return fallback;
  const auto number = parse_i64(value);
  if (!number && ok()) error_ = not_a_number(name, value, 64);
  return number.value_or(fallback);
}

bool FieldReader::boolean(std::string_view name) {
  const auto value = required(name);
  return value && parse_boolean(*value);
}

bool FieldReader::boolean_or(std::string_view name, bool fallback) const noexcept {
  const std::string_view value = text_or(name, {});
  return value.empty() ? fallback : parse_boolean(value);
}

}  // namespace tenon::remoting
