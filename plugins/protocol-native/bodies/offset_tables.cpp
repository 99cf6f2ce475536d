// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/offset_tables.hpp"

#include <algorithm>

#include "broker_json/offset_key.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_native {
namespace {

std::string key_of(const GroupOffsets& one) { return text(one.topic, '@', one.group); }

}  // namespace

void write_offset_tables(fastjson::Writer& json, std::span<const GroupOffsets> all) {
  json.key("offsetTable").begin_object();
  for (const GroupOffsets& one : all) {
    if (broker_json::is_light_offset(one)) continue;
    json.key(key_of(one)).begin_object();
    for (const auto& [queue_id, offset] : one.offsets) json.key(queue_id).value(offset.value);
    json.end_object();
  }
  json.end_object();
  if (std::ranges::none_of(all, broker_json::is_light_offset)) return;
  json.key("lmqOffsetTable").begin_object();
  for (const GroupOffsets& one : all) {
    if (broker_json::is_light_offset(one)) json.key(key_of(one)).value(one.offsets.begin()->second.value);
  }
  json.end_object();
}

}  // namespace tenon::protocol_native
