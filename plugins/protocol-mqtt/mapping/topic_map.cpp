// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/mapping/topic_map.hpp"

#include <algorithm>
#include <charconv>

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

/// Takes the first word off.
std::string_view take_word(std::string_view& words) {
  const std::string_view word = words.substr(0, words.find(' '));
  words = trimmed(words.substr(word.size()));
  return word;
}

bool parse_level(std::string_view digits, std::size_t& level) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), level);
  return error == std::errc() && end == digits.data() + digits.size() && level > 0;
}

/// One of "tag=3", "keys=2", "order=client", "order=topic".
bool parse_option(std::string_view option, TopicMap::Route& route) {
  const std::string_view name = option.substr(0, option.find('='));
  const std::string_view value = option.substr(std::min(option.size(), name.size() + 1));
  if (name == "tag") return parse_level(value, route.tag_level);
  if (name == "keys") return parse_level(value, route.keys_level);
  route.order_by_client = value == "client";
  return name == "order" && (value == "client" || value == "topic");
}

Result<TopicMap::Rule> parse_rule(std::string_view rule) {
  const std::size_t arrow = rule.find(kArrow);
  if (arrow == std::string_view::npos) {
    return Error(Errc::invalid_parameter, text("'", rule, "' is not \"<topic filter> -> <RocketMQ topic>\""));
  }
  const std::string_view filter = trimmed(rule.substr(0, arrow));
  if (!mqtt::is_valid_topic_filter(filter)) {
    return Error(Errc::invalid_parameter, text("'", filter, "' is no MQTT topic filter"));
  }
  TopicMap::Rule parsed{std::string(filter), {}};
  std::string_view words = trimmed(rule.substr(arrow + kArrow.size()));
  parsed.route.topic = take_word(words);
  if (const Status valid = validate_target(parsed.route.topic); !valid) return valid.error();
  while (!words.empty()) {
    const std::string_view option = take_word(words);
    if (parse_option(option, parsed.route)) continue;
    return Error(Errc::invalid_parameter, text("'", option, "' in '", rule,
                                               "' is none of tag=<level>, keys=<level>, order=client, order=topic"));
  }
  return parsed;
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

TopicMap::Route TopicMap::route_of(std::string_view mqtt_topic, const Topics& topics) const {
  for (const Rule& rule : rules_) {
    if (mqtt::matches(rule.filter, mqtt_topic)) return rule.route;
  }
  Route route;
  const std::string_view first = level_of(mqtt_topic, 1);
  const bool is_topic = !first.empty() && is_visible(first, topics) && topics.find(first) != nullptr;
  route.topic = is_topic ? first : std::string_view(default_topic_);
  return route;
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
    if (std::ranges::find(topics, rule.route.topic) == topics.end()) topics.push_back(rule.route.topic);
  }
  return topics;
}

std::string_view level_of(std::string_view mqtt_topic, std::size_t level) noexcept {
  if (level == 0) return {};
  for (; level > 1; --level) {
    const std::size_t slash = mqtt_topic.find('/');
    if (slash == std::string_view::npos) return {};
    mqtt_topic.remove_prefix(slash + 1);
  }
  return mqtt_topic.substr(0, mqtt_topic.find('/'));
}

std::int32_t queue_of(std::string_view name, std::int32_t queues) noexcept {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL;
  for (const char byte : name) hash = (hash ^ static_cast<std::uint8_t>(byte)) * 1'099'511'628'211ULL;
  return queues <= 1 ? 0 : static_cast<std::int32_t>((hash >> 16) % static_cast<std::uint64_t>(queues));
}

}  // namespace tenon::protocol_mqtt
