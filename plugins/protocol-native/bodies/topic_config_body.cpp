// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/topic_config_body.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "protocol-native/bodies/data_version_body.hpp"

namespace tenon::protocol_native {
namespace {

constexpr std::string_view kSingleTag = "SINGLE_TAG";
constexpr std::string_view kMultiTag = "MULTI_TAG";

std::string_view filter_type_name(TopicFilterType type) {
  return type == TopicFilterType::multi_tag ? kMultiTag : kSingleTag;
}

/// By name or ordinal, as fastjson reads enums.
TopicFilterType filter_type_of(std::string_view text) {
  return text == kMultiTag || text == "1" ? TopicFilterType::multi_tag : TopicFilterType::single_tag;
}

std::optional<std::int32_t> number_of(std::string_view word) {
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

std::string_view next_word(std::string_view& rest) {
  const std::size_t space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest = space == std::string_view::npos ? std::string_view() : rest.substr(space + 1);
  return word;
}

}  // namespace

void write_topic_config(fastjson::Writer& json, const TopicConfig& topic) {
  json.begin_object().key("attributes").begin_object();
  for (const auto& [name, value] : topic.attributes) json.member(name, value);
  json.end_object()
      .member("order", topic.order)
      .member("perm", topic.perm)
      .member("readQueueNums", topic.read_queue_nums)
      .member("topicFilterType", filter_type_name(topic.filter_type))
      .member("topicName", topic.name)
      .member("topicSysFlag", topic.sys_flag)
      .member("writeQueueNums", topic.write_queue_nums)
      .end_object();
}

TopicConfig read_topic_config(const fastjson::Value& json, std::string_view name_otherwise) {
  TopicConfig topic;
  topic.name = json.text_or("topicName", name_otherwise);
  topic.read_queue_nums = json.i32_or("readQueueNums", topic.read_queue_nums);
  topic.write_queue_nums = json.i32_or("writeQueueNums", topic.write_queue_nums);
  topic.perm = json.i32_or("perm", topic.perm);
  topic.filter_type = filter_type_of(json.text_or("topicFilterType", kSingleTag));
  topic.sys_flag = json.i32_or("topicSysFlag", 0);
  topic.order = json.bool_or("order", false);
  if (const fastjson::Value* attributes = json.find("attributes")) {
    for (const auto& [name, value] : attributes->members()) {
      topic.attributes[name.as_text().value_or("")] = value.as_text().value_or("");
    }
  }
  return topic;
}

std::string encode_topic_config(const TopicConfig& topic) {
  return text(topic.name, ' ', topic.read_queue_nums, ' ', topic.write_queue_nums, ' ', topic.perm, ' ',
              filter_type_name(topic.filter_type));
}

Result<TopicConfig> decode_topic_config(std::string_view encoded) {
  std::string_view rest = encoded;
  TopicConfig topic;
  topic.name = next_word(rest);
  const auto read = number_of(next_word(rest));
  const auto write = number_of(next_word(rest));
  const auto perm = number_of(next_word(rest));
  const std::string_view type = next_word(rest);
  if (topic.name.empty() || !read || !write || !perm || type.empty()) {
    return Error(Errc::message_illegal, text("topic of a compressed registration: '", encoded.substr(0, 200), "'"));
  }
  topic.read_queue_nums = *read;
  topic.write_queue_nums = *write;
  topic.perm = *perm;
  topic.filter_type = filter_type_of(type);
  return topic;
}

void write_topic_table(fastjson::Writer& json, const DataVersion& version, const TopicList& topics) {
  json.begin_object().key("dataVersion");
  write_data_version(json, version);
  // Static topics are not supported: their version never changes.
  json.key("mappingDataVersion");
  write_data_version(json, {version.state_version, version.timestamp_ms, 0});
  json.key("topicConfigTable").begin_object();
  for (const auto& topic : topics) {
    json.key(topic->name);
    write_topic_config(json, *topic);
  }
  json.end_object();
  json.key("topicQueueMappingDetailMap").begin_object().end_object();
  json.key("topicQueueMappingInfoMap").begin_object().end_object();
  json.end_object();
}

std::string topic_table_body(const DataVersion& version, const TopicList& topics) {
  std::string body;
  fastjson::Writer json(body, {.integer_keys = fastjson::IntegerKeys::quoted});
  write_topic_table(json, version, topics);
  return body;
}

TopicList read_topic_config_table(const fastjson::Value* table) {
  TopicList topics;
  if (table == nullptr) return topics;
  topics.reserve(table->members().size());
  for (const auto& [name, config] : table->members()) {
    topics.push_back(std::make_shared<const TopicConfig>(read_topic_config(config, name.as_text().value_or(""))));
  }
  return topics;
}

}  // namespace tenon::protocol_native
