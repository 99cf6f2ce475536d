// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace tenon {

namespace detail {
/// A signed 64-bit position that cannot be mistaken for a position of another kind.
template <class Kind>
struct Offset {
  std::int64_t value = 0;

  constexpr auto operator<=>(const Offset&) const = default;
  constexpr Offset operator+(std::int64_t distance) const { return {value + distance}; }
  constexpr Offset operator-(std::int64_t distance) const { return {value - distance}; }
  constexpr std::int64_t operator-(Offset other) const { return value - other.value; }
  constexpr Offset& operator+=(std::int64_t distance) {
    value += distance;
    return *this;
  }
  constexpr Offset& operator++() {
    ++value;
    return *this;
  }
  std::string to_string() const { return std::to_string(value); }
};
}  // namespace detail

/// Byte position in the commit log, counted from the first byte ever written.
using PhysicalOffset = detail::Offset<struct PhysicalOffsetKind>;
/// Ordinal of a message in its (topic, queue), counted from 0.
using QueueOffset = detail::Offset<struct QueueOffsetKind>;

}  // namespace tenon

template <class Kind>
struct std::hash<tenon::detail::Offset<Kind>> {
  std::size_t operator()(tenon::detail::Offset<Kind> offset) const noexcept {
    return std::hash<std::int64_t>{}(offset.value);
  }
};
