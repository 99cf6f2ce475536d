// SPDX-License-Identifier: Apache-2.0
#include "sql92/parser.hpp"

#include <charconv>
#include <cmath>

#include "sql92/compare.hpp"
#include "sql92/compile.hpp"
#include "sql92/java_number.hpp"
#include "tenon/text.hpp"

namespace tenon::sql92 {
namespace {

/// What a string token says: without its quotes, two quotes inside being one.
std::string unquoted(std::string_view token) {
  std::string text;
  const std::string_view inner = token.substr(1, token.size() - 2);
  for (std::size_t at = 0; at < inner.size(); ++at) {
    text.push_back(inner[at]);
    if (inner[at] == '\'') ++at;
  }
  return text;
}

std::optional<Operation> relation_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::less:
      return Operation::less;
    case TokenKind::less_equal:
      return Operation::less_equal;
    case TokenKind::greater:
      return Operation::greater;
    case TokenKind::greater_equal:
      return Operation::greater_equal;
    default:
      return std::nullopt;
  }
}

bool is_negatable(TokenKind kind) {
  return kind == TokenKind::word_between || kind == TokenKind::word_in || kind == TokenKind::word_contains ||
         kind == TokenKind::word_starts_with || kind == TokenKind::word_ends_with;
}

/// Counts one level of nesting while it lives.
class Level {
 public:
  explicit Level(std::size_t& depth) : depth_(++depth) {}
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  ~Level() { --depth_; }

 private:
  std::size_t& depth_;
};

}  // namespace

void Parser::fail(std::size_t offset, std::string reason) { throw Mistake{offset, std::move(reason)}; }

void Parser::fail_expecting(std::string_view what) const {
  if (token_.kind == Kind::end) fail(token_.offset, text("expected ", what, ", found the end of the expression"));
  if (token_.kind != Kind::illegal)
    fail(token_.offset, text("expected ", what, ", found '", token_.text.substr(0, 40), "'"));
  const char first = token_.text.front();
  if (first == '\'') fail(token_.offset, "this string has no closing quote");
  if (text_.substr(token_.offset).starts_with("/*")) fail(token_.offset, "this comment has no end");
  fail(token_.offset, "no token begins with this character");
}

bool Parser::accept(Kind kind) {
  if (token_.kind != kind) return false;
  advance();
  return true;
}

Token Parser::expect(Kind kind, std::string_view what) {
  if (token_.kind != kind) fail_expecting(what);
  const Token taken = token_;
  advance();
  return taken;
}

std::string Parser::expect_string() { return unquoted(expect(Kind::string, "a string in single quotes").text); }

Program Parser::parse() {
  make_condition(parse_or());
  // What follows is ignored, but it must be a token: RocketMQ has read one ahead.
  if (token_.kind == Kind::illegal) fail_expecting("the end");
  if (program_.stack_max() > Program::kStackMax) fail(0, "this has too many operands that wait for others");
  return std::move(program_).finish();
}

void Parser::make_condition(const Operand& operand) {
  if (operand.gives_truth()) return;
  if (operand.kind == Operand::Kind::property) return program_.apply(Operation::as_condition);
  fail(operand.offset, "expected a condition: this has a value, but is neither true nor false");
}

Operand Parser::parse_or() {
  const Operand first = parse_and();
  if (token_.kind != Kind::word_or) return first;
  make_condition(first);
  std::vector<std::size_t> decided;
  while (accept(Kind::word_or)) {
    decided.push_back(program_.jump(Operation::jump_if_true));
    make_condition(parse_and());
    program_.apply(Operation::logical_or);
  }
  for (const std::size_t step : decided) program_.land(step);
  return condition_at(first);
}

Operand Parser::parse_and() {
  const Operand first = parse_equality();
  if (token_.kind != Kind::word_and) return first;
  make_condition(first);
  std::vector<std::size_t> decided;
  while (accept(Kind::word_and)) {
    decided.push_back(program_.jump(Operation::jump_if_false));
    make_condition(parse_equality());
    program_.apply(Operation::logical_and);
  }
  for (const std::size_t step : decided) program_.land(step);
  return condition_at(first);
}

Operand Parser::parse_equality() {
  Operand left = parse_comparison();
  while (true) {
    if (accept(Kind::equal)) {
      left = parse_equal(left, false);
    } else if (accept(Kind::not_equal)) {
      left = parse_equal(left, true);
    } else if (accept(Kind::word_is)) {
      left = parse_is_null(left);
    } else {
      return left;
    }
  }
}

Operand Parser::parse_equal(const Operand& left, bool negated) {
  constexpr std::string_view kNullIsNotCompared = "NULL cannot be compared: use IS NULL or IS NOT NULL";
  if (left.is_null_literal()) fail(left.offset, std::string(kNullIsNotCompared));
  const Operand right = parse_comparison();
  if (right.is_null_literal()) fail(right.offset, std::string(kNullIsNotCompared));
  if (left.is_truth_literal() && right.is_literal() && !right.is_truth_literal()) {
    fail(right.offset, "TRUE or FALSE cannot be compared with this literal");
  }
  program_.apply(Operation::equal);
  if (negated) program_.apply(Operation::logical_not);
  return condition_at(left);
}

Operand Parser::parse_is_null(const Operand& left) {
  const bool negated = accept(Kind::word_not);
  expect(Kind::word_null, negated ? "NULL behind IS NOT" : "NULL or NOT NULL behind IS");
  program_.apply(Operation::is_null);
  if (negated) program_.apply(Operation::logical_not);
  return condition_at(left);
}

Operand Parser::parse_comparison() {
  Operand left = parse_unary();
  while (true) {
    if (const auto relation = relation_of(token_.kind)) {
      left = parse_relation(left, *relation);
    } else if (accept(Kind::word_not)) {
      left = parse_negatable(left, true);
    } else if (is_negatable(token_.kind)) {
      left = parse_negatable(left, false);
    } else {
      return left;
    }
  }
}

void Parser::check_magnitude(const Operand& operand) const {
  const bool fits = operand.is_literal() ? operand.literal.is_number() : operand.kind != Operand::Kind::condition;
  if (!fits) fail(operand.offset, "this cannot be compared as greater or less: expected a property or a number");
}

Operand Parser::parse_relation(const Operand& left, Operation operation) {
  check_magnitude(left);
  advance();
  const std::size_t left_decides = program_.jump(Operation::jump_if_null);
  check_magnitude(parse_unary());
  program_.apply(operation);
  program_.land(left_decides);
  return condition_at(left);
}

Operand Parser::parse_negatable(const Operand& left, bool negated) {
  if (accept(Kind::word_between)) return parse_between(left, negated);
  if (accept(Kind::word_in)) return parse_in(left, negated);
  if (accept(Kind::word_contains)) return parse_text_match(left, TextMatch::Where::anywhere, negated);
  if (accept(Kind::word_starts_with)) return parse_text_match(left, TextMatch::Where::at_start, negated);
  if (accept(Kind::word_ends_with)) return parse_text_match(left, TextMatch::Where::at_end, negated);
  fail_expecting("BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH behind NOT");
}

// The value is left on the stack once: it is compared twice, and gives the same both times.
Operand Parser::parse_between(const Operand& value, bool negated) {
  check_magnitude(value);
  const std::size_t value_decides = program_.jump(Operation::jump_if_null);
  program_.apply(Operation::duplicate);
  const Operand lower = parse_unary();
  check_magnitude(lower);
  program_.apply(negated ? Operation::less : Operation::greater_equal);
  const std::size_t lower_decides = program_.jump(negated ? Operation::decide_not_between : Operation::decide_between);
  expect(Kind::word_and, "AND between the bounds of BETWEEN");
  const Operand upper = parse_unary();
  check_magnitude(upper);
  if (!negated && lower.is_number() && upper.is_number() && compare(upper.literal, lower.literal) == Order::less) {
    fail(upper.offset, "the upper bound of BETWEEN is less than the lower one");
  }
  program_.apply(negated ? Operation::greater : Operation::less_equal);
  program_.apply(negated ? Operation::logical_or : Operation::logical_and);
  program_.land(value_decides);
  program_.land(lower_decides);
  return condition_at(value);
}

Operand Parser::parse_in(const Operand& left, bool negated) {
  if (left.kind != Operand::Kind::property) fail(left.offset, "expected a property in front of IN");
  expect(Kind::open, "'(' behind IN");
  std::vector<std::string> members;
  do {
    members.push_back(expect_string());
  } while (accept(Kind::comma));
  expect(Kind::close, "',' or ')' in the list of IN");
  program_.in_set(members);
  if (negated) program_.apply(Operation::logical_not);
  return condition_at(left);
}

Operand Parser::parse_text_match(const Operand& left, TextMatch::Where where, bool negated) {
  program_.match_text(where, negated, expect_string());
  return condition_at(left);
}

Operand Parser::parse_unary() {
  if (depth_ >= kNestingMax) {
    fail(token_.offset, text("nested deeper than ", kNestingMax, " parentheses, signs and NOTs"));
  }
  const Level level(depth_);
  const std::size_t offset = token_.offset;
  if (accept(Kind::plus)) return parse_unary();
  if (accept(Kind::minus)) {
    parse_unary();
    program_.apply(Operation::negate);
    return {Operand::Kind::negative, offset};
  }
  if (accept(Kind::word_not)) {
    make_condition(parse_unary());
    program_.apply(Operation::logical_not);
    return {Operand::Kind::condition, offset};
  }
  return parse_primary();
}

Operand Parser::parse_primary() {
  const Token token = token_;
  const auto literal = [&](const Value& value) {
    advance();
    program_.constant(value);
    return Operand{Operand::Kind::literal, token.offset, value};
  };
  switch (token.kind) {
    case Kind::word_true:
      return literal(Value::of_boolean(true));
    case Kind::word_false:
      return literal(Value::of_boolean(false));
    case Kind::word_null:
      return literal(Value::of_null());
    case Kind::integer:
    case Kind::real:
      return literal(parse_number(token));
    case Kind::string:
      advance();
      program_.constant_text(unquoted(token.text));
      return {Operand::Kind::literal, token.offset, Value::of_text({})};
    case Kind::identifier:
      advance();
      program_.property(token.text);
      return {Operand::Kind::property, token.offset};
    case Kind::open:
      return parse_parentheses();
    default:
      fail_expecting("a property, a literal or '('");
  }
}

Operand Parser::parse_parentheses() {
  expect(Kind::open, "'('");
  const Operand inner = parse_or();
  expect(Kind::close, "')'");
  return inner;
}

Value Parser::parse_number(const Token& token) {
  if (token.kind == Kind::real) {
    const auto number = parse_java_double(token.text);
    if (!number || *number == 0 || std::isinf(*number))
      fail(token.offset, "this number is too large or too small for a double");
    return Value::of_real(*number);
  }
  std::string_view digits = token.text;
  if (digits.ends_with('l') || digits.ends_with('L')) digits.remove_suffix(1);
  if (const auto number = parse_java_int(digits)) return Value::of_int32(*number);
  if (const auto number = parse_java_long(digits)) return Value::of_int64(*number);
  fail(token.offset, "this number does not fit into 64 bits");
}

}  // namespace tenon::sql92
