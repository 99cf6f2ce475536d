// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/mapping/topic_map.hpp"

#include <algorithm>

#include "mqtt/topic.hpp"
#include "mqtt/utf8.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr std::string_view kArrow = "->";

/// Groups' retry and dead-letter topics belong to their consumers. (What else is the system's, Topics knows.)
bool is_of_a_group(std::string_view topic) {
  return topic.starts_with(kRetryTopicPrefix) || topic.starts_with(kDeadLetterTopicPrefix);
}

Status validate_target(std::string_view topic) {
  if (is_of_a_group(topic)) return Error(Errc::invalid_parameter, text("'", topic, "' belongs to a consumer group"));
  return validate_topic_name(topic);
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Result<TopicMap::Rule> parse_rule(std::string_view rule) {
  const std::size_t arrow = rule.find(kArrow);
  if (arrow == std::string_view::npos) {
    return Error(Errc::invalid_parameter, text("'", rule, "' is not \"<topic filter> -> <RocketMQ topic>\""));
  }
  const std::string_view filter = trimmed(rule.substr(0, arrow));
  const std::string_view topic = trimmed(rule.substr(arrow + kArrow.size()));
  if (!mqtt::is_valid_topic_filter(filter)) {
    return Error(Errc::invalid_parameter, text("'", filter, "' is no MQTT topic filter"));
  }
  if (const Status valid = validate_target(topic); !valid) return valid.error();
  return TopicMap::Rule{std::string(filter), std::string(topic)};
}

void replace(std::string& text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), by);
}

}  // namespace

Result<TopicMap> TopicMap::make(const std::vector<std::string>& rules, std::string default_topic,
                                std::string name_of_others) {
  TopicMap map;
  for (const std::string& rule : rules) {
    auto parsed = parse_rule(rule);
    if (!parsed) return parsed.error();
    map.rules_.push_back(std::move(*parsed));
  }
  if (const Status valid = validate_target(default_topic); !valid) return valid.error();
  if (name_of_others.find("{topic}") == std::string::npos) {
    return Error(Errc::invalid_parameter, text("'", name_of_others, "' has no {topic}"));
  }
  map.default_topic_ = std::move(default_topic);
  map.name_of_others_ = std::move(name_of_others);
  return map;
}

std::string TopicMap::topic_of(std::string_view mqtt_topic, const Topics& topics) const {
  for (const Rule& rule : rules_) {
    if (mqtt::matches(rule.filter, mqtt_topic)) return rule.topic;
  }
  const std::string_view first = mqtt_topic.substr(0, mqtt_topic.find('/'));
  if (!first.empty() && is_visible(first, topics) && topics.find(first)) return std::string(first);
  return default_topic_;
}

std::string TopicMap::name_of(std::string_view topic, std::string_view tag) const {
  std::string name = name_of_others_;
  replace(name, "{topic}", topic);
  if (tag.empty()) replace(name, "/{tag}", "");
  replace(name, "{tag}", tag);
  return mqtt::is_valid_topic_name(name) && mqtt::is_valid_text(name) ? name : std::string();
}

bool TopicMap::is_visible(std::string_view topic, const Topics& topics) {
  return !is_of_a_group(topic) && !topics.is_system(topic);
}

std::vector<std::string> TopicMap::own_topics() const {
  std::vector<std::string> topics{default_topic_};
  for (const Rule& rule : rules_) {
    if (std::ranges::find(topics, rule.topic) == topics.end()) topics.push_back(rule.topic);
  }
  return topics;
}

std::int32_t queue_of(std::string_view mqtt_topic, std::int32_t queues) noexcept {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;
  for (const char byte : mqtt_topic) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 1'099'511'628'211ULL;
  return queues <= 1 ? 0 : static_cast<std::int32_t>((hash >> 16) % static_cast<std::uint64_t>(queues));
}

}  // namespace tenon::protocol_mqtt
