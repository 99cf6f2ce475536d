// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace tenon::remoting {

/// The unsigned number whose bytes, most significant first, start at `bytes`. The caller has checked that they exist.
template <class Number>
Number load_be(const std::byte* bytes) noexcept {
  Number number = 0;
  for (std::size_t index = 0; index < sizeof number; ++index) {
    number = static_cast<Number>((number << 8) | static_cast<Number>(bytes[index]));
  }
  return number;
}

}  // namespace tenon::remoting
