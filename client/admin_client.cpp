// SPDX-License-Identifier: Apache-2.0
#include "client/admin_client.hpp"

#include "client/broker_call.hpp"
#include "tenon/text.hpp"

namespace tenon::client {

using remoting::RequestCode;

Result<std::vector<std::string>> AdminClient::masters(const BrokerSelection& where) {
  if (!where.broker_address.empty()) return std::vector<std::string>{where.broker_address};
  const auto brokers = client_.name_servers().brokers();
  if (!brokers) return brokers.error();
  std::vector<std::string> addresses;
  for (const BrokerData& broker : *brokers) {
    const auto master = broker.addresses.find(0);
    if (master == broker.addresses.end()) continue;
    if (where.cluster.empty() || broker.cluster == where.cluster) addresses.push_back(master->second);
  }
  if (!addresses.empty()) return addresses;
  return Error(Errc::query_not_found, where.cluster.empty()
                                          ? std::string("the name server knows no broker with a master")
                                          : text("cluster ", where.cluster, " has no broker with a master"));
}

Result<std::vector<std::string>> AdminClient::create_topic(const TopicSettings& topic, const BrokerSelection& where) {
  auto addresses = masters(where);
  if (!addresses) return addresses;
  for (const std::string& address : *addresses) {
    Request request(RequestCode::update_and_create_topic);
    request.field("topic", topic.name).field("defaultTopic", "TBW102").field("readQueueNums", topic.read_queue_nums);
    request.field("writeQueueNums", topic.write_queue_nums).field("perm", topic.perm);
    request.field("topicFilterType", "SINGLE_TAG").field("topicSysFlag", 0).field("order", topic.order);
    request.field("attributes", topic.attributes);
    if (auto created = change_at_broker(client_, address, std::move(request), text("create topic ", topic.name));
        !created)
      return created.error();
  }
  client_.forget_route(topic.name);
  return addresses;
}

Result<std::vector<std::string>> AdminClient::delete_topic(const std::string& topic, const BrokerSelection& where) {
  auto addresses = masters(where);
  if (!addresses) return addresses;
  for (const std::string& address : *addresses) {
    Request request(RequestCode::delete_topic_in_broker);
    request.field("topic", topic);
    if (auto deleted = change_at_broker(client_, address, std::move(request), text("delete topic ", topic)); !deleted)
      return deleted.error();
  }
  if (where.broker_address.empty()) {
    if (auto forgotten = client_.name_servers().delete_topic(topic); !forgotten) return forgotten.error();
  }
  client_.forget_route(topic);
  return addresses;
}

}  // namespace tenon::client
