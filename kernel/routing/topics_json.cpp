// SPDX-License-Identifier: Apache-2.0
#include "routing/topics_json.hpp"

#include "broker_json/data_version.hpp"
#include "broker_json/topic_config.hpp"
#include "fastjson/reader.hpp"
#include "routing/config_table_json.hpp"

namespace tenon::kernel {
namespace {

constexpr std::string_view kCovered = "tenonCoveredLog";

void write_covered(fastjson::Writer& json, const CoveredLog& covered) {
  json.key(kCovered).begin_object();
  json.key("epoch").value(covered.epoch).key("physicalOffset").value(covered.end.value);
  json.end_object();
}

std::optional<CoveredLog> read_covered(const fastjson::Value& file) {
  const fastjson::Value* covered = file.find(kCovered);
  if (covered == nullptr || !covered->is_object()) return std::nullopt;
  const CoveredLog read{{covered->i64_or("physicalOffset", -1)}, covered->i64_or("epoch", -1)};
  if (read.end.value < 0 || read.epoch < 0) return std::nullopt;
  return read;
}

}  // namespace

std::string encode_topics(const TopicsFile& file) {
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  json.begin_object().key("dataVersion");
  broker_json::write_data_version(json, file.version);
  if (file.covered) write_covered(json, *file.covered);
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
  auto topics = read_config_table<TopicConfig>(
      *parsed, "topicConfigTable", [](const fastjson::Value& json) { return broker_json::read_topic_config(json); });
  if (!topics) return topics.error();
  TopicsFile file;
  file.covered = read_covered(*parsed);
  file.version = broker_json::data_version_of(*parsed);
  file.topics = std::move(*topics);
  return file;
}

}  // namespace tenon::kernel
