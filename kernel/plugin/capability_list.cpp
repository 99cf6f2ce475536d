// SPDX-License-Identifier: Apache-2.0
#include "plugin/capability_list.hpp"

#include <algorithm>

namespace tenon::kernel {
namespace {

std::string_view without_spaces(std::string_view word) {
  while (word.starts_with(' ')) word.remove_prefix(1);
  while (word.ends_with(' ')) word.remove_suffix(1);
  return word;
}

bool is_name_with_revision(std::string_view name) {
  const auto slash = name.rfind('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == name.size()) return false;
  const std::string_view revision = name.substr(slash + 1);
  return std::all_of(revision.begin(), revision.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
}

}  // namespace

std::string CapabilityRef::to_string() const { return name + (key.empty() ? "" : ":" + key) + (optional ? "?" : ""); }

bool CapabilityRef::is_met_by(const CapabilityRef& provided) const noexcept {
  return name == provided.name && (key.empty() || key == provided.key);
}

Result<std::vector<CapabilityRef>> parse_capability_list(std::string_view list) {
  std::vector<CapabilityRef> refs;
  for (std::size_t begin = 0; begin <= list.size();) {
    const auto end = std::min(list.find(';', begin), list.size());
    std::string_view word = without_spaces(list.substr(begin, end - begin));
    begin = end + 1;
    if (word.empty()) continue;
    CapabilityRef ref;
    ref.optional = word.ends_with('?');
    if (ref.optional) word.remove_suffix(1);
    const auto colon = std::min(word.find(':'), word.size());
    ref.name = word.substr(0, colon);
    if (colon < word.size()) ref.key = word.substr(colon + 1);
    if (!is_name_with_revision(ref.name)) {
      return Error(Errc::invalid_parameter, text("'", word, "' is not a capability such as 'tenon.message-store/1'"));
    }
    refs.push_back(std::move(ref));
  }
  return refs;
}

}  // namespace tenon::kernel
