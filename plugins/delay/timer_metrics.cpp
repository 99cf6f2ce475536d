// SPDX-License-Identifier: Apache-2.0
#include "timer_metrics.hpp"

#include <algorithm>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"

namespace tenon::delay {
namespace {

constexpr std::size_t kTopicsMax = 100'000;

}  // namespace

void TimerMetrics::add(std::string_view topic, std::int64_t change, std::int64_t now_ms) {
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

std::vector<PendingDeliveries> TimerMetrics::pending() const {
  const std::scoped_lock lock(mutex_);
  std::vector<PendingDeliveries> all;
  for (const auto& [topic, count] : topics_) all.push_back({topic, count.count});
  return all;
}

std::string TimerMetrics::encode() const {
  const std::scoped_lock lock(mutex_);
  std::string out;
  fastjson::Writer json(out, {.integer_keys = fastjson::IntegerKeys::quoted});
  json.begin_object().key("dataVersion").begin_object();
  json.member("counter", version_.counter).member("stateVersion", version_.state_version);
  json.member("timestamp", version_.timestamp_ms).end_object();
  json.key("timingCount").begin_object();
  for (const auto& [topic, count] : topics_) {
    json.key(topic).begin_object().member("count", count.count).member("timeStamp", count.timestamp_ms).end_object();
  }
  json.end_object().end_object();
  return out;
}

Status TimerMetrics::decode(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  const fastjson::Value* table = parsed->find("timingCount");
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, "there is no object \"timingCount\" in it");
  }
  const std::scoped_lock lock(mutex_);
  for (const auto& [key, value] : table->members()) {
    const auto topic = key.as_text();
    if (!topic || topics_.size() >= kTopicsMax) continue;
    const std::int64_t count = std::max<std::int64_t>(0, value.i64_or("count", 0));
    topics_[std::string(*topic)] = {count, value.i64_or("timeStamp", 0)};
  }
  if (const fastjson::Value* version = parsed->find("dataVersion")) {
    version_ = {version->i64_or("stateVersion", 0), version->i64_or("timestamp", 0), version->i64_or("counter", 0)};
  }
  return {};
}

}  // namespace tenon::delay
