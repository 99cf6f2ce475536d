// SPDX-License-Identifier: Apache-2.0
#include "offset_bits.hpp"

#include <algorithm>
#include <bit>

namespace tenon::transaction {

void OffsetBits::reset(std::int64_t begin) {
  begin_ = begin;
  count_ = 0;
  words_.clear();
}

bool OffsetBits::test(std::int64_t offset) const noexcept {
  const std::size_t word = word_of(offset);
  return word < words_.size() && (words_[word] & bit_of(offset)) != 0;
}

void OffsetBits::set(std::int64_t offset) {
  const std::size_t word = word_of(offset);
  if (word >= words_.size()) words_.resize(word + 1);
  if ((words_[word] & bit_of(offset)) != 0) return;
  words_[word] |= bit_of(offset);
  ++count_;
}

void OffsetBits::drop_below(std::int64_t begin) {
  if (begin <= begin_) return;
  const std::size_t whole = std::min(word_of(begin), words_.size());
  for (std::size_t word = 0; word < whole; ++word) count_ -= std::popcount(words_[word]);
  words_.erase(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(whole));
  begin_ = begin;
  if (words_.empty()) return;
  const std::uint64_t below = bit_of(begin) - 1;
  count_ -= std::popcount(words_.front() & below);
  words_.front() &= ~below;
}

std::int64_t OffsetBits::first_clear(std::int64_t from, std::int64_t end) const noexcept {
  while (from < end) {
    const std::size_t word = word_of(from);
    if (word >= words_.size()) return from;
    const std::uint64_t set = words_[word] | (bit_of(from) - 1);
    const int zeros_at = std::countr_one(set);
    if (zeros_at < 64) return std::min((from & ~std::int64_t{63}) + zeros_at, end);
    from = (from & ~std::int64_t{63}) + 64;
  }
  return end;
}

}  // namespace tenon::transaction
