// SPDX-License-Identifier: Apache-2.0
#include "sql92/program.hpp"

#include <algorithm>
#include <array>

#include "sql92/compare.hpp"

namespace tenon::sql92 {
namespace {

/// Properties that are looked up together, in one walk over the block; further ones are searched when needed.
constexpr std::size_t kBoundMax = 16;

Value negative(const Value& value) noexcept {
  switch (value.kind) {
    case Value::Kind::int32:
      return Value::of_int32(static_cast<std::int32_t>(-value.integer));
    case Value::Kind::int64:
      return Value::of_int64(-value.integer);
    case Value::Kind::real:
      return Value::of_real(-value.real);
    default:
      return Value::of_null();
  }
}

Value conjunction(const Value& left, const Value& right) noexcept {
  if (left.is_false() || right.is_false()) return Value::of_boolean(false);
  return left.is_null() || right.is_null() ? Value::of_null() : Value::of_boolean(true);
}

Value disjunction(const Value& left, const Value& right) noexcept {
  if (left.is_true() || right.is_true()) return Value::of_boolean(true);
  return left.is_null() || right.is_null() ? Value::of_null() : Value::of_boolean(false);
}

/// The result of a comparison in place of its two operands. False: RocketMQ throws.
bool equal(Value& left, const Value& right) noexcept {
  if (left.is_null() && !right.is_null()) return true;  // NULL
  if (left.is_null() || right.is_null()) {
    left = Value::of_boolean(left.is_null());
    return true;
  }
  const Order order = compare(left, right);
  left = Value::of_boolean(order == Order::equal);
  return order != Order::not_a_value;
}

bool in_order(Operation operation, Order order) noexcept {
  switch (operation) {
    case Operation::less:
      return order == Order::less;
    case Operation::less_equal:
      return order == Order::less || order == Order::equal;
    case Operation::greater:
      return order == Order::greater;
    default:
      return order == Order::greater || order == Order::equal;
  }
}

bool relate(Operation operation, Value& left, const Value& right) noexcept {
  if (left.is_null() || right.is_null()) {
    left = Value::of_null();
    return true;
  }
  const Order order = compare_magnitude(left, right);
  left = Value::of_boolean(in_order(operation, order));
  return order != Order::not_a_value;
}

Value is_member(const Value& value, const std::vector<std::string_view>& set) noexcept {
  if (!value.is_text()) return Value::of_null();
  return Value::of_boolean(std::ranges::binary_search(set, value.text()));
}

bool occurs(const TextMatch& match, std::string_view text) noexcept {
  switch (match.where) {
    case TextMatch::Where::at_start:
      return text.starts_with(match.searched);
    case TextMatch::Where::at_end:
      return text.ends_with(match.searched);
    default:
      return text.find(match.searched) != std::string_view::npos;
  }
}

/// No text to search in or for: FALSE, also when negated.
Value matches(const Value& value, const TextMatch& match) noexcept {
  if (!value.is_text() || match.searched.empty()) return Value::of_boolean(false);
  return Value::of_boolean(occurs(match, value.text()) != match.negated);
}

/// Takes the value's text off what may still be looked at; false when that is used up.
bool may_look_at(const Value& value, std::int64_t& text_left) noexcept {
  if (value.is_text()) text_left -= value.size;
  return text_left >= 0;
}

Verdict verdict_of(const Value& value) noexcept {
  return value.is_null() ? Verdict::unknown : value.boolean ? Verdict::yes : Verdict::no;
}

}  // namespace

std::string_view name_of(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"true", "false", "null", "eval-error"};
  return kNames[static_cast<std::size_t>(verdict)];
}

/// Applies what needs nothing but the stack and the program's tables. False: RocketMQ throws.
inline bool Program::apply(const Step& step, Value*& top, std::int64_t& text_left) const noexcept {
  switch (step.operation) {
    case Operation::negate:
      *top = negative(*top);
      return true;
    case Operation::as_condition:
      if (!top->is_null() && top->kind != Value::Kind::boolean) *top = Value::of_boolean(false);
      return true;
    case Operation::logical_not:
      top->boolean = !top->boolean;
      return true;
    case Operation::logical_and:
      --top;
      *top = conjunction(top[0], top[1]);
      return true;
    case Operation::logical_or:
      --top;
      *top = disjunction(top[0], top[1]);
      return true;
    case Operation::is_null:
      *top = Value::of_boolean(top->is_null());
      return true;
    case Operation::equal:
      --top;
      return may_look_at(top[0], text_left) && may_look_at(top[1], text_left) && equal(top[0], top[1]);
    case Operation::in_set:
      *top = is_member(*top, sets_[step.argument]);
      return true;
    case Operation::match_text:
      if (!may_look_at(*top, text_left)) return false;
      *top = matches(*top, matches_[step.argument]);
      return true;
    default:
      --top;
      if (!may_look_at(top[0], text_left) || !may_look_at(top[1], text_left)) return false;
      return relate(step.operation, top[0], top[1]);
  }
}

template <class Lookup>
Verdict Program::run(const Lookup& lookup) const noexcept {
  Value stack[kStackMax + 1];  // the first is never used
  Value* top = stack;
  std::int64_t text_left = kTextBytesMax;
  const Step* step = steps_.data();
  const Step* const end = step + steps_.size();
  const auto target = [&] { return steps_.data() + step->argument; };
  while (step != end) {
    const Step* next = step + 1;
    switch (step->operation) {
      case Operation::push_constant:
        *++top = constants_[step->argument];
        break;
      case Operation::push_property:
        *++top = lookup(step->argument);
        break;
      case Operation::duplicate:
        ++top;
        top[0] = top[-1];
        break;
      case Operation::jump_if_null:
        if (top->is_null()) next = target();
        break;
      case Operation::jump_if_false:
        if (top->is_false()) next = target();
        break;
      case Operation::jump_if_true:
        if (top->is_true()) next = target();
        break;
      case Operation::decide_between:
      case Operation::decide_not_between:
        std::swap(top[0], top[-1]);
        if (step->operation == Operation::decide_between ? top[-1].is_false() : top[-1].is_true()) {
          --top;
          next = target();
        }
        break;
      default:
        if (!apply(*step, top, text_left)) return Verdict::error;
        break;
    }
    step = next;
  }
  return verdict_of(*top);
}

Verdict Program::evaluate(std::span<const std::optional<std::string_view>> values) const noexcept {
  return run([&](std::uint32_t index) { return values[index] ? Value::of_text(*values[index]) : Value::of_null(); });
}

Verdict Program::evaluate(const PropertiesView& properties) const noexcept {
  std::array<std::string_view, kBoundMax> bound;  // an empty value does not exist
  const std::size_t count = std::min(names_.size(), kBoundMax);
  properties.for_each_entry([&](std::string_view entry) {
    for (std::size_t index = 0; index < count; ++index) {
      const std::string_view value = PropertiesView::value_if(entry, names_[index]);
      if (!value.empty()) bound[index] = value;
    }
  });
  return run([&](std::uint32_t index) {
    const auto value = index < kBoundMax ? bound[index] : properties.find(names_[index]).value_or(std::string_view{});
    return value.empty() ? Value::of_null() : Value::of_text(value);
  });
}

}  // namespace tenon::sql92
