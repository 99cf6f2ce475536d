// SPDX-License-Identifier: Apache-2.0
#include "routing/topics_json.hpp"

#include "fastjson/reader.hpp"
#include "routing/data_version_json.hpp"

namespace tenon::kernel {
namespace {

constexpr std::string_view kMultiTag = "MULTI_TAG";

void write_topic(fastjson::Writer& json, const TopicConfig& topic) {
  json.key(topic.name).begin_object();
  json.key("attributes").begin_object();
  for (const auto& [name, value] : topic.attributes) json.member(name, value);
  json.end_object();
  json.member("order", topic.order).member("perm", topic.perm).member("readQueueNums", topic.read_queue_nums);
  json.member("topicFilterType", topic.filter_type == TopicFilterType::multi_tag ? kMultiTag : "SINGLE_TAG");
  json.member("topicName", topic.name).member("topicSysFlag", topic.sys_flag);
  json.member("writeQueueNums", topic.write_queue_nums).end_object();
}

TopicConfig read_topic(std::string_view name, const fastjson::Value& value) {
  TopicConfig topic;
  topic.name = name;
  topic.order = value.bool_or("order", topic.order);
  topic.perm = value.i32_or("perm", topic.perm);
  topic.read_queue_nums = value.i32_or("readQueueNums", topic.read_queue_nums);
  topic.write_queue_nums = value.i32_or("writeQueueNums", topic.write_queue_nums);
  topic.sys_flag = value.i32_or("topicSysFlag", topic.sys_flag);
  if (value.text_or("topicFilterType", "") == kMultiTag) topic.filter_type = TopicFilterType::multi_tag;
  if (const fastjson::Value* attributes = value.find("attributes")) {
    for (const auto& [key, attribute] : attributes->members()) {
      auto attribute_name = key.as_text();
      auto attribute_value = attribute.as_text();
      if (attribute_name && attribute_value) topic.attributes[*attribute_name] = *attribute_value;
    }
  }
  return topic;
}

}  // namespace

std::string encode_topics(const TopicsFile& file) {
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  json.begin_object();
  write_data_version(json, file.version);
  json.key("topicConfigTable").begin_object();
  for (const auto& topic : file.topics) write_topic(json, *topic);
  json.end_object().end_object();
  return out;
}

Result<TopicsFile> decode_topics(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  const fastjson::Value* table = parsed->find("topicConfigTable");
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, "there is no object \"topicConfigTable\" in it");
  }
  TopicsFile file;
  file.version = read_data_version(*parsed);
  for (const auto& [key, value] : table->members()) {
    const auto name = key.as_text();
    if (name && !name->empty()) file.topics.push_back(std::make_shared<TopicConfig>(read_topic(*name, value)));
  }
  return file;
}

}  // namespace tenon::kernel
