// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/namesrv/name_server_handlers.hpp"
#include "protocol-native/request.hpp"
#include "protocol-native/topic_sys_flag.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

void all_topics(Request& request) { request.succeed_with_body(topic_list_body(request.services().routes->topics({}))); }

void topics_by_cluster(Request& request) {
  request.succeed_with_body(topic_list_body(request.services().routes->topics(request.require_text("cluster"))));
}

void system_topics_of_cluster(Request& request) {
  const ClusterInfo info = request.services().routes->cluster_info();
  std::vector<std::string> topics;
  for (const auto& [cluster, names] : info.clusters) {
    topics.push_back(cluster);
    topics.insert(topics.end(), names.begin(), names.end());
  }
  std::string address;
  if (!info.brokers.empty()) address = info.brokers.begin()->second.addresses.begin()->second;
  request.succeed_with_body(topic_list_body(topics, address));
}

/// Topics whose first queue entry has, of the two unit bits under `mask`, exactly `wanted`.
std::string topics_with_flags(const RouteTable& routes, std::int32_t mask, std::int32_t wanted) {
  std::vector<std::string> topics;
  for (std::string& topic : routes.topics({})) {
    const auto route = routes.route_of(topic);
    if (route && (route->queues.front().topic_sys_flag & mask) == wanted) topics.push_back(std::move(topic));
  }
  return topic_list_body(topics);
}

void unit_topics(Request& request) {
  request.succeed_with_body(topics_with_flags(*request.services().routes, kUnit, kUnit));
}
void unit_subscribed_topics(Request& request) {
  request.succeed_with_body(topics_with_flags(*request.services().routes, kUnitSubscription, kUnitSubscription));
}
void unit_subscribed_topics_without_unit(Request& request) {
  request.succeed_with_body(
      topics_with_flags(*request.services().routes, kUnit | kUnitSubscription, kUnitSubscription));
}

}  // namespace

void add_topic_list_handlers(HandlerTable& table) {
  table.add(RequestCode::get_all_topic_list_from_nameserver, all_topics);
  table.add(RequestCode::get_topics_by_cluster, topics_by_cluster);
  table.add(RequestCode::get_system_topic_list_from_ns, system_topics_of_cluster);
  table.add(RequestCode::get_unit_topic_list, unit_topics);
  table.add(RequestCode::get_has_unit_sub_topic_list, unit_subscribed_topics);
  table.add(RequestCode::get_has_unit_sub_ununit_topic_list, unit_subscribed_topics_without_unit);
}

}  // namespace tenon::protocol_native
