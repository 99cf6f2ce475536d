// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

namespace tenon::transaction {

/// One bit for each offset from a beginning on, which only moves forward; bits beyond the last one set are 0.
/// Memory: the span between the beginning and the highest bit set, divided by eight. Threads: one at a time.
class OffsetBits {
 public:
  void reset(std::int64_t begin);
  std::int64_t begin() const noexcept { return begin_; }

  /// `offset` is not below begin().
  bool test(std::int64_t offset) const noexcept;
  void set(std::int64_t offset);
  /// Forgets what lies below.
  void drop_below(std::int64_t begin);
  /// The first offset at or above `from` (which is not below begin()) whose bit is 0; at most `end`.
  std::int64_t first_clear(std::int64_t from, std::int64_t end) const noexcept;
  /// How many bits are set.
  std::int64_t count() const noexcept { return count_; }

 private:
  std::size_t word_of(std::int64_t offset) const noexcept {
    return static_cast<std::size_t>((offset >> 6) - (begin_ >> 6));
  }
  static std::uint64_t bit_of(std::int64_t offset) noexcept { return std::uint64_t{1} << (offset & 63); }

  std::int64_t begin_ = 0;
  std::int64_t count_ = 0;
  std::deque<std::uint64_t> words_;  ///< The first one holds begin_.
};

}  // namespace tenon::transaction
