// SPDX-License-Identifier: Apache-2.0
#include "broker_json/topic_config.hpp"

#include "broker_json/attributes.hpp"

namespace tenon::broker_json {
namespace {

constexpr std::string_view kSingleTag = "SINGLE_TAG";
constexpr std::string_view kMultiTag = "MULTI_TAG";

}  // namespace

std::string_view filter_type_name(TopicFilterType type) noexcept {
  return type == TopicFilterType::multi_tag ? kMultiTag : kSingleTag;
}

TopicFilterType filter_type_of(std::string_view name_or_ordinal) noexcept {
  return name_or_ordinal == kMultiTag || name_or_ordinal == "1" ? TopicFilterType::multi_tag
                                                                : TopicFilterType::single_tag;
}

void write_topic_config(fastjson::Writer& json, const TopicConfig& topic) {
  json.begin_object();
  write_attributes(json, topic.attributes);
  json.member("order", topic.order)
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
  topic.sys_flag = json.i32_or("topicSysFlag", topic.sys_flag);
  topic.order = json.bool_or("order", topic.order);
  topic.attributes = read_attributes(json);
  return topic;
}

}  // namespace tenon::broker_json
