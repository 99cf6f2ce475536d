// SPDX-License-Identifier: Apache-2.0
#include "replication/claims_ahead.hpp"

#include <algorithm>

namespace tenon::replication {

void ClaimsAhead::add(std::string who, PhysicalOffset end) {
  std::pair claim(std::move(who), end);
  if (std::ranges::find(claims_, claim) != claims_.end()) return;
  if (claims_.size() == kClaimsMax) claims_.pop_front();
  claims_.push_back(std::move(claim));
}

bool ClaimsAhead::admits(const std::string& who, PhysicalOffset end) {
  if (end == PhysicalOffset{}) std::erase_if(claims_, [&](const auto& claim) { return claim.first == who; });
  return std::ranges::find(claims_, std::pair(who, end)) == claims_.end();
}

}  // namespace tenon::replication
