// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
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

/// "00" to "99".
inline constexpr std::array<char, 200> kDigitPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t number = 0; number < 100; ++number) {
    pairs[2 * number] = static_cast<char>('0' + number / 10);
    pairs[2 * number + 1] = static_cast<char>('0' + number % 10);
  }
  return pairs;
}();
[[gnu::always_inline]] inline char* write_two_digits(char* out, std::uint32_t below_100) noexcept {
  std::memcpy(out, &kDigitPairs[2 * below_100], 2);
  return out + 2;
}
[[gnu::always_inline]] inline char* write_four_digits(char* out, std::uint32_t below_10_000) noexcept {
  return write_two_digits(write_two_digits(out, below_10_000 / 100), below_10_000 % 100);
}
/// Without zeros in front.
[[gnu::always_inline]] inline char* write_up_to_four_digits(char* out, std::uint32_t below_10_000) noexcept {
  std::uint32_t last = below_10_000;
  if (below_10_000 >= 100) {
    const std::uint32_t first = below_10_000 / 100;
    last = below_10_000 % 100;
    if (first >= 10) return write_two_digits(write_two_digits(out, first), last);
    *out = static_cast<char>('0' + first);
    return write_two_digits(out + 1, last);
  }
  if (last >= 10) return write_two_digits(out, last);
  *out = static_cast<char>('0' + last);
  return out + 1;
}

/// Writes a number in decimal and returns where it ends. Needs room for 24 characters, whatever the number.
inline char* write_number(char* out, std::int64_t number) noexcept {
  constexpr std::uint32_t kFourDigits = 10'000, kEightDigits = kFourDigits * kFourDigits;
  if (number < 0 || number >= std::int64_t{kEightDigits} * kEightDigits) {
    return std::to_chars(out, out + 24, number).ptr;
  }
  auto last = static_cast<std::uint32_t>(number);  // an opaque, a queue, the offsets of most queues
  if (number >= kEightDigits) {
    out = write_number(out, number / kEightDigits);
    last = static_cast<std::uint32_t>(number % kEightDigits);
    out = write_four_digits(out, last / kFourDigits);
  } else if (last < kFourDigits) {
    return write_up_to_four_digits(out, last);
  } else {
    out = write_up_to_four_digits(out, last / kFourDigits);
  }
  return write_four_digits(out, last % kFourDigits);
}

}  // namespace tenon::remoting
