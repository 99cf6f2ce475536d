// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tenon::remoting {

/// The number of the eight bytes at `at`, if all are digits. Three multiplications join neighbours: digits to numbers
/// of two, those to numbers of four, those to the whole. (Where the first digit is not the lowest byte nobody is
/// served.)
inline bool eight_digits(const char* at, std::uint64_t& number) noexcept {
  if constexpr (std::endian::native != std::endian::little) return false;
  std::uint64_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0, kZeros = 0x3030303030303030, kBeyondNine = 0x0606060606060606;
  if ((bytes & kHigh) != kZeros || ((bytes + kBeyondNine) & kHigh) != kZeros) return false;
  bytes = (bytes - kZeros) * (1 + (10ULL << 8)) >> 8 & 0x00FF00FF00FF00FF;
  bytes = bytes * (1 + (100ULL << 16)) >> 16 & 0x0000FFFF0000FFFF;
  number = bytes * (1 + (10'000ULL << 32)) >> 32;
  return true;
}

/// The number of the decimal digits at `at`, which moves behind them. At most 18 are taken, so nothing can overflow:
/// who finds another digit behind them reads the number in a slower way.
[[gnu::always_inline]] inline std::int64_t take_digits(const char*& at, const char* end) noexcept {
  constexpr std::ptrdiff_t kSafe = 18;
  if (end - at > kSafe) end = at + kSafe;
  std::uint64_t number = 0;
  for (std::uint64_t eight; end - at >= 8 && eight_digits(at, eight); at += 8) number = number * 100'000'000 + eight;
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) break;
    number = number * 10 + digit;
  }
  return static_cast<std::int64_t>(number);
}

}  // namespace tenon::remoting
