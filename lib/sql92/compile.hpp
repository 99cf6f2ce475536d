// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "sql92/program.hpp"
#include "tenon/error.hpp"

namespace tenon::sql92 {

/// Bounds of an expression. RocketMQ has none and runs out of stack at about 900 parentheses.
inline constexpr std::size_t kExpressionBytesMax = 64 * 1024;
/// Parentheses, signs and NOTs that may stand around a value.
inline constexpr std::size_t kNestingMax = 512;

/// Compiles an expression as RocketMQ 5.4 does, what it lets pass included: text behind the first token that cannot
/// continue the expression is ignored. docs/reference/sql92.md has the language.
///
/// Error: subscription_parse_failed; the message says line and column, both from 1 (a column is a character), and what
/// was expected or what is wrong there. Threads: any.
/// Source: RocketMQ SelectorParser.jj, ComparisonExpression.java; ../shared/reference/broker-semantics.md 7.2, 7.3.
Result<Program> compile(std::string_view expression);

}  // namespace tenon::sql92
