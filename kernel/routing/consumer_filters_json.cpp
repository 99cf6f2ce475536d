// SPDX-License-Identifier: Apache-2.0
#include "routing/consumer_filters_json.hpp"

#include <algorithm>
#include <tuple>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"

namespace tenon::kernel {
namespace {

/// As fastjson writes an array of int, pretty or not.
std::string on_one_line(const std::vector<std::int32_t>& numbers) {
  std::string list;
  fastjson::Writer json(list);
  json.begin_array();
  for (const std::int32_t number : numbers) json.value(number);
  json.end_array();
  return list;
}

void write_filter(fastjson::Writer& json, const ConsumerFilter& filter) {
  json.key(filter.group).begin_object();
  json.key("bloomFilterData").begin_object().member("bitNum", filter.bloom.map_bits);
  json.key("bitPos").raw(on_one_line(filter.bloom.bits)).end_object();
  json.member("bornTime", filter.born_time_ms).member("clientVersion", filter.client_version);
  json.member("consumerGroup", filter.group).member("dead", filter.is_dead()).member("deadTime", filter.dead_time_ms);
  json.member("expression", filter.expression).member("expressionType", filter.expression_type);
  json.member("topic", filter.topic).end_object();
}

BloomPositions read_bloom(const fastjson::Value& data) {
  BloomPositions bloom;
  const fastjson::Value* const stored = data.find("bloomFilterData");
  if (stored == nullptr) return bloom;
  bloom.map_bits = stored->i32_or("bitNum", 0);
  const fastjson::Value* const positions = stored->find("bitPos");
  if (positions == nullptr) return bloom;
  for (const fastjson::Value& position : positions->elements()) bloom.bits.push_back(position.as_i32().value_or(-1));
  return bloom;
}

ConsumerFilter read_filter(const fastjson::Value& data) {
  ConsumerFilter filter;
  filter.topic = data.text_or("topic", "");
  filter.group = data.text_or("consumerGroup", "");
  filter.expression = data.text_or("expression", "");
  filter.expression_type = data.text_or("expressionType", "");
  filter.client_version = data.i64_or("clientVersion", 0);
  filter.born_time_ms = data.i64_or("bornTime", 0);
  filter.dead_time_ms = data.i64_or("deadTime", 0);
  filter.bloom = read_bloom(data);
  return filter;
}

bool is_whole(const ConsumerFilter& filter) {
  return !filter.topic.empty() && !filter.group.empty() && !filter.expression.empty() &&
         !filter.expression_type.empty();
}

}  // namespace

std::string encode_consumer_filters(std::vector<ConsumerFilterPtr> filters) {
  std::ranges::sort(filters, [](const auto& a, const auto& b) {
    return std::tie(a->topic, a->group) < std::tie(b->topic, b->group);
  });
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  json.begin_object().key("filterDataByTopic").begin_object();
  for (auto filter = filters.begin(); filter != filters.end();) {
    const std::string& topic = (*filter)->topic;
    json.key(topic).begin_object().key("groupFilterData").begin_object();
    for (; filter != filters.end() && (*filter)->topic == topic; ++filter) write_filter(json, **filter);
    json.end_object().member("topic", topic).end_object();
  }
  json.end_object().end_object();
  return out;
}

Result<std::vector<ConsumerFilter>> decode_consumer_filters(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  const fastjson::Value* const table = parsed->find("filterDataByTopic");
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, "there is no object \"filterDataByTopic\" in it");
  }
  std::vector<ConsumerFilter> filters;
  for (const auto& [topic, of_topic] : table->members()) {
    const fastjson::Value* const groups = of_topic.find("groupFilterData");
    if (groups == nullptr) continue;
    for (const auto& [group, data] : groups->members()) {
      ConsumerFilter filter = read_filter(data);
      if (is_whole(filter)) filters.push_back(std::move(filter));
    }
  }
  return filters;
}

}  // namespace tenon::kernel
