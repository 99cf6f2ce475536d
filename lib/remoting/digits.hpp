// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::remoting {

/// The number of the decimal digits at `at`, which moves behind them. At most 18 are taken, so nothing can overflow:
/// who finds another digit behind them reads the number in a slower way.
inline std::int64_t take_digits(const char*& at, const char* end) noexcept {
  constexpr std::ptrdiff_t kSafe = 18;
  if (end - at > kSafe) end = at + kSafe;
  std::int64_t number = 0;
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}

}  // namespace tenon::remoting
