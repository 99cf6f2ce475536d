// SPDX-License-Identifier: Apache-2.0
#include "broker_json/group_config.hpp"

#include "broker_json/attributes.hpp"
#include "fastjson/reader.hpp"

namespace tenon::broker_json {

void write_group_config(fastjson::Writer& json, const SubscriptionGroupConfig& group) {
  json.begin_object();
  write_attributes(json, group.attributes);
  json.member("brokerId", group.broker_id)
      .member("consumeBroadcastEnable", group.consume_broadcast_enable)
      .member("consumeEnable", group.consume_enable)
      .member("consumeFromMinEnable", group.consume_from_min_enable)
      .member("consumeMessageOrderly", group.consume_message_orderly)
      .member("consumeTimeoutMinute", group.consume_timeout_minutes)
      .member("groupName", group.name);
  if (const auto policy = fastjson::parse(group.group_retry_policy_json)) json.member("groupRetryPolicy", *policy);
  json.member("groupSysFlag", group.group_sys_flag)
      .member("notifyConsumerIdsChangedEnable", group.notify_consumer_ids_changed_enable)
      .member("retryMaxTimes", group.retry_max_times)
      .member("retryQueueNums", group.retry_queue_nums)
      .member("whichBrokerWhenConsumeSlowly", group.which_broker_when_consume_slowly)
      .end_object();
}

SubscriptionGroupConfig read_group_config(const fastjson::Value& json, std::string_view name_otherwise) {
  SubscriptionGroupConfig group;
  group.name = json.text_or("groupName", name_otherwise);
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
  group.attributes = read_attributes(json);
  return group;
}

}  // namespace tenon::broker_json
