// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "broker_json/data_version.hpp"
#include "fastjson/reader.hpp"
#include "protocol-native/bodies/register_broker_body.hpp"
#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/namesrv/name_server_handlers.hpp"
#include "protocol-native/request.hpp"
#include "remoting/zlib_stream.hpp"

namespace tenon::protocol_native {
using remoting::RequestCode;
using remoting::ResponseCode;

namespace {

bool crc_matches(const Request& request) {
  const std::int32_t said = request.int32_or("bodyCrc32", 0);
  return said == 0 || static_cast<std::uint32_t>(said) == remoting::crc32_31(request.body());
}

RegistrationAtNameServer registration_of(const Request& request, RegisterBrokerBody body) {
  RegistrationAtNameServer out;
  out.registration.cluster = request.require_text("clusterName");
  out.registration.broker_name = request.require_text("brokerName");
  out.registration.broker_id = request.require_int64("brokerId");
  out.broker_address_text = request.require_text("brokerAddr");
  out.ha_address_text = request.text("haServerAddr");
  out.registration.version = body.version;
  out.registration.topics = std::move(body.topics);
  // Nothing on the wire tells a change from a broker with one topic; RocketMQ goes by the number, too.
  out.registration.complete = out.registration.topics.size() != 1;
  if (const auto acting = request.find("enableActingMaster")) out.enable_acting_master = *acting == "true";
  out.zone_name = request.text("__ZONE_NAME");
  if (const auto timeout = request.int64_or("heartbeatTimeoutMillis", 0); timeout > 0) {
    out.heartbeat_timeout = std::chrono::milliseconds(timeout);
  }
  out.channel = request.channel();
  return out;
}

void register_broker(Request& request) {
  if (!crc_matches(request)) return request.fail(ResponseCode::system_error, "crc32 not match");
  auto body = read_register_broker_body(
      request.body(), {.compressed = request.boolean_or("compressed", false), .broker_version = request.version()});
  if (!body)
    return request.fail(ResponseCode::system_error,
                        text("Failed to decode RegisterBrokerBody: ", body.error().message()));
  const auto registered = request.services().routes->register_broker(registration_of(request, std::move(*body)));
  if (!registered) return request.fail(registered.error());
  Fields fields;
  if (!registered->master_address.empty()) fields.emplace_back("masterAddr", registered->master_address);
  if (!registered->ha_server_address.empty()) fields.emplace_back("haServerAddr", registered->ha_server_address);
  const auto& order_topics = registered->order_topic_config;
  request.succeed_with_body(order_topics.empty() ? std::string() : key_value_table_body(order_topics),
                            std::move(fields));
}

void unregister_broker(Request& request) {
  request.services().routes->unregister_broker(request.require_text("clusterName"), request.require_text("brokerName"),
                                               request.require_int64("brokerId"), request.require_text("brokerAddr"));
  request.succeed();
}

void query_data_version(Request& request) {
  const auto stored = request.services().routes->broker_heartbeat(request.require_text("clusterName"),
                                                                  request.require_text("brokerAddr"));
  const auto said = fastjson::parse(request.body());
  const bool changed = !stored || !said || broker_json::read_data_version(*said) != *stored;
  std::string body;
  if (stored) {
    fastjson::Writer json(body);
    broker_json::write_data_version(json, *stored);
  }
  request.succeed_with_body(std::move(body), {{"changed", changed ? "true" : "false"}});
}

void broker_heartbeat(Request& request) {
  // A heartbeat may come before the first registration; then there is nothing to refresh.
  request.services().routes->broker_heartbeat(request.require_text("clusterName"), request.require_text("brokerAddr"));
  request.succeed();
}

}  // namespace

void add_broker_registration_handlers(HandlerTable& table) {
  table.add(RequestCode::register_broker, register_broker);
  table.add(RequestCode::unregister_broker, unregister_broker);
  table.add(RequestCode::query_data_version, query_data_version);
  table.add(RequestCode::broker_heartbeat, broker_heartbeat);
}

}  // namespace tenon::protocol_native
