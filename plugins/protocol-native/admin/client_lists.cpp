// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "protocol-native/admin/admin_handlers.hpp"
#include "protocol-native/bodies/client_bodies.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

void consumer_connections(Request& request) {
  const std::string_view group = request.require_text("consumerGroup");
  const auto state = request.services().clients->consumer_group(group);
  if (state && !state->connections.empty()) return request.succeed_with_body(consumer_connection_body(*state));
  request.fail(Error(Errc::consumer_not_online, text("the consumer group[", group, "] not online")));
}

void producer_connections(Request& request) {
  const std::string_view group = request.require_text("producerGroup");
  const auto connections = request.services().clients->producers(group);
  if (!connections.empty()) return request.succeed_with_body(producer_connection_body(connections));
  request.fail(ResponseCode::system_error, text("the producer group[", group, "] not exist"));
}

void all_producers(Request& request) {
  const ClientRegistry& clients = *request.services().clients;
  std::map<std::string, std::vector<ClientConnection>> groups;
  for (const std::string& group : clients.producer_groups()) groups[group] = clients.producers(group);
  request.succeed_with_body(producer_table_body(groups));
}

void subscription_by_consumer(Request& request) {
  const std::string group(request.require_text("group"));
  const std::string topic(request.text("topic"));
  const auto state = request.services().clients->consumer_group(group);
  const Subscription* found = nullptr;
  if (state) {
    const auto entry = std::ranges::find(state->subscriptions, topic, &Subscription::topic);
    if (entry != state->subscriptions.end()) found = &*entry;
  }
  request.succeed_with_body(subscription_by_consumer_body(group, topic, found));
}

}  // namespace

void add_client_list_handlers(HandlerTable& table) {
  table.add(RequestCode::get_consumer_connection_list, consumer_connections);
  table.add(RequestCode::get_producer_connection_list, producer_connections);
  table.add(RequestCode::get_all_producer_info, all_producers);
  table.add(RequestCode::query_subscription_by_consumer, subscription_by_consumer);
}

}  // namespace tenon::protocol_native
