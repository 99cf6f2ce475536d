// SPDX-License-Identifier: Apache-2.0
// QUERY_CONSUMER_OFFSET and UPDATE_CONSUMER_OFFSET.
#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

void query_consumer_offset(Request& request) {
  const auto group = request.require_text("consumerGroup");
  const auto topic = request.require_text("topic");
  const auto queue_id = request.require_int32("queueId");
  const bool zero_for_young_queue = request.boolean_or("setZeroIfNotFound", true);
  const auto offset = request.services().offsets->starting_offset(group, topic, queue_id, zero_for_young_queue);
  if (!offset) return request.fail(offset.error());
  request.succeed({{"offset", offset->to_string()}});
}

void update_consumer_offset(Request& request) {
  const auto group = request.require_text("consumerGroup");
  const auto topic = request.require_text("topic");
  const auto queue_id = request.require_int32("queueId");
  const auto offset = request.require_int64("commitOffset");
  const BrokerServices& services = request.services();
  // Creates none, even where groups are created at first use: asked of RocketMQ 5.4.0 (4.9.7 stores the offset).
  if (services.groups != nullptr && !services.groups->find(group)) {
    return request.fail(ResponseCode::subscription_group_not_exist, text("Group ", group, " not exist!"));
  }
  if (services.topics != nullptr && !services.topics->find(topic)) {
    return request.fail(ResponseCode::topic_not_exist, text("Topic ", topic, " not exist!"));
  }
  if (const Status committed = services.offsets->commit(group, topic, queue_id, {offset}); !committed) {
    return request.fail(committed.error());
  }
  request.succeed();
}

}  // namespace

void register_consumer_offset_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.offsets == nullptr) return;
  table.add(RequestCode::query_consumer_offset, query_consumer_offset);
  table.add(RequestCode::update_consumer_offset, update_consumer_offset);
}

}  // namespace tenon::protocol_native
