// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tenon::remoting {

/// The number of the decimal digits at `at`, eight at most, and how many they are. Eight bytes are looked at.
/// Three multiplications join neighbours: digits to numbers of two, those to numbers of four, those to the whole.
struct UpToEightDigits {
  explicit UpToEightDigits(const char* at) noexcept {
    std::memcpy(&number, at, sizeof number);
    number ^= 0x3030303030303030;  // digits are 0 to 9 now
    const std::uint64_t others = ((number + 0x7676767676767676) | number) & 0x8080808080808080;
    count = others == 0 ? 8 : std::countr_zero(others) / 8;
    number = count == 0 ? 0 : number << (64 - 8 * count);  // zeros in front instead of what follows
    number = number * (1 + (10ULL << 8)) >> 8 & 0x00FF00FF00FF00FF;
    number = number * (1 + (100ULL << 16)) >> 16 & 0x0000FFFF0000FFFF;
    number = number * (1 + (10'000ULL << 32)) >> 32;
  }
  std::uint64_t number;
  int count;
};

/// The number of the decimal digits at `at`, which moves behind them. At most 18 are taken, so nothing can overflow:
/// who finds another digit behind them reads the number in a slower way.
[[gnu::always_inline]] inline std::int64_t take_digits(const char*& at, const char* end) noexcept {
  constexpr std::ptrdiff_t kSafe = 18;
  constexpr std::uint64_t kPowers[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  if (end - at > kSafe) end = at + kSafe;
  std::uint64_t number = 0;
  while (std::endian::native == std::endian::little && end - at >= 8) {
    const UpToEightDigits eight(at);
    number = number * kPowers[eight.count] + eight.number;
    at += eight.count;
    if (eight.count < 8) return static_cast<std::int64_t>(number);
  }
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) break;
    number = number * 10 + digit;
  }
  return static_cast<std::int64_t>(number);
}

/// The digits of a number below 100,000,000 as values 0 to 9, the first in the lowest byte: split in halves, those in
/// numbers of two digits, those in digits, all lanes at once. (10486 / 2^20 is 1/100 and 103 / 2^10 is 1/10, for
/// numbers of the size that a lane has then.)
inline std::uint64_t eight_digits_of(std::uint32_t number) noexcept {
  const std::uint64_t halves = number / 10'000 | std::uint64_t{number % 10'000} << 32;
  const std::uint64_t hundreds = halves * 10'486 >> 20 & 0x0000007F0000007F;
  const std::uint64_t pairs = hundreds + ((halves - hundreds * 100) << 16);
  const std::uint64_t tens = pairs * 103 >> 10 & 0x000F000F000F000F;
  return tens + ((pairs - tens * 10) << 8);
}

/// Writes a number in decimal and returns where it ends. Needs room for 24 characters, whatever the number.
inline char* write_number(char* out, std::int64_t number) noexcept {
  constexpr std::int64_t kEightDigits = 100'000'000;
  constexpr std::uint64_t kZeros = 0x3030303030303030;
  if (std::endian::native != std::endian::little || number < 0 || number >= kEightDigits * kEightDigits) {
    return std::to_chars(out, out + 24, number).ptr;
  }
  if (number < 10) {  // As a code and most queues have.
    *out = static_cast<char>('0' + number);
    return out + 1;
  }
  const bool is_long = number >= kEightDigits;
  const std::uint64_t first = eight_digits_of(static_cast<std::uint32_t>(is_long ? number / kEightDigits : number));
  const int unused = std::countr_zero(first) / 8;
  const std::uint64_t text = (first + kZeros) >> (8 * unused);
  std::memcpy(out, &text, sizeof text);
  out += 8 - unused;
  if (!is_long) return out;
  const std::uint64_t last = eight_digits_of(static_cast<std::uint32_t>(number % kEightDigits)) + kZeros;
  std::memcpy(out, &last, sizeof last);
  return out + 8;
}

}  // namespace tenon::remoting
