// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace tenon::bench {

/// Log-linear histogram of latencies: 64 linear steps per power of two, so a percentile is exact to 1.6 %.
/// Values in nanoseconds, up to 2^42 (73 minutes); larger ones count as the largest.
/// Threads: one. Never allocates.
class Histogram {
 public:
  void record(std::int64_t ns) noexcept {
    ++counts_[index_of(ns < 0 ? 0 : static_cast<std::uint64_t>(ns))];
    ++total_;
    if (ns > max_) max_ = ns;
  }
  void clear() noexcept { *this = Histogram{}; }
  std::uint64_t count() const noexcept { return total_; }
  std::int64_t max_ns() const noexcept { return max_; }
  /// The value that `fraction` (0..1) of all recorded values do not exceed, rounded up to its step. 0 when empty.
  std::int64_t percentile_ns(double fraction) const noexcept;

 private:
  static constexpr unsigned kStepBits = 6;
  static constexpr unsigned kPowers = 42 - kStepBits;
  static constexpr std::size_t kBuckets = (kPowers + 1) << kStepBits;

  static std::size_t index_of(std::uint64_t value) noexcept {
    if (value < (1U << kStepBits)) return value;
    const unsigned power = static_cast<unsigned>(std::bit_width(value)) - 1 - kStepBits;  // 0 for 64..127
    const std::size_t index =
        (static_cast<std::size_t>(power + 1) << kStepBits) + ((value >> power) & ((1U << kStepBits) - 1));
    return index < kBuckets ? index : kBuckets - 1;
  }
  static std::int64_t upper_bound_of(std::size_t index) noexcept;

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t total_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace tenon::bench
