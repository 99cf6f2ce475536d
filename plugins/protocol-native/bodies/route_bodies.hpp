// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "tenon/error.hpp"
#include "tenon/route_table.hpp"

namespace tenon::protocol_native {

/// Bodies of a name server's answers. Map keys are always quoted and nothing is spaced: all clients read that.
/// remoting-protocol.md 3.1, 3.2 and 2c.
std::string topic_route_body(const TopicRoute& route);
std::string cluster_info_body(const ClusterInfo& info);
/// Answer to 901. A broker name that nobody knows has no addresses.
std::string broker_member_group_body(const BrokerRoute& group);
/// KVTable: `{"table":{"k":"v"}}`.
std::string key_value_table_body(const std::map<std::string, std::string>& table);
/// `{"brokerAddr":"ip:port","topicList":[...]}`; an empty address is left out.
std::string topic_list_body(const std::vector<std::string>& topics, const std::string& broker_address = {});

/// The queueDatas of a TopicRouteData (request 217). Error: message_illegal.
Result<std::vector<QueueRoute>> read_queue_routes(std::span<const std::byte> body);

}  // namespace tenon::protocol_native
