// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "broker_json/topic_config.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/page.hpp"
#include "protocol-native/bodies/client_bodies.hpp"
#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/bodies/topic_config_body.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

void all_topic_config(Request& request) {
  const Topics& topics = *request.services().topics;
  const DataVersion version = topics.version();  // first: a slave that has it need not ask for what it stands for again
  const auto all = topics.list();
  const auto page = page_of(request, all, "topicSeq", "maxTopicNum");
  request.succeed_with_body(topic_table_body(version, page), {{"totalTopicNum", std::to_string(all.size())}});
}

void topic_config(Request& request) {
  const std::string_view name = request.require_text("topic");
  const auto topic = request.services().topics->find(name);
  if (!topic) return request.fail(Error(Errc::topic_not_exist, text("No topic in this broker. topic: ", name)));
  std::string body;
  fastjson::Writer json(body);
  broker_json::write_topic_config(json, *topic);
  request.succeed_with_body(std::move(body));
}

void system_topics_here(Request& request) {
  const Topics& topics = *request.services().topics;
  std::vector<std::string> names;
  for (const auto& topic : topics.list()) {
    if (topics.is_system(topic->name)) names.push_back(topic->name);
  }
  request.succeed_with_body(topic_list_body(names));
}

bool reads(const ConsumerGroupState& group, std::string_view topic) {
  return std::ranges::any_of(group.subscriptions, [&](const Subscription& one) { return one.topic == topic; });
}

void topic_consumed_by(Request& request) {
  const std::string_view topic = request.require_text("topic");
  const ClientRegistry& clients = *request.services().clients;
  std::set<std::string> groups;
  for (std::string& group : request.services().offsets->groups_of(topic)) groups.insert(std::move(group));
  for (std::string& group : clients.consumer_groups()) {
    const auto state = clients.consumer_group(group);
    if (state && reads(*state, topic)) groups.insert(std::move(group));
  }
  request.succeed_with_body(group_list_body({groups.begin(), groups.end()}));
}

void topics_by_consumer(Request& request) {
  request.succeed_with_body(topic_list_body(request.services().offsets->topics_of(request.require_text("group"))));
}

}  // namespace

void add_topic_query_handlers(HandlerTable& table) {
  table.add(RequestCode::get_all_topic_config, all_topic_config);
  table.add(RequestCode::query_topic_consume_by_who, topic_consumed_by);
  table.add(RequestCode::get_system_topic_list_from_broker, system_topics_here);
  table.add(RequestCode::query_topics_by_consumer, topics_by_consumer);
  table.add(RequestCode::get_topic_config, topic_config);
}

}  // namespace tenon::protocol_native
