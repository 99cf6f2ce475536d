// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <set>

#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/namesrv/name_server_handlers.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

bool same_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right,
                            [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

/// In zone mode a client gets the brokers of its zone and those without a master. broker-semantics.md 1.5.
void keep_zone(TopicRoute& route, std::string_view zone) {
  std::set<std::string> dropped;
  std::erase_if(route.brokers, [&](const BrokerRoute& broker) {
    const bool foreign = broker.addresses.contains(0) && !same_ignoring_case(broker.zone_name, zone);
    if (foreign) dropped.insert(broker.broker_name);
    return foreign;
  });
  std::erase_if(route.queues, [&](const QueueRoute& queues) { return dropped.contains(queues.broker_name); });
}

void route_info_by_topic(Request& request) {
  auto route = request.services().routes->route_of(request.require_text("topic"));
  if (!route) return request.fail(route.error());
  const std::string_view zone = request.text("__ZONE_NAME");
  if (!zone.empty() && request.boolean_or("__ZONE_MODE", false)) keep_zone(*route, zone);
  request.succeed_with_body(topic_route_body(*route));
}

void broker_cluster_info(Request& request) {
  request.succeed_with_body(cluster_info_body(request.services().routes->cluster_info()));
}

void broker_member_group(Request& request) {
  BrokerRoute group;
  group.cluster = request.require_text("clusterName");
  group.broker_name = request.require_text("brokerName");
  const ClusterInfo info = request.services().routes->cluster_info();
  if (const auto found = info.brokers.find(group.broker_name); found != info.brokers.end()) group = found->second;
  request.succeed_with_body(broker_member_group_body(group));
}

}  // namespace

void add_route_query_handlers(HandlerTable& table) {
  table.add(RequestCode::get_routeinfo_by_topic, route_info_by_topic);
  table.add(RequestCode::get_broker_cluster_info, broker_cluster_info);
  table.add(RequestCode::get_broker_member_group, broker_member_group);
}

}  // namespace tenon::protocol_native
