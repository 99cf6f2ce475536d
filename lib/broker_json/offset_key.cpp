// SPDX-License-Identifier: Apache-2.0
#include "broker_json/offset_key.hpp"

namespace tenon::broker_json {
namespace {

constexpr std::string_view kLight = "%LMQ%", kBeforeLightGroup = "@%LMQ%";

std::size_t separator_of(std::string_view key) noexcept {
  if (!key.starts_with(kLight)) return key.find('@');
  const std::size_t before_group = key.find(kBeforeLightGroup);
  return before_group == std::string_view::npos ? key.rfind('@') : before_group;
}

}  // namespace

std::optional<OffsetKey> split_offset_key(std::string_view key) noexcept {
  const std::size_t at = separator_of(key);
  if (at == std::string_view::npos || at == 0 || at + 1 == key.size()) return std::nullopt;
  return OffsetKey{key.substr(0, at), key.substr(at + 1)};
}

bool is_light_offset(const GroupOffsets& consumed) noexcept {
  return consumed.group.starts_with(kLight) && consumed.offsets.size() == 1 && consumed.offsets.begin()->first == 0;
}

}  // namespace tenon::broker_json
