// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/client/send_request.hpp"

#include "protocol-native/topic_sys_flag.hpp"
#include "remoting/mq_version.hpp"

namespace tenon::protocol_native {
namespace {

std::int32_t topic_sys_flag_of(const remoting::SendFields& fields) {
  if (!fields.unit_mode) return 0;
  return fields.topic.starts_with("%RETRY%") ? kUnitSubscription : kUnit;
}

}  // namespace

PublishRequest publish_request_of(const Request& request, const remoting::SendFields& fields) {
  PublishRequest publish;
  Message& message = publish.message;
  message.topic = fields.topic;
  message.queue_id = fields.queue_id;
  message.flag = fields.flag;
  message.sys_flag = fields.sys_flag;
  message.born_timestamp_ms = fields.born_timestamp_ms;
  message.born_host = request.remote_address();
  message.reconsume_times = fields.reconsume_times;
  message.properties = fields.properties;
  message.body = request.body();
  publish.creation = {fields.default_topic, fields.default_topic_queue_nums, topic_sys_flag_of(fields)};
  publish.producer_group = fields.producer_group;
  if (request.version() >= remoting::mq_version::v3_4_9) {
    publish.max_reconsume_times = fields.max_reconsume_times.value_or(-1);
  }
  return publish;
}

}  // namespace tenon::protocol_native
