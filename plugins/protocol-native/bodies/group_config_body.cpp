// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/group_config_body.hpp"

#include "broker_json/data_version.hpp"
#include "broker_json/group_config.hpp"
#include "fastjson/writer.hpp"

namespace tenon::protocol_native {

std::string group_config_body(const SubscriptionGroupConfig& group) {
  std::string body;
  fastjson::Writer json(body);
  broker_json::write_group_config(json, group);
  return body;
}

std::string group_table_body(const DataVersion& version,
                             const std::vector<std::shared_ptr<const SubscriptionGroupConfig>>& groups) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("dataVersion");
  broker_json::write_data_version(json, version);
  json.key("forbiddenTable").begin_object().end_object().key("subscriptionGroupTable").begin_object();
  for (const auto& group : groups) {
    json.key(group->name);
    broker_json::write_group_config(json, *group);
  }
  json.end_object().end_object();
  return body;
}

}  // namespace tenon::protocol_native
