// SPDX-License-Identifier: Apache-2.0
#include "level_offsets.hpp"

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"

namespace tenon::delay {
namespace {

constexpr std::int32_t kLevelsMax = 1024;

}  // namespace

std::string encode_level_offsets(const DelayLevelProgress& progress) {
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  json.begin_object().key("dataVersion").begin_object();
  json.member("counter", progress.version.counter).member("stateVersion", progress.version.state_version);
  json.member("timestamp", progress.version.timestamp_ms).end_object();
  json.key("offsetTable").begin_object();
  std::int32_t level = 1;
  for (const std::int64_t offset : progress.next_queue_offsets) json.key(level++).value(offset);
  json.end_object().end_object();
  return out;
}

Result<DelayLevelProgress> decode_level_offsets(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  const fastjson::Value* table = parsed->find("offsetTable");
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, "there is no object \"offsetTable\" in it");
  }
  DelayLevelProgress progress;
  for (const auto& [key, value] : table->members()) {
    const auto level = key.as_i32();
    const auto offset = value.as_i64();
    if (!level || !offset || *level < 1 || *level > kLevelsMax || *offset < 0) continue;
    const auto index = static_cast<std::size_t>(*level) - 1;
    if (progress.next_queue_offsets.size() <= index) progress.next_queue_offsets.resize(index + 1);
    progress.next_queue_offsets[index] = *offset;
  }
  if (const fastjson::Value* version = parsed->find("dataVersion")) {
    progress.version.counter = version->i64_or("counter", 0);
    progress.version.state_version = version->i64_or("stateVersion", 0);
    progress.version.timestamp_ms = version->i64_or("timestamp", 0);
  }
  return progress;
}

}  // namespace tenon::delay
