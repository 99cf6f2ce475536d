// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "sql92/value.hpp"

namespace tenon::sql92 {

/// What the parser knows of a part whose steps it has emitted: enough for the rules that hold before evaluation.
struct Operand {
  enum class Kind {
    literal,
    property,
    condition,  ///< Gives TRUE, FALSE or NULL.
    negative,   ///< Something with a minus sign, which hides what it is.
  };
  Kind kind;
  std::size_t offset;                ///< Where it begins in the expression.
  Value literal = Value::of_null();  ///< Of a literal.

  bool is_literal() const noexcept { return kind == Kind::literal; }
  bool is_number() const noexcept { return is_literal() && literal.is_number(); }
  bool is_null_literal() const noexcept { return is_literal() && literal.is_null(); }
  bool is_truth_literal() const noexcept { return is_literal() && literal.kind == Value::Kind::boolean; }
  bool gives_truth() const noexcept { return kind == Kind::condition || is_truth_literal() || is_null_literal(); }
};

}  // namespace tenon::sql92
