// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql92/lexer.hpp"
#include "sql92/operand.hpp"
#include "sql92/program_builder.hpp"
#include "tenon/error.hpp"

namespace tenon::sql92 {

/// Reads one expression by recursive descent and emits its program on the way. One method a rule of the grammar:
///
///     or         := and { OR and }
///     and        := equality { AND equality }
///     equality   := comparison { (= | <>) comparison | IS [NOT] NULL }
///     comparison := unary { (> | >= | < | <=) unary | [NOT] (CONTAINS | STARTSWITH | ENDSWITH) string
///                         | [NOT] BETWEEN unary AND unary | [NOT] IN ( string {, string} ) }
///     unary      := (+ | - | NOT) unary | literal | name | ( or )
///
/// One token is read ahead, as RocketMQ's parser does. Internal to compile().
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text), token_(lexer_.next()) {}

  Program parse();

  /// Ends the parse; caught by compile().
  struct Mistake {
    std::size_t offset;
    std::string reason;
  };

 private:
  using Kind = TokenKind;

  Operand parse_or();
  Operand parse_and();
  Operand parse_equality();
  Operand parse_comparison();
  Operand parse_unary();
  Operand parse_primary();
  Operand parse_parentheses();
  static Value parse_number(const Token& token);

  Operand parse_equal(const Operand& left, bool negated);
  Operand parse_is_null(const Operand& left);
  Operand parse_relation(const Operand& left, Operation operation);
  Operand parse_negatable(const Operand& left, bool negated);
  Operand parse_between(const Operand& left, bool negated);
  Operand parse_in(const Operand& left, bool negated);
  Operand parse_text_match(const Operand& left, TextMatch::Where where, bool negated);

  /// Leaves the part's truth on the stack, or complains.
  void make_condition(const Operand& operand);
  void check_magnitude(const Operand& operand) const;

  /// Takes the token if it is of this kind.
  bool accept(Kind kind);
  Token expect(Kind kind, std::string_view what);
  std::string expect_string();
  void advance() { token_ = lexer_.next(); }
  Operand condition_at(const Operand& operand) const { return {Operand::Kind::condition, operand.offset}; }
  [[noreturn]] void fail_expecting(std::string_view what) const;
  [[noreturn]] static void fail(std::size_t offset, std::string reason);

  std::string_view text_;
  Lexer lexer_;
  Token token_;  ///< The one ahead.
  ProgramBuilder program_;
  std::size_t depth_ = 0;
};

}  // namespace tenon::sql92
