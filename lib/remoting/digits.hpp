// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tenon::remoting {

/// The number that eight digits make, given as their values with the first in the lowest byte. Three multiplications
/// join neighbours: digits to numbers of two, those to numbers of four, those to the whole.
inline std::uint64_t joined_digits(std::uint64_t digits) noexcept {
  digits = digits * (1 + (10ULL << 8)) >> 8 & 0x00FF00FF00FF00FF;
  digits = digits * (1 + (100ULL << 16)) >> 16 & 0x0000FFFF0000FFFF;
  return digits * (1 + (10'000ULL << 32)) >> 32;
}

#if defined(__SSE2__)
/// The number of the decimal digits at `at` and how many they are, 16 at most. Looks at 16 bytes.
struct UpToSixteenDigits {
  [[gnu::always_inline]] explicit UpToSixteenDigits(const char* at) noexcept {
    constexpr std::uint64_t kPowers[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i values = _mm_sub_epi8(text, _mm_set1_epi8('0'));
    const __m128i digits = _mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values);
    count = std::countr_one(static_cast<std::uint32_t>(_mm_movemask_epi8(digits)));
    const auto first = static_cast<std::uint64_t>(_mm_cvtsi128_si64(values));
    // Shifted so that zeros stand in front instead of what follows.
    if (count <= 8) {
      number = count == 0 ? 0 : joined_digits(first << (64 - 8 * count));
    } else {
      const auto second = static_cast<std::uint64_t>(_mm_cvtsi128_si64(_mm_unpackhi_epi64(values, values)));
      number = joined_digits(first) * kPowers[count - 8] + joined_digits(second << (128 - 8 * count));
    }
  }
  std::uint64_t number;
  int count;
};
#endif

/// The number of the decimal digits at `at`, which moves behind them. At most 18 are taken, so nothing can overflow:
/// who finds another digit behind them reads the number in a slower way.
[[gnu::always_inline]] inline std::int64_t take_digits(const char*& at, const char* end) noexcept {
  constexpr std::ptrdiff_t kSafe = 18;
#if defined(__SSE2__)
  if (end - at >= 16) {
    const UpToSixteenDigits found(at);
    if (found.count < 16) {
      at += found.count;
      return static_cast<std::int64_t>(found.number);
    }
  }
#endif
  if (end - at > kSafe) end = at + kSafe;
  std::uint64_t number = 0;
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
