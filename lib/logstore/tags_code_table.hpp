// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/system_topic.hpp"

namespace tenon::logstore {

/// The topics whose index entries carry something else than a hash of the tags: few, usually one.
/// Threads: filled before the store opens, read by any afterwards.
class TagsCodeTable {
 public:
  void set_rule(std::string_view topic, const TagsCodeRule& rule) { rules_.emplace_back(topic, &rule); }
  /// nullptr: the usual code. Asked at every append, so a comparison of lengths dismisses nearly all.
  const TagsCodeRule* find(std::string_view topic) const noexcept {
    for (const auto& [name, rule] : rules_) {
      if (name == topic) return rule;
    }
    return nullptr;
  }

 private:
  std::vector<std::pair<std::string, const TagsCodeRule*>> rules_;
};

}  // namespace tenon::logstore
