// SPDX-License-Identifier: Apache-2.0
#include "fastjson/value.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "fastjson/number_text.hpp"

namespace tenon::fastjson {
namespace {

template <class Number>
std::optional<Number> number_of(std::string_view text) noexcept {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

/// A real without fraction that is in the range of 64 bits.
std::optional<std::int64_t> whole(double number) noexcept {
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (!(number >= -kLimit && number < kLimit) || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace

// All here and not in the class, because Member is complete only behind it.
Value::Value() noexcept = default;
Value::Value(std::nullptr_t) noexcept {}
Value::Value(bool value) noexcept : data_(value) {}
Value::Value(std::int64_t value) noexcept : data_(value) {}
Value::Value(std::int32_t value) noexcept : data_(std::int64_t{value}) {}
Value::Value(double value) noexcept : data_(value) {}
Value::Value(std::string value) noexcept : data_(std::move(value)) {}
Value::Value(std::string_view value) : data_(std::string(value)) {}
Value::Value(const char* value) : data_(std::string(value)) {}
Value::Value(Array elements) noexcept : data_(std::move(elements)) {}
Value::Value(Object members) noexcept : data_(std::move(members)) {}
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

bool operator==(const Value& left, const Value& right) noexcept { return left.data_ == right.data_; }

std::optional<std::int64_t> Value::as_i64() const noexcept {
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) return *integer;
  if (const auto* real = std::get_if<double>(&data_)) return whole(*real);
  if (const auto* string = std::get_if<std::string>(&data_)) return number_of<std::int64_t>(*string);
  return std::nullopt;
}

std::optional<std::int32_t> Value::as_i32() const noexcept {
  const auto number = as_i64();
  if (!number || *number < std::numeric_limits<std::int32_t>::min() ||
      *number > std::numeric_limits<std::int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int32_t>(*number);
}

std::optional<double> Value::as_double() const noexcept {
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*integer);
  if (const auto* real = std::get_if<double>(&data_)) return *real;
  if (const auto* string = std::get_if<std::string>(&data_)) return number_of<double>(*string);
  return std::nullopt;
}

std::optional<bool> Value::as_bool() const noexcept {
  if (const auto* boolean = std::get_if<bool>(&data_)) return *boolean;
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) return *integer != 0;
  const auto text = as_string();
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::string_view> Value::as_string() const noexcept {
  const auto* string = std::get_if<std::string>(&data_);
  return string == nullptr ? std::nullopt : std::optional<std::string_view>(*string);
}

std::optional<std::string> Value::as_text() const {
  if (const auto* string = std::get_if<std::string>(&data_)) return *string;
  if (const auto* boolean = std::get_if<bool>(&data_)) return std::string(*boolean ? "true" : "false");
  if (const auto* integer = std::get_if<std::int64_t>(&data_)) return std::to_string(*integer);
  if (const auto* real = std::get_if<double>(&data_)) return real_text(*real);
  return std::nullopt;
}

const Value::Array& Value::elements() const noexcept {
  static const Array kNone;
  const auto* array = std::get_if<Array>(&data_);
  return array == nullptr ? kNone : *array;
}

const Value::Object& Value::members() const noexcept {
  static const Object kNone;
  const auto* object = std::get_if<Object>(&data_);
  return object == nullptr ? kNone : *object;
}

const Value* Value::find(std::string_view key) const noexcept {
  const Object& all = members();
  for (auto member = all.rbegin(); member != all.rend(); ++member) {
    if (const auto* name = std::get_if<std::string>(&member->key.data_)) {
      if (*name == key) return &member->value;
    } else if (const auto* number = std::get_if<std::int64_t>(&member->key.data_)) {
      if (number_of<std::int64_t>(key) == *number) return &member->value;
    }
  }
  return nullptr;
}

std::int64_t Value::i64_or(std::string_view key, std::int64_t fallback) const noexcept {
  const Value* value = find(key);
  return value == nullptr ? fallback : value->as_i64().value_or(fallback);
}
std::int32_t Value::i32_or(std::string_view key, std::int32_t fallback) const noexcept {
  const Value* value = find(key);
  return value == nullptr ? fallback : value->as_i32().value_or(fallback);
}
bool Value::bool_or(std::string_view key, bool fallback) const noexcept {
  const Value* value = find(key);
  return value == nullptr ? fallback : value->as_bool().value_or(fallback);
}
double Value::double_or(std::string_view key, double fallback) const noexcept {
  const Value* value = find(key);
  return value == nullptr ? fallback : value->as_double().value_or(fallback);
}
std::string Value::text_or(std::string_view key, std::string_view fallback) const {
  const Value* value = find(key);
  auto text = value == nullptr ? std::nullopt : value->as_text();
  return text ? *std::move(text) : std::string(fallback);
}

Value& Value::push_back(Value element) {
  if (is_null()) data_ = Array();
  return std::get<Array>(data_).emplace_back(std::move(element));
}

Value& Value::add(Value key, Value value) {
  if (is_null()) data_ = Object();
  return std::get<Object>(data_).emplace_back(Member{std::move(key), std::move(value)}).value;
}

}  // namespace tenon::fastjson
