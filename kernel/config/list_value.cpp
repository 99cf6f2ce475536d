// SPDX-License-Identifier: Apache-2.0
#include "config/list_value.hpp"

#include <algorithm>

#include "config/units.hpp"

namespace tenon::kernel {
namespace {

using Words = std::vector<std::string>;

std::string_view trimmed(std::string_view word) {
  while (word.starts_with(' ')) word.remove_prefix(1);
  while (word.ends_with(' ')) word.remove_suffix(1);
  return word;
}

Words split(std::string_view written, std::string_view separators) {
  Words words;
  for (std::size_t begin = 0; begin <= written.size();) {
    const auto end = std::min(written.find_first_of(separators, begin), written.size());
    const auto word = trimmed(written.substr(begin, end - begin));
    if (!word.empty()) words.emplace_back(word);
    begin = end + 1;
  }
  return words;
}

Words words_of(const ConfigKey& key, const std::string& written, const Position& at) {
  if (key.type == ConfigType::address_list) return split(written, ",;");
  if (at.line == 0) return split(written, ",");
  return {written};
}

}  // namespace

Result<CheckedValue> check_list(const ConfigKey& key, const Node& node) {
  const Error refused{Errc::invalid_parameter, text("expected ", type_name(key.type))};
  Words words;
  if (const std::string* written = node.as_text()) {
    words = words_of(key, *written, node.at);
  } else if (const auto* list = std::get_if<List>(&node.value)) {
    for (const Node& item : *list) {
      const auto* word = std::get_if<std::string>(&item.value);
      if (word == nullptr) return refused;
      words.push_back(*word);
    }
  } else {
    return refused;
  }
  if (key.type == ConfigType::address_list && !std::all_of(words.begin(), words.end(), is_address)) return refused;
  return CheckedValue(std::move(words));
}

}  // namespace tenon::kernel
