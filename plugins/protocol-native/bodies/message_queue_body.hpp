// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "fastjson/value.hpp"
#include "fastjson/writer.hpp"
#include "tenon/offsets.hpp"
#include "tenon/queue_locks.hpp"

namespace tenon::protocol_native {

/// `{"brokerName":"broker-a","queueId":0,"topic":"TopicTest"}`.
void write_message_queue(fastjson::Writer& json, const MessageQueue& queue);
/// The same as the key of a map, raw: RocketMQ 5.4 refuses a key written as a string. remoting-protocol.md 3.0.
void write_message_queue_key(fastjson::Writer& json, const MessageQueue& queue);
MessageQueue read_message_queue(const fastjson::Value& json);

using OffsetsByQueue = std::map<MessageQueue, QueueOffset>;

/// ResetOffsetBody of 220 and 222. remoting-protocol.md 3.10.
std::string reset_offset_body(const OffsetsByQueue& offsets);
/// Its form for C++ clients, which know no object keys.
std::string reset_offset_body_for_cpp(const OffsetsByQueue& offsets);

/// GetConsumerStatusBody of 223: what each client said in its own body (answer to 221), by client id.
/// `status` is that body's messageQueueTable.
struct ClientStatus {
  std::string client_id;
  fastjson::Value status;
};
std::string consumer_status_body(const std::vector<ClientStatus>& clients);

/// QueryAssignmentResponseBody of 400; `mode` is "PULL" or "POP". remoting-protocol.md 3.9.
std::string assignment_body(const std::vector<MessageQueue>& queues, std::string_view mode);

}  // namespace tenon::protocol_native
