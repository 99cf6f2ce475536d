// SPDX-License-Identifier: Apache-2.0
// LOCK_BATCH_MQ and UNLOCK_BATCH_MQ: ordered consumption.
#include <string>
#include <vector>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"
#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

struct LockBody {
  std::string group;
  std::string client_id;
  std::vector<MessageQueue> queues;
};

LockBody lock_body_of(const Request& request) {
  const auto parsed = fastjson::parse(request.body_text());
  if (!parsed) throw Failure(parsed.error());
  LockBody body;
  body.group = parsed->text_or("consumerGroup", "");
  body.client_id = parsed->text_or("clientId", "");
  if (const fastjson::Value* const queues = parsed->find("mqSet")) {
    for (const auto& queue : queues->elements()) {
      body.queues.push_back({queue.text_or("topic", ""), queue.text_or("brokerName", ""), queue.i32_or("queueId", 0)});
    }
  }
  return body;
}

void lock_batch_mq(Request& request) {
  const LockBody wanted = lock_body_of(request);
  const auto locked = request.services().locks->lock(wanted.group, wanted.client_id, wanted.queues);
  std::string body;
  fastjson::Writer json(body);
  json.begin_object().key("lockOKMQSet").begin_array();
  for (const MessageQueue& queue : locked) {
    json.begin_object().member("brokerName", queue.broker_name).member("queueId", queue.queue_id);
    json.member("topic", queue.topic).end_object();
  }
  json.end_array().end_object();
  request.succeed_with_body(std::move(body));
}

void unlock_batch_mq(Request& request) {
  const LockBody unwanted = lock_body_of(request);
  request.services().locks->unlock(unwanted.group, unwanted.client_id, unwanted.queues);
  request.succeed();
}

}  // namespace

void register_lock_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.locks == nullptr) return;
  table.add(RequestCode::lock_batch_mq, lock_batch_mq);
  table.add(RequestCode::unlock_batch_mq, unlock_batch_mq);
}

}  // namespace tenon::protocol_native
