// SPDX-License-Identifier: Apache-2.0
// HEART_BEAT, UNREGISTER_CLIENT, GET_CONSUMER_LIST_BY_GROUP, CHECK_CLIENT_CONFIG.
#include <string>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "protocol-native/client/families.hpp"
#include "protocol-native/client/heartbeat_body.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

ClientIdentity identity_of(const Request& request, std::string client_id) {
  ClientIdentity client;
  client.client_id = std::move(client_id);
  client.language = request.language();
  client.version = request.version();
  client.channel = request.channel();
  return client;
}

void heart_beat(Request& request) {
  auto heartbeat = parse_heartbeat(request.body_text());
  if (!heartbeat) return request.fail(heartbeat.error());
  heartbeat->client = identity_of(request, std::move(heartbeat->client.client_id));
  // Answered only when the registration is visible and the members were told (40): the client asks 38 within ms.
  request.services().clients->heartbeat(
      std::move(*heartbeat), [answer = request.defer()](const Result<HeartbeatOutcome>& outcome) {
        if (!outcome) return answer.error(outcome.error());
        Answer success;
        success.fields = {{"IS_SUPPORT_HEART_BEAT_V2", "true"},
                          {"IS_SUB_CHANGE", outcome->subscription_changed ? "true" : "false"}};
        answer(std::move(success));
      });
}

void unregister_client(Request& request) {
  const auto client = identity_of(request, std::string(request.require_text("clientID")));
  request.services().clients->unregister(client, request.text("producerGroup"), request.text("consumerGroup"));
  request.succeed();
}

void get_consumer_list_by_group(Request& request) {
  const auto group = request.require_text("consumerGroup");
  const auto ids = request.services().clients->consumer_ids(group);
  if (ids.empty()) return request.fail(ResponseCode::system_error, text("no consumer for this group, ", group));
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("consumerIdList").begin_array();
  for (const std::string& id : ids) json.value(id);
  json.end_array().end_object();
  request.succeed_with_body(std::move(body));
}

void check_client_config(Request& request) {
  const auto body = fastjson::parse(request.body_text());
  if (!body) return request.fail(body.error());
  const fastjson::Value* const data = body->find("subscriptionData");
  if (data == nullptr) return request.succeed();
  const Subscription subscription = subscription_of(*data);
  const std::string& type = subscription.expression_type;
  if (type.empty() || type == "TAG") return request.succeed();  // whatever the expression, as RocketMQ does
  const FilterCompiler* const compiler = request.services().filter_compiler(type);
  if (compiler == nullptr) {
    return request.fail(ResponseCode::system_error,
                        text("The broker does not support consumer to filter message by ", type));
  }
  const auto compiled = compiler->compile(subscription.expression);
  compiled ? request.succeed() : request.fail(compiled.error());
}

}  // namespace

void register_heartbeat_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.clients == nullptr) return;
  table.add(RequestCode::heart_beat, heart_beat);
  table.add(RequestCode::unregister_client, unregister_client);
  table.add(RequestCode::get_consumer_list_by_group, get_consumer_list_by_group);
  table.add(RequestCode::check_client_config, check_client_config);
}

}  // namespace tenon::protocol_native
