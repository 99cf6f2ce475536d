// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenon::client {

/// What a consumer wants of a topic: "*" or "TagA || TagB", or an SQL92 expression, which the broker evaluates alone.
struct Subscription {
  std::string topic;
  std::string expression = "*";
  std::string expression_type = "TAG";
  std::int64_t version = 0;  ///< ms; grows when the subscription or the assignment changes.

  bool is_tag() const noexcept { return expression_type == "TAG"; }
  /// Tags of the expression; empty for "*".
  std::vector<std::string> tags() const;
  /// The second, exact half of tag filtering: the broker compares hashes only.
  bool accepts(std::string_view tag) const;
};

}  // namespace tenon::client
