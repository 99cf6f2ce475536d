// SPDX-License-Identifier: Apache-2.0
#include "routing/offsets_json.hpp"

#include "broker_json/data_version.hpp"
#include "broker_json/offset_key.hpp"
#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"

namespace tenon::kernel {
namespace {

constexpr char kSeparator = '@';

void read_entry(std::string_view key, const fastjson::Value& queues, OffsetsFile& file) {
  const auto names = broker_json::split_offset_key(key);
  if (!names) return;
  GroupOffsets entry{std::string(names->group), std::string(names->topic), {}};
  for (const auto& [queue, offset] : queues.members()) {
    const auto queue_id = queue.as_i32();
    const auto value = offset.as_i64();
    if (queue_id && value && *queue_id >= 0) entry.offsets[*queue_id] = QueueOffset{*value};
  }
  file.entries.push_back(std::move(entry));
}

void read_light_entry(std::string_view key, const fastjson::Value& offset, OffsetsFile& file) {
  const auto names = broker_json::split_offset_key(key);
  const auto value = offset.as_i64();
  if (!names || !value) return;
  file.entries.push_back({std::string(names->group), std::string(names->topic), {{0, QueueOffset{*value}}}});
}

std::string encode(const OffsetsFile& file, bool with_light_table) {
  const auto is_apart = [&](const GroupOffsets& entry) {
    return with_light_table && broker_json::is_light_offset(entry);
  };
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  json.begin_object().key("dataVersion");
  broker_json::write_data_version(json, file.version);
  if (with_light_table) {
    json.key("lmqOffsetTable").begin_object();
    for (const GroupOffsets& entry : file.entries) {
      if (!is_apart(entry)) continue;
      json.key(text(entry.topic, kSeparator, entry.group)).value(entry.offsets.begin()->second.value);
    }
    json.end_object();
  }
  json.key("offsetTable").begin_object();
  for (const GroupOffsets& entry : file.entries) {
    if (is_apart(entry)) continue;
    json.key(text(entry.topic, kSeparator, entry.group)).begin_object();
    for (const auto& [queue_id, offset] : entry.offsets) json.key(queue_id).value(offset.value);
    json.end_object();
  }
  json.end_object().end_object();
  return out;
}

}  // namespace

std::string encode_offsets(const OffsetsFile& file) { return encode(file, false); }
std::string encode_light_offsets(const OffsetsFile& file) { return encode(file, true); }

Result<OffsetsFile> decode_offsets(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  const fastjson::Value* table = parsed->find("offsetTable");
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, "there is no object \"offsetTable\" in it");
  }
  OffsetsFile file;
  file.version = broker_json::data_version_of(*parsed);
  for (const auto& [key, queues] : table->members()) {
    if (const auto name = key.as_text()) read_entry(*name, queues, file);
  }
  const fastjson::Value* light = parsed->find("lmqOffsetTable");
  if (light == nullptr || !light->is_object()) return file;
  for (const auto& [key, offset] : light->members()) {
    if (const auto name = key.as_text()) read_light_entry(*name, offset, file);
  }
  return file;
}

}  // namespace tenon::kernel
