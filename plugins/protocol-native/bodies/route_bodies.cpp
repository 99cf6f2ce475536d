// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/route_bodies.hpp"

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"

namespace tenon::protocol_native {
namespace {

constexpr fastjson::Style kStrict{.integer_keys = fastjson::IntegerKeys::quoted};

void write_addresses(fastjson::Writer& json, const BrokerRoute& broker) {
  json.key("brokerAddrs").begin_object();
  for (const auto& [id, address] : broker.addresses) json.key(id).value(address);
  json.end_object();
}

void write_broker(fastjson::Writer& json, const BrokerRoute& broker) {
  json.begin_object();
  write_addresses(json, broker);
  json.member("brokerName", broker.broker_name)
      .member("cluster", broker.cluster)
      .member("enableActingMaster", broker.enable_acting_master);
  if (!broker.zone_name.empty()) json.member("zoneName", broker.zone_name);
  json.end_object();
}

void write_queues(fastjson::Writer& json, const QueueRoute& queues) {
  json.begin_object()
      .member("brokerName", queues.broker_name)
      .member("perm", queues.perm)
      .member("readQueueNums", queues.read_queue_nums)
      .member("topicSysFlag", queues.topic_sys_flag)
      .member("writeQueueNums", queues.write_queue_nums)
      .end_object();
}

}  // namespace

std::string topic_route_body(const TopicRoute& route) {
  std::string body;
  fastjson::Writer json(body, kStrict);
  json.begin_object().key("brokerDatas").begin_array();
  for (const BrokerRoute& broker : route.brokers) write_broker(json, broker);
  json.end_array().key("filterServerTable").begin_object().end_object();
  if (!route.order_topic_conf.empty()) json.member("orderTopicConf", route.order_topic_conf);
  json.key("queueDatas").begin_array();
  for (const QueueRoute& queues : route.queues) write_queues(json, queues);
  json.end_array().end_object();
  return body;
}

std::string cluster_info_body(const ClusterInfo& info) {
  std::string body;
  fastjson::Writer json(body, kStrict);
  json.begin_object().key("brokerAddrTable").begin_object();
  for (const auto& [name, broker] : info.brokers) {
    json.key(name);
    write_broker(json, broker);
  }
  json.end_object().key("clusterAddrTable").begin_object();
  for (const auto& [cluster, names] : info.clusters) {
    json.key(cluster).begin_array();
    for (const std::string& name : names) json.value(name);
    json.end_array();
  }
  json.end_object().end_object();
  return body;
}

std::string broker_member_group_body(const BrokerRoute& group) {
  std::string body;
  fastjson::Writer json(body, kStrict);
  json.begin_object().key("brokerMemberGroup").begin_object();
  write_addresses(json, group);
  json.member("brokerName", group.broker_name).member("cluster", group.cluster).end_object().end_object();
  return body;
}

std::string key_value_table_body(const std::map<std::string, std::string>& table) {
  std::string body;
  fastjson::Writer json(body, kStrict);
  json.begin_object().key("table").begin_object();
  for (const auto& [key, value] : table) json.member(key, value);
  json.end_object().end_object();
  return body;
}

std::string topic_list_body(const std::vector<std::string>& topics, const std::string& broker_address) {
  std::string body;
  fastjson::Writer json(body, kStrict);
  json.begin_object();
  if (!broker_address.empty()) json.member("brokerAddr", broker_address);
  json.key("topicList").begin_array();
  for (const std::string& topic : topics) json.value(topic);
  json.end_array().end_object();
  return body;
}

Result<std::vector<QueueRoute>> read_queue_routes(std::span<const std::byte> body) {
  const auto json = fastjson::parse(body);
  if (!json) return json.error();
  std::vector<QueueRoute> out;
  const fastjson::Value* queues = json->find("queueDatas");
  if (queues == nullptr) return out;
  for (const fastjson::Value& entry : queues->elements()) {
    out.push_back({entry.text_or("brokerName", ""), entry.i32_or("readQueueNums", 0), entry.i32_or("writeQueueNums", 0),
                   entry.i32_or("perm", 0), entry.i32_or("topicSysFlag", 0)});
  }
  return out;
}

}  // namespace tenon::protocol_native
