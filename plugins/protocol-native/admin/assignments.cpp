// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/assignments.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/bodies/message_queue_body.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

constexpr std::string_view kAverage = "AVG";
constexpr std::string_view kAverageByCircle = "AVG_BY_CIRCLE";
constexpr std::string_view kPull = "PULL";
constexpr std::string_view kPop = "POP";

/// QUERY_ASSIGNMENT: what a client asks for.
struct AssignmentQuery {
  std::string topic;
  std::string group;
  std::string client_id;
  std::string strategy;
  bool clustering = true;
};

AssignmentQuery read_assignment_query(const fastjson::Value& json) {
  return {json.text_or("topic", ""), json.text_or("consumerGroup", ""), json.text_or("clientId", ""),
          json.text_or("strategyName", kAverage), json.text_or("messageModel", "CLUSTERING") == "CLUSTERING"};
}

std::vector<MessageQueue> readable_queues(const std::vector<QueueRoute>& route, const std::string& topic) {
  std::vector<MessageQueue> queues;
  for (const QueueRoute& entry : route) {
    if ((entry.perm & permission::read) == 0) continue;
    for (std::int32_t id = 0; id < entry.read_queue_nums; ++id) queues.push_back({topic, entry.broker_name, id});
  }
  return queues;
}

/// Retry topics of pulling are always pulled; popping has its own.
RequestMode mode_of(const BrokerServices& services, const std::string& topic, const std::string& group) {
  if (services.pop == nullptr || topic.starts_with(kRetryTopicPrefix)) return {};
  return services.pop->request_mode(topic, group);
}

std::string assignment_of(const BrokerServices& services, const AssignmentQuery& query,
                          const std::vector<QueueRoute>& route) {
  std::vector<MessageQueue> queues = readable_queues(route, query.topic);
  if (!query.clustering) return assignment_body(queues, kPull);
  std::vector<std::string> client_ids = services.clients->consumer_ids(query.group);
  const RequestMode set = mode_of(services, query.topic, query.group);
  if (set.mode == MessageRequestMode::pop) {
    queues = popped_queues(query.strategy, std::move(queues), std::move(client_ids), query.client_id,
                           set.pop_share_queue_num);
    return assignment_body(queues, kPop);
  }
  queues = assigned_queues(query.strategy, std::move(queues), std::move(client_ids), query.client_id);
  return assignment_body(queues, kPull);
}

void query_assignment(Request& request) {
  const auto json = fastjson::parse(request.body());
  if (!json) return request.fail(json.error());
  const AssignmentQuery query = read_assignment_query(*json);
  if (query.clustering && !is_known_strategy(query.strategy))
    return request.fail(ResponseCode::system_error, text("unknown strategy ", query.strategy));
  const BrokerServices& services = request.services();
  if (services.routes != nullptr) {
    const auto route = services.routes->route_of(query.topic);
    if (!route) return request.fail(route.error());
    return request.succeed_with_body(assignment_of(services, query, route->queues));
  }
  services.ask_queues(query.topic, [query, &services, answer = request.defer()](const auto& route) {
    if (!route) return answer.error(route.error());
    answer(answer_with_body(assignment_of(services, query, *route)));
  });
}

RequestMode request_mode_of(const fastjson::Value& json) {
  RequestMode set;
  set.topic = json.text_or("topic", "");
  set.group = json.text_or("consumerGroup", "");
  const std::string mode = json.text_or("mode", kPull);
  if (mode != kPull && mode != kPop) throw Failure(Error(Errc::invalid_parameter, text("unknown mode ", mode)));
  set.mode = mode == kPop ? MessageRequestMode::pop : MessageRequestMode::pull;
  set.pop_share_queue_num = json.i32_or("popShareQueueNum", 0);
  return set;
}

void set_message_request_mode(Request& request) {
  const auto json = fastjson::parse(request.body());
  if (!json) return request.fail(json.error());
  if (request.services().pop == nullptr) {  // choosing the only mode changes nothing
    if (json->text_or("mode", kPull) == kPull) return request.succeed();
    return request.fail(Error(Errc::not_supported, "POP consumption is not supported by this broker"));
  }
  RequestMode set = request_mode_of(*json);
  if (set.topic.starts_with(kRetryTopicPrefix)) {
    return request.fail(ResponseCode::no_permission, "retry topic is not allowed to set mode");
  }
  work_on_disk(Asker(request), [set = std::move(set)](const BrokerServices& services, const DeferredAnswer& answer) {
    answer.status(services.pop->set_request_mode(set));
  });
}

using ModesByTopic = std::map<std::string, std::map<std::string, RequestMode>>;

std::string request_modes_body(const ModesByTopic& topics) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("messageRequestModeMap").begin_object();
  for (const auto& [topic, groups] : topics) {
    json.key(topic).begin_object();
    for (const auto& [group, set] : groups) {
      json.key(group).begin_object().member("consumerGroup", group);
      json.member("mode", set.mode == MessageRequestMode::pop ? kPop : kPull);
      json.member("popShareQueueNum", set.pop_share_queue_num).member("topic", topic).end_object();
    }
    json.end_object();
  }
  json.end_object().end_object();
  return body;
}

void all_message_request_modes(Request& request) {
  ModesByTopic topics;
  if (const PopConsumption* const pop = request.services().pop) {
    for (RequestMode& set : pop->request_modes()) topics[set.topic][set.group] = set;
  }
  request.succeed_with_body(request_modes_body(topics));
}

/// All queues of each of their brokers.
std::vector<MessageQueue> whole_brokers(const std::vector<MessageQueue>& queues) {
  std::set<MessageQueue> brokers;
  for (const MessageQueue& queue : queues) brokers.insert({queue.topic, queue.broker_name, kWholeBroker});
  return {brokers.begin(), brokers.end()};
}

}  // namespace

bool is_known_strategy(std::string_view strategy) { return strategy == kAverage || strategy == kAverageByCircle; }

std::vector<MessageQueue> assigned_queues(std::string_view strategy, std::vector<MessageQueue> queues,
                                          std::vector<std::string> client_ids, std::string_view client_id) {
  std::ranges::sort(queues);
  std::ranges::sort(client_ids);
  const auto found = std::ranges::find(client_ids, client_id);
  std::vector<MessageQueue> mine;
  if (found == client_ids.end()) return mine;
  const std::size_t index = static_cast<std::size_t>(found - client_ids.begin());
  const std::size_t clients = client_ids.size();
  if (strategy == kAverageByCircle) {
    for (std::size_t at = index; at < queues.size(); at += clients) mine.push_back(queues[at]);
    return mine;
  }
  // The first (queues mod clients) clients hold one queue more.
  const std::size_t share = queues.size() / clients;
  const std::size_t larger = queues.size() % clients;
  const std::size_t begin = index * share + std::min(index, larger);
  const std::size_t end = begin + share + (index < larger ? 1 : 0);
  mine.assign(queues.begin() + static_cast<std::ptrdiff_t>(begin), queues.begin() + static_cast<std::ptrdiff_t>(end));
  return mine;
}

std::vector<MessageQueue> popped_queues(std::string_view strategy, std::vector<MessageQueue> queues,
                                        std::vector<std::string> client_ids, std::string_view client_id,
                                        std::int32_t share_count) {
  std::ranges::sort(queues);
  std::ranges::sort(client_ids);
  const auto clients = static_cast<std::int64_t>(client_ids.size());
  if (share_count <= 0 || share_count >= clients - 1) return whole_brokers(queues);
  const auto found = std::ranges::find(client_ids, client_id);
  std::vector<MessageQueue> mine;
  if (found == client_ids.end() || queues.empty()) return mine;
  const auto index = static_cast<std::size_t>(found - client_ids.begin());
  if (client_ids.size() > queues.size()) return {queues[index % queues.size()]};
  for (std::int32_t next = 0; next <= share_count; ++next) {
    const std::string& of_client = client_ids[(index + static_cast<std::size_t>(next)) % client_ids.size()];
    std::ranges::copy(assigned_queues(strategy, queues, client_ids, of_client), std::back_inserter(mine));
  }
  return mine;
}

void add_query_assignment_handler(HandlerTable& table) { table.add(RequestCode::query_assignment, query_assignment); }

void add_request_mode_handlers(HandlerTable& table) {
  table.add(RequestCode::set_message_request_mode, set_message_request_mode);
  table.add(RequestCode::get_all_message_request_mode, all_message_request_modes);
}

}  // namespace tenon::protocol_native
