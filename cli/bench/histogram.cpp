// SPDX-License-Identifier: Apache-2.0
#include "bench/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace tenon::bench {

std::int64_t Histogram::upper_bound_of(std::size_t index) noexcept {
  constexpr std::size_t steps = std::size_t{1} << kStepBits;
  if (index < steps) return static_cast<std::int64_t>(index);
  const std::size_t power = (index >> kStepBits) - 1;
  const std::size_t step = (index & (steps - 1)) + steps;
  return static_cast<std::int64_t>(((step + 1) << power) - 1);
}

std::int64_t Histogram::percentile_ns(double fraction) const noexcept {
  if (total_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(total_)));
  const std::uint64_t rank = std::clamp<std::uint64_t>(wanted, 1, total_);
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < kBuckets; ++index) {
    seen += counts_[index];
    if (seen >= rank) return std::min(upper_bound_of(index), max_);
  }
  return max_;
}

}  // namespace tenon::bench
