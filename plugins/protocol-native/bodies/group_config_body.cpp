// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/group_config_body.hpp"

#include "protocol-native/bodies/data_version_body.hpp"

namespace tenon::protocol_native {

void write_group_config(fastjson::Writer& json, const SubscriptionGroupConfig& group) {
  json.begin_object().key("attributes").begin_object();
  for (const auto& [name, value] : group.attributes) json.member(name, value);
  json.end_object()
      .member("brokerId", group.broker_id)
      .member("consumeBroadcastEnable", group.consume_broadcast_enable)
      .member("consumeEnable", group.consume_enable)
      .member("consumeFromMinEnable", group.consume_from_min_enable)
      .member("consumeMessageOrderly", group.consume_message_orderly)
      .member("consumeTimeoutMinute", group.consume_timeout_minutes)
      .member("groupName", group.name)
      .key("groupRetryPolicy")
      .raw(group.group_retry_policy_json)
      .member("groupSysFlag", group.group_sys_flag)
      .member("notifyConsumerIdsChangedEnable", group.notify_consumer_ids_changed_enable)
      .member("retryMaxTimes", group.retry_max_times)
      .member("retryQueueNums", group.retry_queue_nums)
      .member("whichBrokerWhenConsumeSlowly", group.which_broker_when_consume_slowly)
      .end_object();
}

SubscriptionGroupConfig read_group_config(const fastjson::Value& json) {
  SubscriptionGroupConfig group;
  group.name = json.text_or("groupName", "");
  group.consume_enable = json.bool_or("consumeEnable", group.consume_enable);
  group.consume_from_min_enable = json.bool_or("consumeFromMinEnable", group.consume_from_min_enable);
  group.consume_broadcast_enable = json.bool_or("consumeBroadcastEnable", group.consume_broadcast_enable);
  group.consume_message_orderly = json.bool_or("consumeMessageOrderly", group.consume_message_orderly);
  group.notify_consumer_ids_changed_enable =
      json.bool_or("notifyConsumerIdsChangedEnable", group.notify_consumer_ids_changed_enable);
  group.retry_queue_nums = json.i32_or("retryQueueNums", group.retry_queue_nums);
  group.retry_max_times = json.i32_or("retryMaxTimes", group.retry_max_times);
  group.consume_timeout_minutes = json.i32_or("consumeTimeoutMinute", group.consume_timeout_minutes);
  group.group_sys_flag = json.i32_or("groupSysFlag", group.group_sys_flag);
  group.broker_id = json.i64_or("brokerId", group.broker_id);
  group.which_broker_when_consume_slowly =
      json.i64_or("whichBrokerWhenConsumeSlowly", group.which_broker_when_consume_slowly);
  if (const fastjson::Value* policy = json.find("groupRetryPolicy"); policy != nullptr && policy->is_object()) {
    group.group_retry_policy_json = fastjson::to_json(*policy);
  }
  if (const fastjson::Value* attributes = json.find("attributes")) {
    for (const auto& [name, value] : attributes->members()) {
      group.attributes[name.as_text().value_or("")] = value.as_text().value_or("");
    }
  }
  return group;
}

std::string group_config_body(const SubscriptionGroupConfig& group) {
  std::string body;
  fastjson::Writer json(body);
  write_group_config(json, group);
  return body;
}

std::string group_table_body(const DataVersion& version,
                             const std::vector<std::shared_ptr<const SubscriptionGroupConfig>>& groups) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("dataVersion");
  write_data_version(json, version);
  json.key("forbiddenTable").begin_object().end_object().key("subscriptionGroupTable").begin_object();
  for (const auto& group : groups) {
    json.key(group->name);
    write_group_config(json, *group);
  }
  json.end_object().end_object();
  return body;
}

}  // namespace tenon::protocol_native
