// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql92/value.hpp"

namespace tenon::sql92 {

/// How two values stand to each other by RocketMQ's rules.
enum class Order {
  less,
  equal,
  greater,
  different,    ///< Of types that do not compare: not equal, and nothing else.
  not_a_value,  ///< Text that must be read as the other side's type and is not of it: RocketMQ throws.
};

/// Compares two values, neither of them NULL. Text is read as what the other side is: `int32`, `int64`, `real`, or
/// `boolean` if that stands on the right; numbers of two widths go to the wider; doubles are ordered totally (NaN
/// above everything and equal to itself, -0.0 below 0.0). Source: RocketMQ ComparisonExpression.java,
/// ../shared/golden/sql92/README.md.
Order compare(const Value& left, const Value& right) noexcept;

/// As compare(), but two texts are both read as doubles: what `<` and its kin do.
Order compare_magnitude(const Value& left, const Value& right) noexcept;

}  // namespace tenon::sql92
