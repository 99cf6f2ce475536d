// SPDX-License-Identifier: Apache-2.0
#include "routing/groups_json.hpp"

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "routing/data_version_json.hpp"

namespace tenon::kernel {
namespace {

void write_group(fastjson::Writer& json, const SubscriptionGroupConfig& group) {
  json.key(group.name).begin_object();
  json.key("attributes").begin_object();
  for (const auto& [name, value] : group.attributes) json.member(name, value);
  json.end_object();
  json.member("brokerId", group.broker_id).member("consumeBroadcastEnable", group.consume_broadcast_enable);
  json.member("consumeEnable", group.consume_enable).member("consumeFromMinEnable", group.consume_from_min_enable);
  json.member("consumeMessageOrderly", group.consume_message_orderly);
  json.member("consumeTimeoutMinute", group.consume_timeout_minutes).member("groupName", group.name);
  if (const auto policy = fastjson::parse(group.group_retry_policy_json)) json.member("groupRetryPolicy", *policy);
  json.member("groupSysFlag", group.group_sys_flag);
  json.member("notifyConsumerIdsChangedEnable", group.notify_consumer_ids_changed_enable);
  json.member("retryMaxTimes", group.retry_max_times).member("retryQueueNums", group.retry_queue_nums);
  json.member("whichBrokerWhenConsumeSlowly", group.which_broker_when_consume_slowly).end_object();
}

void read_attributes(const fastjson::Value& value, SubscriptionGroupConfig& group) {
  const fastjson::Value* attributes = value.find("attributes");
  if (attributes == nullptr) return;
  for (const auto& [key, attribute] : attributes->members()) {
    const auto name = key.as_text();
    const auto content = attribute.as_text();
    if (name && content) group.attributes[*name] = *content;
  }
}

SubscriptionGroupConfig read_group(std::string_view name, const fastjson::Value& value) {
  SubscriptionGroupConfig group;
  group.name = name;
  group.consume_enable = value.bool_or("consumeEnable", group.consume_enable);
  group.consume_from_min_enable = value.bool_or("consumeFromMinEnable", group.consume_from_min_enable);
  group.consume_broadcast_enable = value.bool_or("consumeBroadcastEnable", group.consume_broadcast_enable);
  group.consume_message_orderly = value.bool_or("consumeMessageOrderly", group.consume_message_orderly);
  group.notify_consumer_ids_changed_enable =
      value.bool_or("notifyConsumerIdsChangedEnable", group.notify_consumer_ids_changed_enable);
  group.retry_queue_nums = value.i32_or("retryQueueNums", group.retry_queue_nums);
  group.retry_max_times = value.i32_or("retryMaxTimes", group.retry_max_times);
  group.consume_timeout_minutes = value.i32_or("consumeTimeoutMinute", group.consume_timeout_minutes);
  group.group_sys_flag = value.i32_or("groupSysFlag", group.group_sys_flag);
  group.broker_id = value.i64_or("brokerId", group.broker_id);
  group.which_broker_when_consume_slowly =
      value.i64_or("whichBrokerWhenConsumeSlowly", group.which_broker_when_consume_slowly);
  if (const fastjson::Value* policy = value.find("groupRetryPolicy"); policy != nullptr && policy->is_object()) {
    group.group_retry_policy_json = fastjson::to_json(*policy);
  }
  read_attributes(value, group);
  return group;
}

}  // namespace

std::string encode_groups(const GroupsFile& file) {
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  json.begin_object();
  write_data_version(json, file.version);
  json.member("forbiddenTable", file.forbidden);
  json.key("subscriptionGroupTable").begin_object();
  for (const auto& group : file.groups) write_group(json, *group);
  json.end_object().end_object();
  return out;
}

Result<GroupsFile> decode_groups(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  const fastjson::Value* table = parsed->find("subscriptionGroupTable");
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, "there is no object \"subscriptionGroupTable\" in it");
  }
  GroupsFile file;
  file.version = read_data_version(*parsed);
  if (const fastjson::Value* forbidden = parsed->find("forbiddenTable");
      forbidden != nullptr && forbidden->is_object()) {
    file.forbidden = *forbidden;
  }
  for (const auto& [key, value] : table->members()) {
    const auto name = key.as_text();
    if (name && !name->empty())
      file.groups.push_back(std::make_shared<SubscriptionGroupConfig>(read_group(*name, value)));
  }
  return file;
}

}  // namespace tenon::kernel
