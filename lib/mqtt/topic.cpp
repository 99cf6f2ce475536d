// SPDX-License-Identifier: Apache-2.0
#include "mqtt/topic.hpp"

#include <algorithm>

namespace tenon::mqtt {
namespace {

bool has_few_levels(std::string_view topic) noexcept {
  return static_cast<std::size_t>(std::ranges::count(topic, '/')) < kLevelsMax;
}

}  // namespace

std::string_view take_level(std::string_view& rest, bool& more) noexcept {
  const std::size_t slash = rest.find('/');
  more = slash != std::string_view::npos;
  const std::string_view level = rest.substr(0, slash);
  rest = more ? rest.substr(slash + 1) : std::string_view{};
  return level;
}

bool has_wildcard(std::string_view filter) noexcept { return filter.find_first_of("+#") != std::string_view::npos; }

bool is_valid_topic_name(std::string_view name) noexcept {
  return !name.empty() && !has_wildcard(name) && has_few_levels(name);
}

bool is_valid_topic_filter(std::string_view filter) noexcept {
  if (filter.empty() || !has_few_levels(filter)) return false;
  bool more = true;
  while (more) {
    const std::string_view level = take_level(filter, more);
    if (level == "#") return !more;
    if (level != "+" && has_wildcard(level)) return false;
  }
  return true;
}

bool matches(std::string_view filter, std::string_view name) noexcept {
  if (name.starts_with('$') && !filter.empty() && (filter[0] == '+' || filter[0] == '#')) return false;
  bool filter_more = true;
  bool name_more = true;
  while (filter_more && name_more) {
    const std::string_view wanted = take_level(filter, filter_more);
    if (wanted == "#") return true;
    const std::string_view level = take_level(name, name_more);
    if (wanted != "+" && wanted != level) return false;
  }
  if (!filter_more && !name_more) return true;
  return filter_more && filter == "#";  // "a/#" matches "a"
}

std::optional<SharedFilter> parse_shared(std::string_view filter) noexcept {
  if (!is_shared(filter)) return std::nullopt;
  filter.remove_prefix(7);
  bool more = false;
  const std::string_view name = take_level(filter, more);
  if (name.empty() || has_wildcard(name) || !more || !is_valid_topic_filter(filter)) return std::nullopt;
  return SharedFilter{name, filter};
}

}  // namespace tenon::mqtt
