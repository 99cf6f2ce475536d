// SPDX-License-Identifier: Apache-2.0
#include "broker_json/group_config.hpp"
#include "fastjson/reader.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/copied_tables.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/admin/page.hpp"
#include "protocol-native/bodies/group_config_body.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

using GroupConfigs = std::vector<SubscriptionGroupConfig>;

void put_groups(Request& request, GroupConfigs configs) {
  for (const auto& config : configs) {
    if (const Status valid = validate_group_name(config.name); !valid) return request.fail(valid.error());
  }
  auto put = [configs = std::move(configs)](const BrokerServices& services, const DeferredAnswer& answer) {
    for (const auto& config : configs) services.groups->put(config).value();
    answer_group_change(services, answer);
  };
  work_on_disk(Asker(request), std::move(put));
}

void update_and_create_group(Request& request) {
  const auto json = fastjson::parse(request.body());
  if (!json) return request.fail(json.error());
  GroupConfigs configs;
  configs.push_back(broker_json::read_group_config(*json));
  put_groups(request, std::move(configs));
}

void update_and_create_group_list(Request& request) {
  const auto json = fastjson::parse(request.body());
  if (!json) return request.fail(json.error());
  GroupConfigs configs;
  if (const fastjson::Value* list = json->find("groupConfigList")) {
    for (const fastjson::Value& entry : list->elements()) configs.push_back(broker_json::read_group_config(entry));
  }
  put_groups(request, std::move(configs));
}

void delete_group(Request& request) {
  auto remove = [group = std::string(request.require_text("groupName")),
                 clean = request.boolean_or("cleanOffset", false)](const BrokerServices& services,
                                                                   const DeferredAnswer& answer) {
    services.groups->remove(group, clean).value();
    answer_group_change(services, answer);
  };
  work_on_disk(Asker(request), std::move(remove));
}

void all_groups(Request& request) {
  const Groups& groups = *request.services().groups;
  const DataVersion version = groups.version();  // first: a slave that has it need not ask for what it stands for again
  const auto all = groups.list();
  const auto page = page_of(request, all, "groupSeq", "maxGroupNum");
  request.succeed_with_body(group_table_body(version, page), {{"totalGroupNum", std::to_string(all.size())}});
}

void group_config(Request& request) {
  const std::string_view name = request.require_text("group");
  const auto group = request.services().groups->find(name);
  if (group) return request.succeed_with_body(group_config_body(*group));
  request.fail(Error(Errc::subscription_group_not_exist, text("No group in this broker. group: ", name)));
}

void group_forbidden(Request& request) {
  if (!request.boolean_or("readable", true)) {
    return request.fail(Error(Errc::not_supported, "forbidding one topic to a group is not supported"));
  }
  std::string body;
  fastjson::Writer json(body);
  json.begin_object()
      .member("group", request.require_text("group"))
      .member("readable", true)
      .member("topic", request.require_text("topic"))
      .end_object();
  request.succeed_with_body(std::move(body));
}

}  // namespace

void add_group_admin_handlers(HandlerTable& table) {
  table.add(RequestCode::update_and_create_subscriptiongroup, update_and_create_group);
  table.add(RequestCode::get_all_subscriptiongroup_config, all_groups);
  table.add(RequestCode::delete_subscriptiongroup, delete_group);
  table.add(RequestCode::update_and_create_subscriptiongroup_list, update_and_create_group_list);
  table.add(RequestCode::get_subscriptiongroup_config, group_config);
  table.add(RequestCode::update_and_get_group_forbidden, group_forbidden);
}

}  // namespace tenon::protocol_native
