// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "tenon/delivery_scheduler.hpp"
#include "tenon/metadata_copy.hpp"

namespace tenon::ha {

/// What a master answers to its slaves, Java's or ours. Errors: message_illegal.
/// Source: ../shared/reference/store-format.md 12.5 and 9.3, remoting-protocol.md 3.4 and 3.11.
struct TopicsOfMaster {
  DataVersion version;
  std::vector<TopicConfig> topics;
};
Result<TopicsOfMaster> decode_topics(std::string_view body);

struct GroupsOfMaster {
  DataVersion version;
  std::vector<SubscriptionGroupConfig> groups;
};
Result<GroupsOfMaster> decode_groups(std::string_view body);

Result<std::vector<GroupOffsets>> decode_offsets(std::string_view body);
/// Levels count from 1.
Result<DelayLevelProgress> decode_level_progress(std::string_view body);
/// The first 56 bytes of the check file: seven numbers, the highest byte first.
Result<TimerProgress> decode_timer_progress(std::string_view body);

}  // namespace tenon::ha
