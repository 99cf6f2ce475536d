// SPDX-License-Identifier: Apache-2.0
#include "client/producer.hpp"

#include <random>

#include "client/heartbeat.hpp"
#include "client/prepared_message.hpp"
#include "client/queue_choice.hpp"
#include "client/reply_error.hpp"
#include "remoting/response_code.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

using Clock = std::chrono::steady_clock;
using remoting::RequestCode;
using remoting::ResponseCode;

constexpr auto kHeartbeatInterval = std::chrono::seconds(30);
const std::string kTemplateTopic = "TBW102";

std::optional<SendStatus> status_of(std::int32_t code) {
  switch (static_cast<ResponseCode>(code)) {
    case ResponseCode::success:
      return SendStatus::ok;
    case ResponseCode::flush_disk_timeout:
      return SendStatus::flush_disk_timeout;
    case ResponseCode::flush_slave_timeout:
      return SendStatus::flush_slave_timeout;
    case ResponseCode::slave_not_available:
      return SendStatus::slave_not_available;
    default:
      return std::nullopt;
  }
}

Error no_route(const std::string& topic) {
  return Error(Errc::topic_not_exist, text("topic ", topic, " has no queue that can be written"));
}

}  // namespace

Producer::Producer(ClientInstance& client, ProducerOptions options)
    : client_(client), options_(std::move(options)), turn_(std::random_device{}() & 0xFFFFFF) {}

Producer::~Producer() {
  for (const auto& [address, since] : introduced_) {
    client_.remoting().send_oneway(address, unregister_request(client_.options().client_id, options_.group, ""));
  }
}

Result<SendResult> Producer::send(const Message& message) {
  const auto prepared = prepare(message, options_);
  if (!prepared) return prepared.error();
  return send_with_retries(*prepared);
}

Result<SendResult> Producer::send(const std::vector<Message>& batch) {
  const auto prepared = prepare(batch, options_);
  if (!prepared) return prepared.error();
  return send_with_retries(*prepared);
}

Result<SendResult> Producer::send(const Message& message, const MessageQueue& queue) {
  const auto prepared = prepare(message, options_);
  if (!prepared) return prepared.error();
  const auto route = publish_route(message.topic);
  if (!route) return route.error();
  const std::string address(route->master_of(queue.broker_name));
  if (address.empty())
    return Error(Errc::topic_not_exist, text("broker ", queue.broker_name, " is not in the route of ", message.topic));
  bool retry = false;
  return send_once(*prepared, queue, address, options_.send_timeout, retry);
}

Status Producer::send_oneway(const Message& message) {
  const auto prepared = prepare(message, options_);
  if (!prepared) return prepared.error();
  const auto route = publish_route(message.topic);
  if (!route) return route.error();
  const auto queues = route->publish_queues(message.topic);
  const MessageQueue* queue = choose_queue(queues, turn_++, "");
  if (queue == nullptr) return no_route(message.topic);
  client_.remoting().send_oneway(std::string(route->master_of(queue->broker_name)), request_for(*prepared, *queue));
  return {};
}

Result<TopicRoute> Producer::publish_route(const std::string& topic) {
  auto route = client_.route_of(topic);
  if (route || !route.error().is(Errc::topic_not_exist)) return route;
  auto of_template = client_.route_of(kTemplateTopic);
  if (!of_template) return route;  // the first answer says more
  for (QueueData& queue : of_template->queues) {
    queue.write_queue_nums = std::min(options_.default_topic_queue_nums, queue.read_queue_nums);
  }
  return of_template;
}

Result<SendResult> Producer::send_with_retries(const Prepared& prepared) {
  const auto deadline = Clock::now() + options_.send_timeout;
  const auto route = publish_route(prepared.topic);
  if (!route) return route.error();
  const auto queues = route->publish_queues(prepared.topic);
  Result<SendResult> outcome = no_route(prepared.topic);
  std::string failed_broker;
  for (int attempt = 0; attempt <= options_.retry_times_when_send_failed; ++attempt) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - Clock::now());
    const MessageQueue* queue = choose_queue(queues, turn_++, failed_broker);
    if (queue == nullptr || (attempt > 0 && left.count() <= 0)) break;
    bool retry = false;
    outcome = send_once(prepared, *queue, std::string(route->master_of(queue->broker_name)), left, retry);
    if (outcome || !retry) break;
    failed_broker = queue->broker_name;
    client_.forget_route(prepared.topic);  // the next message asks whether the cluster has changed
  }
  return outcome;
}

Result<SendResult> Producer::send_once(const Prepared& prepared, const MessageQueue& queue, const std::string& address,
                                       Milliseconds timeout, bool& retry) {
  introduce_to(address);
  const auto reply = client_.remoting().call(address, request_for(prepared, queue), timeout);
  retry = !reply || is_retried(reply->code);
  const std::string doing = text("send to ", prepared.topic, " at ", queue.broker_name);
  if (!reply) return Error(reply.error().code(), text(doing, ": ", reply.error().message()));
  const auto status = status_of(reply->code);
  if (!status) return error_of(*reply, doing);
  SendResult result;
  result.status = *status;
  result.message_id = prepared.message_id;
  result.offset_message_id = reply->field("msgId").value_or("");
  result.queue = {prepared.topic, queue.broker_name,
                  static_cast<std::int32_t>(reply->number("queueId", queue.queue_id))};
  result.queue_offset = reply->number("queueOffset", -1);
  return result;
}

Request Producer::request_for(const Prepared& prepared, const MessageQueue& queue) const {
  Request request(prepared.batch ? RequestCode::send_batch_message : RequestCode::send_message_v2);
  request.field("a", options_.group).field("b", prepared.topic).field("c", kTemplateTopic);
  request.field("d", options_.default_topic_queue_nums).field("e", queue.queue_id).field("f", prepared.sys_flag);
  request.field("g", prepared.born_timestamp_ms).field("h", prepared.flag).field("i", prepared.properties);
  request.field("j", 0).field("k", false).field("m", prepared.batch).field("n", queue.broker_name);
  request.body(prepared.body);
  return request;
}

void Producer::introduce_to(const std::string& address) {
  {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    const auto [known, is_new] = introduced_.try_emplace(address, now);
    if (!is_new && now - known->second < kHeartbeatInterval) return;
    known->second = now;
  }
  Heartbeat heartbeat;
  heartbeat.client_id = client_.options().client_id;
  heartbeat.producer_groups = {options_.group};
  // Nobody waits for it: a broker that does not know the group still takes messages.
  client_.remoting().call(address, heartbeat_request(heartbeat), client_.options().timeout,
                          [](const Result<Reply>&) {});
}

}  // namespace tenon::client
