// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace tenon::fastjson {

struct Member;

/// One JSON value in memory, as RocketMQ's Java parts write them: members keep their order, and a key may be a string,
/// a number or a whole object. Numbers are whole (64 bits, exact) or real.
///
/// Reading is forgiving, as fastjson's is: a number may stand as a string and the other way round.
/// Ownership: a value owns all below it. Threads: like a standard container.
class Value {
 public:
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;

  Value() noexcept;  ///< null
  Value(std::nullptr_t) noexcept;
  Value(bool value) noexcept;
  Value(std::int64_t value) noexcept;
  Value(std::int32_t value) noexcept;
  Value(double value) noexcept;
  Value(std::string value) noexcept;
  Value(std::string_view value);
  Value(const char* value);
  Value(Array elements) noexcept;
  Value(Object members) noexcept;
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  bool is_null() const noexcept { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const noexcept { return std::holds_alternative<bool>(data_); }
  bool is_integer() const noexcept { return std::holds_alternative<std::int64_t>(data_); }
  bool is_real() const noexcept { return std::holds_alternative<double>(data_); }
  bool is_string() const noexcept { return std::holds_alternative<std::string>(data_); }
  bool is_array() const noexcept { return std::holds_alternative<Array>(data_); }
  bool is_object() const noexcept { return std::holds_alternative<Object>(data_); }

  /// A whole number: of a number without fraction, or a string that reads as one. Nothing otherwise, or if it does not
  /// fit.
  std::optional<std::int64_t> as_i64() const noexcept;
  std::optional<std::int32_t> as_i32() const noexcept;
  std::optional<double> as_double() const noexcept;
  /// Of a boolean, the strings "true" and "false", or a number (not 0).
  std::optional<bool> as_bool() const noexcept;
  /// The text of a string; nothing for any other kind.
  std::optional<std::string_view> as_string() const noexcept;
  /// A string as it is, a number or boolean as its text, nothing for null, arrays and objects.
  std::optional<std::string> as_text() const;

  /// Elements of an array, members of an object; empty for any other kind.
  const Array& elements() const noexcept;
  const Object& members() const noexcept;
  /// The value of the member with this key (string key, or number key with this text); nullptr if there is none or this
  /// is no object. Of several the last counts, as in a Java map.
  const Value* find(std::string_view key) const noexcept;

  /// Shortcuts through find(): the member's value, or `fallback` when it is missing, null or of no fitting kind.
  std::int64_t i64_or(std::string_view key, std::int64_t fallback) const noexcept;
  std::int32_t i32_or(std::string_view key, std::int32_t fallback) const noexcept;
  bool bool_or(std::string_view key, bool fallback) const noexcept;
  double double_or(std::string_view key, double fallback) const noexcept;
  std::string text_or(std::string_view key, std::string_view fallback) const;

  /// Appends to an array or object; a null value becomes one first.
  Value& push_back(Value element);
  Value& add(Value key, Value value);

  friend bool operator==(const Value& left, const Value& right) noexcept;

 private:
  friend class ReferenceResolver;
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

struct Member {
  Value key;
  Value value;
  friend bool operator==(const Member&, const Member&) noexcept = default;
};

}  // namespace tenon::fastjson
