// SPDX-License-Identifier: Apache-2.0
#include "routing/topics_json.hpp"

#include "broker_json/data_version.hpp"
#include "broker_json/topic_config.hpp"
#include "fastjson/reader.hpp"

namespace tenon::kernel {

std::string encode_topics(const TopicsFile& file) {
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  json.begin_object().key("dataVersion");
  broker_json::write_data_version(json, file.version);
  json.key("topicConfigTable").begin_object();
  for (const auto& topic : file.topics) {
    json.key(topic->name);
    broker_json::write_topic_config(json, *topic);
  }
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
  file.version = broker_json::data_version_of(*parsed);
  for (const auto& [key, value] : table->members()) {
    const auto name = key.as_text();
    if (!name || name->empty()) continue;
    auto topic = std::make_shared<TopicConfig>(broker_json::read_topic_config(value));
    topic->name = *name;  // what the table calls it, whatever stands inside
    file.topics.push_back(std::move(topic));
  }
  return file;
}

}  // namespace tenon::kernel
