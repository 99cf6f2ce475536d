// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/topic_config_body.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "broker_json/data_version.hpp"
#include "broker_json/topic_config.hpp"

namespace tenon::protocol_native {
namespace {

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

std::string encode_topic_config(const TopicConfig& topic) {
  return text(topic.name, ' ', topic.read_queue_nums, ' ', topic.write_queue_nums, ' ', topic.perm, ' ',
              broker_json::filter_type_name(topic.filter_type));
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
  topic.filter_type = broker_json::filter_type_of(type);
  return topic;
}

void write_topic_table(fastjson::Writer& json, const DataVersion& version, const TopicList& topics) {
  json.begin_object().key("dataVersion");
  broker_json::write_data_version(json, version);
  // Static topics are not supported: their version never changes.
  json.key("mappingDataVersion");
  broker_json::write_data_version(json, {version.state_version, version.timestamp_ms, 0});
  json.key("topicConfigTable").begin_object();
  for (const auto& topic : topics) {
    json.key(topic->name);
    broker_json::write_topic_config(json, *topic);
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
    topics.push_back(
        std::make_shared<const TopicConfig>(broker_json::read_topic_config(config, name.as_text().value_or(""))));
  }
  return topics;
}

}  // namespace tenon::protocol_native
