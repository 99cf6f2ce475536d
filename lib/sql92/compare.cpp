// SPDX-License-Identifier: Apache-2.0
#include "sql92/compare.hpp"

#include <cmath>
#include <compare>
#include <optional>

#include "sql92/java_number.hpp"

namespace tenon::sql92 {
namespace {

using Kind = Value::Kind;

Order order_of(std::strong_ordering ordering) noexcept {
  return ordering < 0 ? Order::less : ordering > 0 ? Order::greater : Order::equal;
}

Order order_of_reals(double left, double right) noexcept {
  if (left < right) return Order::less;
  if (left > right) return Order::greater;
  if (std::isnan(left) || std::isnan(right)) return order_of(std::isnan(left) <=> std::isnan(right));
  return order_of(std::signbit(right) <=> std::signbit(left));
}

double real_of(const Value& number) noexcept {
  return number.kind == Kind::real ? number.real : static_cast<double>(number.integer);
}

Order order_of_numbers(const Value& left, const Value& right) noexcept {
  if (left.kind == Kind::real || right.kind == Kind::real) return order_of_reals(real_of(left), real_of(right));
  return order_of(left.integer <=> right.integer);
}

/// `text` as a number of the kind of `like`.
std::optional<Value> read_like(std::string_view text, const Value& like) noexcept {
  switch (like.kind) {
    case Kind::int32:
      if (const auto number = parse_java_int(text)) return Value::of_int32(*number);
      return std::nullopt;
    case Kind::int64:
      if (const auto number = parse_java_long(text)) return Value::of_int64(*number);
      return std::nullopt;
    default:
      if (const auto number = parse_java_double(text)) return Value::of_real(*number);
      return std::nullopt;
  }
}

Order compare_text_with_number(const Value& text, const Value& number) noexcept {
  const auto read = read_like(text.text(), number);
  return read ? order_of_numbers(*read, number) : Order::not_a_value;
}

Order reversed(Order order) noexcept {
  return order == Order::less ? Order::greater : order == Order::greater ? Order::less : order;
}

}  // namespace

Order compare(const Value& left, const Value& right) noexcept {
  if (left.is_text()) {
    if (right.is_text()) return order_of(left.text() <=> right.text());
    if (right.is_number()) return compare_text_with_number(left, right);
    return order_of(parse_java_boolean(left.text()) <=> right.boolean);
  }
  if (left.is_number()) {
    if (right.is_text()) return reversed(compare_text_with_number(right, left));
    return right.is_number() ? order_of_numbers(left, right) : Order::different;
  }
  if (right.is_text()) return Order::not_a_value;  // only text on the left is read as a boolean
  return right.is_number() ? Order::different : order_of(left.boolean <=> right.boolean);
}

Order compare_magnitude(const Value& left, const Value& right) noexcept {
  if (!left.is_text() || !right.is_text()) return compare(left, right);
  const auto left_number = parse_java_double(left.text());
  const auto right_number = parse_java_double(right.text());
  if (!left_number || !right_number) return Order::not_a_value;
  return order_of_reals(*left_number, *right_number);
}

}  // namespace tenon::sql92
