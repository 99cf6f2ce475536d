// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tenon/topics.hpp"

namespace tenon {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '%' || c == '|' ||
         c == '-' || c == '_';
}

Status validate_name(std::string_view what, std::string_view name, std::size_t length_max) {
  if (name.empty()) return Error(Errc::invalid_parameter, text("The specified ", what, " is blank."));
  if (name.size() > length_max) {
    return Error(Errc::invalid_parameter,
                 text("The specified ", what, " is longer than ", what, " max length ", length_max, "."));
  }
  if (!std::ranges::all_of(name, is_name_character)) {
    return Error(Errc::invalid_parameter,
                 text("The specified ", what, " contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$"));
  }
  return {};
}

}  // namespace

Status validate_topic_name(std::string_view topic) {
  const bool internal = topic.starts_with(kRetryTopicPrefix) || topic.starts_with(kDeadLetterTopicPrefix);
  return validate_name("topic", topic, internal ? 255 : 127);
}

Status validate_group_name(std::string_view group) { return validate_name("group", group, 120); }

std::string retry_topic_of(std::string_view group) { return text(kRetryTopicPrefix, group); }
std::string dead_letter_topic_of(std::string_view group) { return text(kDeadLetterTopicPrefix, group); }

}  // namespace tenon
