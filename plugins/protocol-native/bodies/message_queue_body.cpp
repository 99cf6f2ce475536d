// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/bodies/message_queue_body.hpp"

namespace tenon::protocol_native {

void write_message_queue(fastjson::Writer& json, const MessageQueue& queue) {
  json.begin_object()
      .member("brokerName", queue.broker_name)
      .member("queueId", queue.queue_id)
      .member("topic", queue.topic)
      .end_object();
}

void write_message_queue_key(fastjson::Writer& json, const MessageQueue& queue) {
  json.begin_key();
  write_message_queue(json, queue);
  json.end_key();
}

MessageQueue read_message_queue(const fastjson::Value& json) {
  return {json.text_or("topic", ""), json.text_or("brokerName", ""), json.i32_or("queueId", 0)};
}

std::string reset_offset_body(const OffsetsByQueue& offsets) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("offsetTable").begin_object();
  for (const auto& [queue, offset] : offsets) {
    write_message_queue_key(json, queue);
    json.value(offset.value);
  }
  json.end_object().end_object();
  return body;
}

std::string reset_offset_body_for_cpp(const OffsetsByQueue& offsets) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("offsetTable").begin_array();
  for (const auto& [queue, offset] : offsets) {
    json.begin_object()
        .member("brokerName", queue.broker_name)
        .member("offset", offset.value)
        .member("queueId", queue.queue_id)
        .member("topic", queue.topic)
        .end_object();
  }
  json.end_array().end_object();
  return body;
}

std::string consumer_status_body(const std::vector<ClientStatus>& clients) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("consumerTable").begin_object();
  for (const ClientStatus& client : clients) {
    json.key(client.client_id).begin_object();
    for (const auto& [queue, offset] : client.status.members()) {
      write_message_queue_key(json, read_message_queue(queue));
      json.value(offset.as_i64().value_or(0));
    }
    json.end_object();
  }
  json.end_object().key("messageQueueTable").begin_object().end_object().end_object();
  return body;
}

std::string assignment_body(const std::vector<MessageQueue>& queues, std::string_view mode) {
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("messageQueueAssignments").begin_array();
  for (const MessageQueue& queue : queues) {
    json.begin_object().key("messageQueue");
    write_message_queue(json, queue);
    json.member("mode", mode).end_object();
  }
  json.end_array().end_object();
  return body;
}

}  // namespace tenon::protocol_native
