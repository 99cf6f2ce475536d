// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "sql92/token.hpp"

namespace tenon::sql92 {

/// Cuts an expression into tokens, the longest match first, as RocketMQ's generated lexer does:
///
/// - keywords are ASCII, in any case; names are `[A-Za-z_$][A-Za-z0-9_$]*`;
/// - `0` is a whole integer, so `01` and `0L` are two tokens; `12L` is one; `1.`, `.5`, `1e3` are reals;
/// - strings stand in single quotes, `''` inside is one quote, a backslash is itself;
/// - `--` begins a comment only if its line ends, else it is two minus signs; `/*` ends at the first `*/`.
///
/// Reads no further than the token asked for: text behind the end of an expression may be anything.
/// Source: RocketMQ SelectorParser.jj; ../shared/reference/broker-semantics.md 7.2.
class Lexer {
 public:
  explicit Lexer(std::string_view text) noexcept : text_(text) {}

  /// The next token; `end` or `illegal` for ever once one of them came.
  Token next() noexcept;

 private:
  std::string_view rest() const noexcept { return text_.substr(at_); }
  void skip_blanks_and_comments() noexcept;
  Token take(TokenKind kind, std::size_t length) noexcept;

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace tenon::sql92
