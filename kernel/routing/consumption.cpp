// SPDX-License-Identifier: Apache-2.0
#include "routing/consumption.hpp"

namespace tenon::kernel {

std::shared_ptr<Consumption> ConsumptionTable::of(std::string_view group, std::string_view topic) {
  const GroupTopicView key{group, topic};
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = pairs_.find(key); found != pairs_.end()) return found->second;
  }
  auto fresh = std::make_shared<Consumption>();
  fresh->gets = statistics_.of_group_gets(group, topic);
  const std::scoped_lock lock(mutex_);
  // Groups and topics may be made by anybody: at the limit a pair is served and forgotten.
  if (pairs_.size() >= kPairsMax) return fresh;
  return pairs_.try_emplace(GroupTopic(key), std::move(fresh)).first->second;
}

}  // namespace tenon::kernel
