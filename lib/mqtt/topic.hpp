// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

/// Topic names and filters. Source: MQTT 5.0 section 4.7, 4.8.2; ../shared/reference/mqtt.md sections 6, 7.
/// All of these expect valid UTF-8 (checked by the codec) and compare bytes.
namespace tenon::mqtt {

/// Levels beyond this are refused: a bound for stack and trie depth.
inline constexpr std::size_t kLevelsMax = 200;

/// At least one character, no wildcard, at most kLevelsMax levels.
bool is_valid_topic_name(std::string_view name) noexcept;
/// Wildcards stand where they may. For a shared subscription: without its prefix.
bool is_valid_topic_filter(std::string_view filter) noexcept;
bool has_wildcard(std::string_view filter) noexcept;
/// Whether a message of this name goes to a subscription with this (valid, unshared) filter.
bool matches(std::string_view filter, std::string_view name) noexcept;

/// "$share/<name>/<filter>", taken apart.
struct SharedFilter {
  std::string_view share_name, filter;
};
inline bool is_shared(std::string_view filter) noexcept { return filter.starts_with("$share/"); }
/// Empty when the prefix, the name or the filter behind it is not valid.
std::optional<SharedFilter> parse_shared(std::string_view filter) noexcept;

/// Takes the first level off `rest`; `more` is false when it was the last.
std::string_view take_level(std::string_view& rest, bool& more) noexcept;

}  // namespace tenon::mqtt
