// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/client/heartbeat_body.hpp"

#include <array>
#include <span>

#include "fastjson/reader.hpp"

namespace tenon::protocol_native {
namespace {

using fastjson::Value;

// In the order of their ordinals.
constexpr std::array<std::string_view, 3> kConsumeTypes{"CONSUME_ACTIVELY", "CONSUME_PASSIVELY", "CONSUME_POP"};
constexpr std::array<std::string_view, 2> kMessageModels{"BROADCASTING", "CLUSTERING"};
constexpr std::array<std::string_view, 6> kConsumeFromWhere{
    "CONSUME_FROM_LAST_OFFSET",  "CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST",
    "CONSUME_FROM_MIN_OFFSET",   "CONSUME_FROM_MAX_OFFSET",
    "CONSUME_FROM_FIRST_OFFSET", "CONSUME_FROM_TIMESTAMP"};

template <class Enum>
Enum enum_of(const Value& object, std::string_view key, std::span<const std::string_view> names, Enum otherwise) {
  const Value* const member = object.find(key);
  if (member == nullptr) return otherwise;
  if (const auto name = member->as_string()) {
    for (std::size_t ordinal = 0; ordinal < names.size(); ++ordinal) {
      if (names[ordinal] == *name) return static_cast<Enum>(ordinal);
    }
  }
  const auto ordinal = member->as_i32();
  if (!ordinal || *ordinal < 0 || static_cast<std::size_t>(*ordinal) >= names.size()) return otherwise;
  return static_cast<Enum>(*ordinal);
}

const Value::Array& array_of(const Value& object, std::string_view key) {
  static const Value nothing;
  const Value* const member = object.find(key);
  return member == nullptr ? nothing.elements() : member->elements();
}

ConsumerRegistration consumer_of(const Value& data) {
  ConsumerRegistration consumer;
  consumer.group = data.text_or("groupName", "");
  consumer.consume_type = enum_of(data, "consumeType", kConsumeTypes, ConsumeType::passively);
  consumer.message_model = enum_of(data, "messageModel", kMessageModels, MessageModel::clustering);
  consumer.consume_from_where = enum_of(data, "consumeFromWhere", kConsumeFromWhere, ConsumeFromWhere::last_offset);
  consumer.unit_mode = data.bool_or("unitMode", false);
  for (const Value& subscription : array_of(data, "subscriptionDataSet")) {
    consumer.subscriptions.push_back(subscription_of(subscription));
  }
  return consumer;
}

}  // namespace

Subscription subscription_of(const Value& data) {
  Subscription subscription;
  subscription.topic = data.text_or("topic", "");
  subscription.expression = data.text_or("subString", "*");
  subscription.expression_type = data.text_or("expressionType", "TAG");
  subscription.version = data.i64_or("subVersion", 0);
  subscription.class_filter_mode = data.bool_or("classFilterMode", false);
  for (const Value& tag : array_of(data, "tagsSet")) {
    if (auto word = tag.as_text()) subscription.tags.insert(*std::move(word));
  }
  for (const Value& code : array_of(data, "codeSet")) {
    if (const auto number = code.as_i32()) subscription.codes.insert(*number);
  }
  return subscription;
}

Result<Heartbeat> parse_heartbeat(std::string_view body) {
  const auto parsed = fastjson::parse(body);
  if (!parsed) return parsed.error();
  Heartbeat heartbeat;
  heartbeat.client.client_id = parsed->text_or("clientID", "");
  if (heartbeat.client.client_id.empty()) return Error(Errc::message_illegal, "heartbeat without a clientID");
  for (const Value& producer : array_of(*parsed, "producerDataSet")) {
    heartbeat.producer_groups.push_back(producer.text_or("groupName", ""));
  }
  for (const Value& consumer : array_of(*parsed, "consumerDataSet")) {
    heartbeat.consumers.push_back(consumer_of(consumer));
  }
  heartbeat.without_subscriptions = parsed->bool_or("withoutSub", false);
  heartbeat.fingerprint = parsed->i32_or("heartbeatFingerprint", 0);
  return heartbeat;
}

}  // namespace tenon::protocol_native
