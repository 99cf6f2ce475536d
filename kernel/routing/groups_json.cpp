// SPDX-License-Identifier: Apache-2.0
#include "routing/groups_json.hpp"

#include "broker_json/data_version.hpp"
#include "broker_json/group_config.hpp"
#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"

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
  const fastjson::Value* table = parsed->find("subscriptionGroupTable");
  if (table == nullptr || !table->is_object()) {
    return Error(Errc::message_illegal, "there is no object \"subscriptionGroupTable\" in it");
  }
  GroupsFile file;
  file.version = broker_json::data_version_of(*parsed);
  if (const fastjson::Value* forbidden = parsed->find("forbiddenTable");
      forbidden != nullptr && forbidden->is_object()) {
    file.forbidden = *forbidden;
  }
  for (const auto& [key, value] : table->members()) {
    const auto name = key.as_text();
    if (!name || name->empty()) continue;
    auto group = std::make_shared<SubscriptionGroupConfig>(broker_json::read_group_config(value));
    group->name = *name;  // what the table calls it, whatever stands inside
    file.groups.push_back(std::move(group));
  }
  return file;
}

}  // namespace tenon::kernel
