// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "protocol-native/request.hpp"

namespace tenon::protocol_native {

/// The part of a table that a tool asks for: entries from `sequence_field` on, at most `count_field` of them. Without
/// the first field, as older tools ask, the whole table. `all` is in a fixed order (by name). remoting-protocol.md
/// 2d.1.
template <class Entry>
std::vector<std::shared_ptr<const Entry>> page_of(const Request& request, std::vector<std::shared_ptr<const Entry>> all,
                                                  std::string_view sequence_field, std::string_view count_field) {
  const std::int32_t first = request.int32_or(sequence_field, -1);
  if (first < 0) return all;
  const std::int32_t asked = request.int32_or(count_field, 0);
  const std::size_t begin = std::min(all.size(), static_cast<std::size_t>(first));
  const std::size_t count = std::min(all.size() - begin, asked > 0 ? static_cast<std::size_t>(asked) : all.size());
  const auto from = all.begin() + static_cast<std::ptrdiff_t>(begin);
  return {from, from + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace tenon::protocol_native
