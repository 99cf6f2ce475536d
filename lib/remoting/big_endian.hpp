// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tenon::remoting {

/// Of 16, 32 or 64 bits, between the order of the wire and that of the machine.
template <class Number>
Number swapped_if_little(Number number) noexcept {
  if constexpr (std::endian::native == std::endian::big) return number;
  if constexpr (sizeof number == 2) return __builtin_bswap16(number);
  if constexpr (sizeof number == 4) return __builtin_bswap32(number);
  if constexpr (sizeof number == 8) return __builtin_bswap64(number);
  return number;
}

/// The unsigned number whose bytes, most significant first, start at `bytes`. The caller has checked that they exist.
template <class Number>
Number load_be(const std::byte* bytes) noexcept {
  Number number;
  std::memcpy(&number, bytes, sizeof number);
  return swapped_if_little(number);
}

/// The other way round.
template <class Number>
void store_be(void* bytes, Number number) noexcept {
  number = swapped_if_little(number);
  std::memcpy(bytes, &number, sizeof number);
}

}  // namespace tenon::remoting
