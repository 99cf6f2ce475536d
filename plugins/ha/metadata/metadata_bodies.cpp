// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/metadata_bodies.hpp"

#include <array>

#include "broker_json/data_version.hpp"
#include "broker_json/group_config.hpp"
#include "broker_json/level_progress.hpp"
#include "broker_json/offset_key.hpp"
#include "broker_json/topic_config.hpp"
#include "fastjson/reader.hpp"

namespace tenon::ha {
namespace {

/// The member `name` of a body, which must be an object.
Result<fastjson::Value> table_in(const fastjson::Value& json, std::string_view name) {
  const fastjson::Value* table = json.find(name);
  if (table != nullptr && table->is_object()) return *table;
  return Error(Errc::message_illegal, text("there is no object \"", name, "\" in it"));
}

GroupOffsets named(std::string_view key) {
  const auto names = broker_json::split_offset_key(key).value_or(broker_json::OffsetKey{});
  return {std::string(names.group), std::string(names.topic), {}};
}

GroupOffsets offsets_of(std::string_view key, const fastjson::Value& queues) {
  GroupOffsets one = named(key);
  for (const auto& [queue, offset] : queues.members()) {
    const auto queue_id = queue.as_i32();
    const auto value = offset.as_i64();
    if (queue_id && value && *queue_id >= 0 && *value >= 0) one.offsets[*queue_id] = QueueOffset{*value};
  }
  return one;
}

/// Light groups have no queues: `"topic@group": offset` (RocketMQ LmqConsumerOffsetManager).
GroupOffsets light_offset_of(std::string_view key, const fastjson::Value& offset) {
  GroupOffsets one = named(key);
  const auto value = offset.as_i64();
  if (value && *value >= 0) one.offsets[0] = QueueOffset{*value};
  return one;
}

Result<std::vector<GroupOffsets>> offsets_in(const fastjson::Value& json) {
  const auto table = table_in(json, "offsetTable");
  if (!table) return table.error();
  std::vector<GroupOffsets> out;
  const auto take = [&out](GroupOffsets one) {
    if (!one.topic.empty() && !one.group.empty() && !one.offsets.empty()) out.push_back(std::move(one));
  };
  for (const auto& [key, queues] : table->members()) take(offsets_of(key.as_text().value_or(""), queues));
  const fastjson::Value* light = json.find("lmqOffsetTable");
  if (light == nullptr || !light->is_object()) return out;
  for (const auto& [key, offset] : light->members()) take(light_offset_of(key.as_text().value_or(""), offset));
  return out;
}

}  // namespace

Result<TopicsOfMaster> decode_topics(std::string_view body) {
  const auto json = fastjson::parse(body);
  if (!json) return json.error();
  const auto table = table_in(*json, "topicConfigTable");
  if (!table) return table.error();
  TopicsOfMaster out;
  out.version = broker_json::data_version_of(*json);
  for (const auto& [key, value] : table->members()) {
    const auto name = key.as_text();
    if (name && !name->empty()) out.topics.push_back(broker_json::read_topic_config(value, *name));
  }
  return out;
}

Result<GroupsOfMaster> decode_groups(std::string_view body) {
  const auto json = fastjson::parse(body);
  if (!json) return json.error();
  const auto table = table_in(*json, "subscriptionGroupTable");
  if (!table) return table.error();
  GroupsOfMaster out;
  out.version = broker_json::data_version_of(*json);
  for (const auto& [key, value] : table->members()) {
    const auto name = key.as_text();
    if (name && !name->empty()) out.groups.push_back(broker_json::read_group_config(value, *name));
  }
  return out;
}

Result<std::vector<GroupOffsets>> decode_offsets(std::string_view body) {
  const auto json = fastjson::parse(body);
  if (!json) return json.error();
  return offsets_in(*json);
}

Result<DelayLevelProgress> decode_level_progress(std::string_view body) {
  const auto json = fastjson::parse(body);
  if (!json) return json.error();
  return broker_json::read_level_progress(*json);
}

Result<ChangesOfMaster> decode_changes(std::string_view body) {
  const auto json = fastjson::parse(body);
  if (!json) return json.error();
  auto offsets = offsets_in(*json);
  if (!offsets) return offsets.error();
  const fastjson::Value *topics = json->find("topics"), *groups = json->find("groups");
  if (topics == nullptr || groups == nullptr) return Error(Errc::message_illegal, "a table without a version");
  ChangesOfMaster out;
  out.offsets = {json->i64_or("origin", 0), json->i64_or("position", 0), json->bool_or("complete", true),
                 std::move(*offsets)};
  out.holds = json->bool_or("holds", false);
  out.topics = broker_json::data_version_of(*topics);
  out.groups = broker_json::data_version_of(*groups);
  if (const fastjson::Value* levels = json->find("delayOffsets")) {
    auto progress = broker_json::read_level_progress(*levels);
    if (!progress) return progress.error();
    out.levels = std::move(*progress);
  }
  if (const fastjson::Value* timer = json->find("timer")) {
    out.timers.emplace();
    out.timers->last_read_time_ms = timer->i64_or("lastReadTime", 0);
    out.timers->last_queue_offset = timer->i64_or("lastQueueOffset", 0);
    out.timers->version = broker_json::data_version_of(*timer);
  }
  return out;
}

Result<TimerProgress> decode_timer_progress(std::string_view body) {
  std::array<std::int64_t, 7> numbers{};
  if (body.size() < sizeof numbers) {
    return Error(Errc::message_illegal, text("a timer check point of ", body.size(), " bytes, expected are 56"));
  }
  for (std::size_t index = 0; index < numbers.size(); ++index) {
    std::uint64_t number = 0;
    for (const char byte : body.substr(index * 8, 8)) number = number << 8 | static_cast<unsigned char>(byte);
    numbers[index] = static_cast<std::int64_t>(number);
  }
  return TimerProgress{numbers[0], numbers[1], numbers[2], numbers[3], {numbers[4], numbers[5], numbers[6]}};
}

}  // namespace tenon::ha
