// SPDX-License-Identifier: Apache-2.0
#include "client/heartbeat.hpp"

#include "fastjson/writer.hpp"
#include "tenon/properties.hpp"

namespace tenon::client {
namespace {

void write(fastjson::Writer& json, const Subscription& subscription) {
  const auto tags = subscription.tags();
  json.begin_object().member("classFilterMode", false).key("codeSet").begin_array();
  for (const std::string& tag : tags) json.value(java_string_hash(tag));
  json.end_array().member("expressionType", subscription.expression_type).member("subString", subscription.expression);
  json.member("subVersion", subscription.version).key("tagsSet").begin_array();
  for (const std::string& tag : tags) json.value(tag);
  json.end_array().member("topic", subscription.topic).end_object();
}

void write(fastjson::Writer& json, const Heartbeat::Consumer& consumer) {
  json.begin_object();
  json.member("consumeFromWhere", consumer.from == ConsumeFromWhere::last_offset ? "CONSUME_FROM_LAST_OFFSET"
                                                                                 : "CONSUME_FROM_FIRST_OFFSET");
  json.member("consumeType", "CONSUME_PASSIVELY").member("groupName", consumer.group);
  json.member("messageModel", consumer.model == MessageModel::clustering ? "CLUSTERING" : "BROADCASTING");
  json.key("subscriptionDataSet").begin_array();
  for (const Subscription& subscription : consumer.subscriptions) write(json, subscription);
  json.end_array().member("unitMode", false).end_object();
}

}  // namespace

Request heartbeat_request(const Heartbeat& heartbeat) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().member("clientID", heartbeat.client_id).key("consumerDataSet").begin_array();
  if (heartbeat.consumer) write(json, *heartbeat.consumer);
  json.end_array().member("heartbeatFingerprint", 0).key("producerDataSet").begin_array();
  for (const std::string& group : heartbeat.producer_groups)
    json.begin_object().member("groupName", group).end_object();
  json.end_array().member("withoutSub", false).end_object();
  Request request(remoting::RequestCode::heart_beat);
  request.body(std::move(body));
  return request;
}

Request check_client_request(std::string_view client_id, std::string_view group, const Subscription& subscription) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().member("clientId", client_id).member("group", group).key("subscriptionData");
  write(json, subscription);
  json.end_object();
  Request request(remoting::RequestCode::check_client_config);
  request.body(std::move(body));
  return request;
}

Request unregister_request(std::string_view client_id, std::string_view producer_group,
                           std::string_view consumer_group) {
  Request request(remoting::RequestCode::unregister_client);
  request.field("clientID", client_id);
  if (!producer_group.empty()) request.field("producerGroup", producer_group);
  if (!consumer_group.empty()) request.field("consumerGroup", consumer_group);
  return request;
}

}  // namespace tenon::client
