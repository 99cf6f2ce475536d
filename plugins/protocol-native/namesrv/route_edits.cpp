// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/namesrv/name_server_handlers.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;

namespace {

void delete_route(Request& request) {
  request.services().routes->remove_topic(request.require_text("topic"), request.text("clusterName"));
  request.succeed();
}

void register_topic(Request& request) {
  const auto queues = read_queue_routes(request.body());
  if (!queues) return request.fail(queues.error());
  request.services().routes->put_topic(request.require_text("topic"), *queues);
  request.succeed();
}

void wipe_write_permission(Request& request) {
  const auto count = request.services().routes->set_broker_writable(request.require_text("brokerName"), false);
  request.succeed({{"wipeTopicCount", std::to_string(count)}});
}

void add_write_permission(Request& request) {
  const auto count = request.services().routes->set_broker_writable(request.require_text("brokerName"), true);
  request.succeed({{"addTopicCount", std::to_string(count)}});
}

}  // namespace

void add_route_edit_handlers(HandlerTable& table) {
  table.add(RequestCode::wipe_write_perm_of_broker, wipe_write_permission);
  table.add(RequestCode::delete_topic_in_namesrv, delete_route);
  table.add(RequestCode::register_topic_in_namesrv, register_topic);
  table.add(RequestCode::add_write_perm_of_broker, add_write_permission);
}

}  // namespace tenon::protocol_native
