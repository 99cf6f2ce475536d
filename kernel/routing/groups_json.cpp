// SPDX-License-Identifier: Apache-2.0
#include "routing/groups_json.hpp"

#include "broker_json/data_version.hpp"
#include "broker_json/group_config.hpp"
#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "routing/config_table_json.hpp"

namespace tenon::kernel {

std::string encode_groups(const GroupsFile& file) {
  std::string out;
  fastjson::Writer json(out, {.layout = fastjson::Layout::pretty});
  json.begin_object().key("dataVersion");
  broker_json::write_data_version(json, file.version);
  json.member("forbiddenTable", file.forbidden);
  json.key("subscriptionGroupTable").begin_object();
  for (const auto& group : file.groups) {
    json.key(group->name);
    broker_json::write_group_config(json, *group);
  }
  json.end_object().end_object();
  return out;
}

Result<GroupsFile> decode_groups(std::string_view text_of_file) {
  const Result<fastjson::Value> parsed = fastjson::parse(text_of_file, fastjson::kOwnFile);
  if (!parsed) return parsed.error();
  auto groups = read_config_table<SubscriptionGroupConfig>(
      *parsed, "subscriptionGroupTable",
      [](const fastjson::Value& json) { return broker_json::read_group_config(json); });
  if (!groups) return groups.error();
  GroupsFile file;
  file.version = broker_json::data_version_of(*parsed);
  file.groups = std::move(*groups);
  if (const fastjson::Value* forbidden = parsed->find("forbiddenTable");
      forbidden != nullptr && forbidden->is_object()) {
    file.forbidden = *forbidden;
  }
  return file;
}

}  // namespace tenon::kernel
