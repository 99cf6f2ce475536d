// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace tenon::sql92 {

enum class TokenKind {
  end,      ///< Nothing is left.
  illegal,  ///< What stands here is no token.
  identifier,
  integer,
  real,
  string,
  open,
  close,
  comma,
  plus,
  minus,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  word_not,
  word_and,
  word_or,
  word_between,
  word_in,
  word_true,
  word_false,
  word_null,
  word_is,
  word_contains,
  word_starts_with,
  word_ends_with,
};

/// One word of an expression. Borrows the expression's text; a string is with its quotes, not unescaped.
struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  std::size_t offset = 0;  ///< Where it begins, in bytes.
};

}  // namespace tenon::sql92
