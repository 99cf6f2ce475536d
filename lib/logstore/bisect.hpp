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

}  // namespace tenon::logstore
