// SPDX-License-Identifier: Apache-2.0
#include "client/topic_route.hpp"

#include <algorithm>

#include "fastjson/reader.hpp"
#include "remoting/field_reader.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

constexpr std::int32_t kQueuesMax = 65'536;       // of one topic on one broker; a larger number is a damaged route
constexpr std::size_t kQueuesOfAllMax = 1 << 20;  // and so is one with more than these

const BrokerData* find_broker(const TopicRoute& route, std::string_view broker_name) {
  const auto found = std::find_if(route.brokers.begin(), route.brokers.end(),
                                  [&](const BrokerData& broker) { return broker.broker_name == broker_name; });
  return found == route.brokers.end() ? nullptr : &*found;
}

void append_queues(std::vector<MessageQueue>& out, std::string_view topic, const std::string& broker_name,
                   std::int32_t count) {
  for (std::int32_t id = 0; id < std::min(count, kQueuesMax) && out.size() < kQueuesOfAllMax; ++id)
    out.push_back({std::string(topic), broker_name, id});
}

/// "broker-a:4;broker-b:8": exactly these queues, even of brokers that are away.
std::vector<MessageQueue> ordered_queues(std::string_view conf, std::string_view topic) {
  std::vector<MessageQueue> queues;
  while (!conf.empty()) {
    const std::size_t end = std::min(conf.find(';'), conf.size());
    const std::string_view entry = conf.substr(0, end);
    const std::size_t colon = entry.find(':');
    if (colon != std::string_view::npos) {
      append_queues(queues, topic, std::string(entry.substr(0, colon)),
                    remoting::parse_i32(entry.substr(colon + 1)).value_or(0));
    }
    conf.remove_prefix(std::min(end + 1, conf.size()));
  }
  return queues;
}

}  // namespace

std::string_view TopicRoute::address_of(std::string_view broker_name) const {
  const BrokerData* broker = find_broker(*this, broker_name);
  return broker == nullptr || broker->addresses.empty() ? std::string_view{} : broker->addresses.begin()->second;
}

std::string_view TopicRoute::master_of(std::string_view broker_name) const {
  const BrokerData* broker = find_broker(*this, broker_name);
  if (broker == nullptr || !broker->addresses.contains(0)) return {};
  return broker->addresses.at(0);
}

std::vector<MessageQueue> TopicRoute::publish_queues(std::string_view topic) const {
  if (!order_topic_conf.empty()) return ordered_queues(order_topic_conf, topic);
  std::vector<MessageQueue> out;
  for (const QueueData& queue : queues) {
    if ((queue.perm & perm::write) == 0 || master_of(queue.broker_name).empty()) continue;
    append_queues(out, topic, queue.broker_name, queue.write_queue_nums);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<MessageQueue> TopicRoute::subscribe_queues(std::string_view topic) const {
  std::vector<MessageQueue> out;
  for (const QueueData& queue : queues) {
    if ((queue.perm & perm::read) != 0) append_queues(out, topic, queue.broker_name, queue.read_queue_nums);
  }
  std::sort(out.begin(), out.end());
  return out;
}

BrokerData parse_broker_data(const fastjson::Value& json) {
  BrokerData broker{json.text_or("cluster", ""), json.text_or("brokerName", ""), {}};
  const fastjson::Value* addresses = json.find("brokerAddrs");
  if (addresses == nullptr) return broker;
  for (const auto& [id, address] : addresses->members()) {
    const auto number = id.as_i64();
    const auto text = address.as_text();
    if (number && text) broker.addresses[*number] = *text;
  }
  return broker;
}

Result<TopicRoute> parse_topic_route(std::string_view json) {
  const auto parsed = fastjson::parse(json);
  if (!parsed) return Error(parsed.error().code(), text("route of a topic: ", parsed.error().message()));
  TopicRoute route;
  route.order_topic_conf = parsed->text_or("orderTopicConf", "");
  if (const fastjson::Value* queues = parsed->find("queueDatas")) {
    for (const auto& queue : queues->elements()) {
      route.queues.push_back({queue.text_or("brokerName", ""), queue.i32_or("readQueueNums", 0),
                              queue.i32_or("writeQueueNums", 0), queue.i32_or("perm", 0)});
    }
  }
  if (const fastjson::Value* brokers = parsed->find("brokerDatas")) {
    for (const auto& broker : brokers->elements()) route.brokers.push_back(parse_broker_data(broker));
  }
  return route;
}

}  // namespace tenon::client
