// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/client_bodies.hpp"

namespace tenon::protocol_native {
namespace {

std::string address_of(const ClientIdentity& client) {
  return client.channel ? client.channel->remote_address().to_string() : std::string();
}

void write_connections(fastjson::Writer& json, const std::vector<ClientConnection>& connections) {
  json.key("connectionSet").begin_array();
  for (const auto& [client, last_update] : connections) {
    json.begin_object()
        .member("clientAddr", address_of(client))
        .member("clientId", client.client_id)
        .member("language", client.language)
        .member("version", client.version)
        .end_object();
  }
  json.end_array();
}

}  // namespace

std::string_view consume_type_name(ConsumeType type) noexcept {
  switch (type) {
    case ConsumeType::actively:
      return "CONSUME_ACTIVELY";
    case ConsumeType::passively:
      return "CONSUME_PASSIVELY";
    case ConsumeType::pop:
      return "CONSUME_POP";
  }
  return "CONSUME_PASSIVELY";
}

std::string_view message_model_name(MessageModel model) noexcept {
  return model == MessageModel::broadcasting ? "BROADCASTING" : "CLUSTERING";
}

std::string_view consume_from_where_name(ConsumeFromWhere where) noexcept {
  switch (where) {
    case ConsumeFromWhere::last_offset:
      return "CONSUME_FROM_LAST_OFFSET";
    case ConsumeFromWhere::last_offset_and_from_min_when_boot_first:
      return "CONSUME_FROM_LAST_OFFSET_AND_FROM_MIN_WHEN_BOOT_FIRST";
    case ConsumeFromWhere::min_offset:
      return "CONSUME_FROM_MIN_OFFSET";
    case ConsumeFromWhere::max_offset:
      return "CONSUME_FROM_MAX_OFFSET";
    case ConsumeFromWhere::first_offset:
      return "CONSUME_FROM_FIRST_OFFSET";
    case ConsumeFromWhere::timestamp:
      return "CONSUME_FROM_TIMESTAMP";
  }
  return "CONSUME_FROM_LAST_OFFSET";
}

void write_subscription(fastjson::Writer& json, const Subscription& subscription) {
  json.begin_object().member("classFilterMode", subscription.class_filter_mode).key("codeSet").begin_array();
  for (const std::int32_t code : subscription.codes) json.value(code);
  json.end_array()
      .member("expressionType", subscription.expression_type)
      .member("subString", subscription.expression)
      .member("subVersion", subscription.version)
      .key("tagsSet")
      .begin_array();
  for (const std::string& tag : subscription.tags) json.value(tag);
  json.end_array().member("topic", subscription.topic).end_object();
}

std::string consumer_connection_body(const ConsumerGroupState& group) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object();
  write_connections(json, group.connections);
  json.member("consumeFromWhere", consume_from_where_name(group.consume_from_where))
      .member("consumeType", consume_type_name(group.consume_type))
      .member("messageModel", message_model_name(group.message_model))
      .key("subscriptionTable")
      .begin_object();
  for (const Subscription& subscription : group.subscriptions) {
    json.key(subscription.topic);
    write_subscription(json, subscription);
  }
  json.end_object().end_object();
  return body;
}

std::string producer_connection_body(const std::vector<ClientConnection>& connections) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object();
  write_connections(json, connections);
  json.end_object();
  return body;
}

std::string producer_table_body(const std::map<std::string, std::vector<ClientConnection>>& groups) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("data").begin_object();
  for (const auto& [group, connections] : groups) {
    json.key(group).begin_array();
    for (const auto& [client, last_update_ms] : connections) {
      json.begin_object()
          .member("clientId", client.client_id)
          .member("language", client.language)
          .member("lastUpdateTimestamp", last_update_ms)
          .member("remoteIP", address_of(client))
          .member("version", client.version)
          .end_object();
    }
    json.end_array();
  }
  json.end_object().end_object();
  return body;
}

std::string subscription_by_consumer_body(const std::string& group, const std::string& topic,
                                          const Subscription* subscription) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().member("group", group);
  if (subscription != nullptr) {
    json.key("subscriptionData");
    write_subscription(json, *subscription);
  }
  json.member("topic", topic).end_object();
  return body;
}

std::string group_list_body(const std::vector<std::string>& groups) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("groupList").begin_array();
  for (const std::string& group : groups) json.value(group);
  json.end_array().end_object();
  return body;
}

}  // namespace tenon::protocol_native
