// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "client/message.hpp"
#include "fastjson/value.hpp"
#include "tenon/error.hpp"

namespace tenon::client {

/// Permission bits of a topic.
namespace perm {
inline constexpr std::int32_t write = 2;
inline constexpr std::int32_t read = 4;
}  // namespace perm

struct QueueData {
  std::string broker_name;
  std::int32_t read_queue_nums = 0;
  std::int32_t write_queue_nums = 0;
  std::int32_t perm = 0;
};

struct BrokerData {
  std::string cluster;
  std::string broker_name;
  std::map<std::int64_t, std::string> addresses;  ///< By broker id; 0 is the master.
};

/// Where a topic lives, as a name server tells it. Source: ../shared/reference/remoting-protocol.md 3.1.
struct TopicRoute {
  std::string order_topic_conf;
  std::vector<QueueData> queues;
  std::vector<BrokerData> brokers;

  /// Address of broker `name`, the master's if there is one, else a slave's; empty when it is not in the route.
  std::string_view address_of(std::string_view broker_name) const;
  std::string_view master_of(std::string_view broker_name) const;
  /// Queues that may be written and have a master, in RocketMQ's order.
  std::vector<MessageQueue> publish_queues(std::string_view topic) const;
  /// Queues that may be read, in RocketMQ's order.
  std::vector<MessageQueue> subscribe_queues(std::string_view topic) const;
};

/// One broker entry of a route or of the cluster table; missing members are empty.
BrokerData parse_broker_data(const fastjson::Value& json);

/// Reads the body of a 105 answer. Error: message_illegal.
Result<TopicRoute> parse_topic_route(std::string_view json);

}  // namespace tenon::client
