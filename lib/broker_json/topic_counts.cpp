// SPDX-License-Identifier: Apache-2.0
#include "broker_json/topic_counts.hpp"

#include <algorithm>

#include "broker_json/data_version.hpp"
#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"

namespace tenon::broker_json {
namespace {

constexpr std::size_t kTopicsMax = 100'000;

}  // namespace

void TopicCounts::add(std::string_view topic, std::int64_t change, std::int64_t now_ms) {
  const std::scoped_lock lock(mutex_);
  auto found = topics_.find(topic);
  if (found == topics_.end()) {
    if (topics_.size() >= kTopicsMax) return;
    found = topics_.emplace(topic, Count{}).first;
  }
  found->second.count = std::max<std::int64_t>(0, found->second.count + change);
  found->second.timestamp_ms = now_ms;
  ++version_.counter;
  version_.timestamp_ms = now_ms;
}

std::vector<std::pair<std::string, std::int64_t>> TopicCounts::counts() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::pair<std::string, std::int64_t>> all;
  for (const auto& [topic, count] : topics_) all.emplace_back(topic, count.count);
  return all;
}

std::string TopicCounts::encode() const {
  const std::scoped_lock lock(mutex_);
  std::string out;
  fastjson::Writer json(out, {.integer_keys = fastjson::IntegerKeys::quoted});
  json.begin_object().key("dataVersion");
  write_data_version(json, version_);
  json.key(member_).begin_object();
  for (const auto& [topic, count] : topics_) {
    json.key(topic).begin_object().member("count", count.count).member("timeStamp", count.timestamp_ms).end_object();
  }
  json.end_object().end_object();
  return out;
}

Status TopicCounts::decode(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  const fastjson::Value* table = parsed->find(member_);
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, text("there is no object \"", member_, "\" in it"));
  }
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, value] : table->members()) {
    const auto topic = key.as_text();
    if (!topic || topics_.size() >= kTopicsMax) continue;
    const std::int64_t count = std::max<std::int64_t>(0, value.i64_or("count", 0));
    topics_[std::string(*topic)] = {count, value.i64_or("timeStamp", 0)};
  }
  version_ = data_version_of(*parsed);
  return {};
}

}  // namespace tenon::broker_json
