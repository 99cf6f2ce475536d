// SPDX-License-Identifier: Apache-2.0
#include "broker_json/level_progress.hpp"

#include "broker_json/data_version.hpp"

namespace tenon::broker_json {
namespace {

constexpr std::int32_t kLevelsMax = 1'024;

}  // namespace

void write_level_progress(fastjson::Writer& json, const DelayLevelProgress& progress) {
  json.begin_object().key("dataVersion");
  write_data_version(json, progress.version);
  json.key("offsetTable").begin_object();
  std::int32_t level = 1;
  for (const std::int64_t offset : progress.next_queue_offsets) json.key(level++).value(offset);
  json.end_object().end_object();
}

Result<DelayLevelProgress> read_level_progress(const fastjson::Value& json) {
  const fastjson::Value* table = json.find("offsetTable");
  if (table == nullptr || !table->is_object())
    return Error(Errc::message_illegal, "there is no object \"offsetTable\" in it");
  DelayLevelProgress progress;
  progress.version = data_version_of(json);
  for (const auto& [key, value] : table->members()) {
    const auto level = key.as_i32();
    const auto offset = value.as_i64();
    if (!level || !offset || *level < 1 || *level > kLevelsMax || *offset < 0) continue;
    const auto index = static_cast<std::size_t>(*level) - 1;
    if (progress.next_queue_offsets.size() <= index) progress.next_queue_offsets.resize(index + 1);
    progress.next_queue_offsets[index] = *offset;
  }
  return progress;
}

}  // namespace tenon::broker_json
