// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

namespace tenon::pop {

/// Two names and a queue as the key of a map: group, topic and queue, or topic, group and queue.
using NameKey = std::tuple<std::string, std::string, std::int32_t>;
using NameKeyView = std::tuple<std::string_view, std::string_view, std::int32_t>;

/// So that a map is searched without making a key.
struct NameKeyLess {
  using is_transparent = void;

  template <class Left, class Right>
  bool operator()(const Left& left, const Right& right) const noexcept {
    return NameKeyView(left) < NameKeyView(right);
  }
};

}  // namespace tenon::pop
