// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "tenon/consumer_offsets.hpp"

/// How tables of consumer offsets name their entries, in files and in bodies. Source: RocketMQ ConsumerOffsetManager,
/// LmqConsumerOffsetManager; ../shared/reference/store-format.md 9.3.
namespace tenon::broker_json {

struct OffsetKey {
  std::string_view topic, group;
};

/// The parts of `topic@group`, which borrow from it; nothing unless there are two. '@' may also stand in groups
/// (`topic@group@broadcast`) and in the names of light queues, so it is the first that separates where the topic is an
/// ordinary one; else the one before a light group, else the last.
std::optional<OffsetKey> split_offset_key(std::string_view key) noexcept;

/// Whether RocketMQ keeps it in the table of light groups, which has one number for each entry and knows no queues.
bool is_light_offset(const GroupOffsets& consumed) noexcept;

}  // namespace tenon::broker_json
