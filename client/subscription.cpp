// SPDX-License-Identifier: Apache-2.0
#include "client/subscription.hpp"

#include <algorithm>

namespace tenon::client {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::vector<std::string> Subscription::tags() const {
  std::vector<std::string> tags;
  std::string_view rest = trimmed(expression);
  if (!is_tag() || rest.empty() || rest == "*") return tags;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find("||"), rest.size());
    if (const std::string_view tag = trimmed(rest.substr(0, end)); !tag.empty()) tags.emplace_back(tag);
    rest.remove_prefix(std::min(end + 2, rest.size()));
  }
  return tags;
}

bool Subscription::accepts(std::string_view tag) const {
  const auto wanted = tags();
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), tag) != wanted.end();
}

}  // namespace tenon::client
