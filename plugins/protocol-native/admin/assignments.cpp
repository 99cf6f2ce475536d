// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/admin/assignments.hpp"

#include <algorithm>

#include "fastjson/reader.hpp"
#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/bodies/message_queue_body.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

constexpr std::string_view kAverage = "AVG";
constexpr std::string_view kAverageByCircle = "AVG_BY_CIRCLE";

std::vector<MessageQueue> readable_queues(const TopicRoute& route, const std::string& topic) {
  std::vector<MessageQueue> queues;
  for (const QueueRoute& entry : route.queues) {
    if ((entry.perm & permission::read) == 0) continue;
    for (std::int32_t id = 0; id < entry.read_queue_nums; ++id) queues.push_back({topic, entry.broker_name, id});
  }
  return queues;
}

void query_assignment(Request& request) {
  const auto json = fastjson::parse(request.body());
  if (!json) return request.fail(json.error());
  const std::string topic = json->text_or("topic", "");
  const auto route = request.services().routes->route_of(topic);
  if (!route) return request.fail(route.error());
  std::vector<MessageQueue> queues = readable_queues(*route, topic);
  if (json->text_or("messageModel", "CLUSTERING") == "CLUSTERING") {
    const std::string strategy = json->text_or("strategyName", kAverage);
    if (!is_known_strategy(strategy))
      return request.fail(ResponseCode::system_error, text("unknown strategy ", strategy));
    queues = assigned_queues(strategy, std::move(queues),
                             request.services().clients->consumer_ids(json->text_or("consumerGroup", "")),
                             json->text_or("clientId", ""));
  }
  request.succeed_with_body(pull_assignment_body(queues));
}

/// Pulling is the only mode, so choosing it changes nothing.
void set_message_request_mode(Request& request) {
  const auto json = fastjson::parse(request.body());
  if (!json) return request.fail(json.error());
  if (json->text_or("mode", "PULL") == "PULL") return request.succeed();
  request.fail(Error(Errc::not_supported, "POP consumption is not supported by this broker"));
}

void all_message_request_modes(Request& request) { request.succeed_with_body(R"({"messageRequestModeMap":{}})"); }

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

void add_assignment_handlers(HandlerTable& table) {
  table.add(RequestCode::query_assignment, query_assignment);
  table.add(RequestCode::set_message_request_mode, set_message_request_mode);
  table.add(RequestCode::get_all_message_request_mode, all_message_request_modes);
}

}  // namespace tenon::protocol_native
