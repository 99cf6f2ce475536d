// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "tenon/consumer_offset_changes.hpp"
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

/// What a Tenon master answers to TENON_METADATA_CHANGES; see docs/formats/replication.md.
struct ChangesOfMaster {
  OffsetChanges offsets;
  bool holds = false;                        ///< It answers changes when slaves have them, and lets them wait for some.
  DataVersion topics, groups;                ///< Of its tables.
  std::optional<DelayLevelProgress> levels;  ///< Nothing: it delivers no delayed messages.
  std::optional<TimerProgress> timers;
};
Result<ChangesOfMaster> decode_changes(std::string_view body);

}  // namespace tenon::ha
