// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace tenon::delay {

/// Java writes its numbers with the highest byte first.
template <std::signed_integral Number>
void store_big(std::byte* out, Number number) noexcept {
  for (std::size_t index = 0; index < sizeof number; ++index) {
    out[index] = static_cast<std::byte>(number >> (8 * (sizeof number - 1 - index)));
  }
}

template <std::signed_integral Number>
Number load_big(const std::byte* in) noexcept {
  using Bits = std::make_unsigned_t<Number>;
  Bits bits = 0;
  for (std::size_t index = 0; index < sizeof bits; ++index) {
    bits = static_cast<Bits>(bits << 8) | std::to_integer<Bits>(in[index]);
  }
  return static_cast<Number>(bits);
}

}  // namespace tenon::delay
