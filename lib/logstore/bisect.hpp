// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tenon/error.hpp"

namespace tenon::logstore {

/// The first of [low, high) for which `is_below`, which is true up to somewhere and false from there on, is false;
/// `high` if there is none. `is_below` returns a Result<bool>. Error: the first of its errors.
template <class IsBelow>
Result<std::int64_t> first_not(std::int64_t low, std::int64_t high, const IsBelow& is_below) {
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const Result<bool> below = is_below(middle);
    if (!below) return below.error();
    if (*below) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/// The same where some positions say nothing of where the others lie: `next(at, until)` is the first from `at` on that
/// says something, `until` if there is none; a Result. What says nothing is looked at once.
template <class Next, class IsBelow>
Result<std::int64_t> first_not(std::int64_t low, std::int64_t high, const Next& next, const IsBelow& is_below) {
  std::int64_t first = high;
  for (std::int64_t middle = low; low < high; middle = low + (high - low) / 2) {
    const Result<std::int64_t> at = next(middle, high);
    if (!at) return at.error();
    const Result<bool> below = *at < high ? is_below(*at) : Result<bool>(false);
    if (!below) return below.error();
    if (*below) {
      low = *at + 1;
    } else {
      if (*at < high) first = *at;
      high = middle;
    }
  }
  return first;
}

}  // namespace tenon::logstore
