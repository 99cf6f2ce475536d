// SPDX-License-Identifier: Apache-2.0
#include "client/broker_requests.hpp"

#include "client/message_decoder.hpp"
#include "client/reply_error.hpp"
#include "fastjson/reader.hpp"
#include "remoting/response_code.hpp"
#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

// Bits of a pull's sysFlag. Source: RocketMQ PullSysFlag.java.
constexpr std::int32_t kCommitOffset = 0x1, kSuspend = 0x2, kSubscription = 0x4;
constexpr std::int32_t kPullBytesMax = 256 * 1024;
constexpr std::int32_t kFirstRetryLevel = 3;  // 10 s with the usual table of levels

std::optional<PullStatus> pull_status_of(std::int32_t code) {
  switch (static_cast<ResponseCode>(code)) {
    case ResponseCode::success:
      return PullStatus::found;
    case ResponseCode::pull_not_found:
      return PullStatus::no_new_message;
    case ResponseCode::pull_retry_immediately:
      return PullStatus::no_matched_message;
    case ResponseCode::pull_offset_moved:
      return PullStatus::offset_illegal;
    default:
      return std::nullopt;
  }
}

void add_queue(Request& request, const MessageQueue& queue) {
  request.field("topic", queue.topic).field("queueId", queue.queue_id).field("bname", queue.broker_name);
}

}  // namespace

Request pull_request(const PullQuery& query) {
  Request request(RequestCode::pull_message);
  add_queue(request, query.queue);
  const std::int32_t flags =
      kSubscription | (query.suspend_ms > 0 ? kSuspend : 0) | (query.commit_offset ? kCommitOffset : 0);
  request.field("consumerGroup", query.group)
      .field("queueOffset", query.offset)
      .field("maxMsgNums", query.messages_max);
  request.field("sysFlag", flags).field("commitOffset", query.commit_offset.value_or(0));
  request.field("suspendTimeoutMillis", query.suspend_ms).field("maxMsgBytes", kPullBytesMax);
  request.field("subscription", query.subscription.expression).field("subVersion", query.subscription.version);
  request.field("expressionType", query.subscription.expression_type);
  return request;
}

Result<PullResult> read_pull_reply(const Reply& reply, const MessageQueue& queue, std::int32_t* refusal) {
  const auto status = pull_status_of(reply.code);
  if (!status) {
    if (refusal != nullptr) *refusal = reply.code;
    return error_of(reply, text("pull from ", queue));
  }
  PullResult result;
  result.status = *status;
  result.next_offset = reply.number("nextBeginOffset", 0);
  result.min_offset = reply.number("minOffset", 0);
  result.max_offset = reply.number("maxOffset", 0);
  if (*status != PullStatus::found) return result;
  auto messages = decode_messages(reply.body_bytes(), queue.broker_name);
  if (!messages) return Error(messages.error().code(), text("pull from ", queue, ": ", messages.error().message()));
  result.messages = std::move(*messages);
  return result;
}

Request queue_offset_request(RequestCode code, const MessageQueue& queue) {
  Request request(code);
  add_queue(request, queue);
  if (code == RequestCode::get_max_offset) request.field("committed", true);
  return request;
}

Result<std::int64_t> read_offset_reply(const Reply& reply, std::string_view doing) {
  if (!reply.ok()) return error_of(reply, doing);
  const std::int64_t offset = reply.number("offset", -1);
  if (offset < 0) return Error(Errc::query_not_found, text(doing, ": the answer has no offset"));
  return offset;
}

Request query_consumer_offset_request(std::string_view group, const MessageQueue& queue) {
  Request request(RequestCode::query_consumer_offset);
  add_queue(request, queue);
  request.field("consumerGroup", group);
  return request;
}

Request update_consumer_offset_request(std::string_view group, const MessageQueue& queue, std::int64_t offset) {
  Request request(RequestCode::update_consumer_offset);
  add_queue(request, queue);
  request.field("consumerGroup", group).field("commitOffset", offset);
  return request;
}

Request consumer_list_request(std::string_view group) {
  Request request(RequestCode::get_consumer_list_by_group);
  request.field("consumerGroup", group);
  return request;
}

Result<std::vector<std::string>> read_consumer_list(const Reply& reply) {
  if (!reply.ok()) return error_of(reply, "list the members of the group");
  const auto parsed = fastjson::parse(std::string_view(reply.body));
  if (!parsed) return parsed.error();
  std::vector<std::string> ids;
  if (const fastjson::Value* list = parsed->find("consumerIdList")) {
    for (const auto& id : list->elements()) ids.push_back(id.as_text().value_or(""));
  }
  return ids;
}

Request send_back_request(std::string_view group, const MessageExt& message, std::int32_t max_reconsume_times) {
  Request request(RequestCode::consumer_send_msg_back);
  request.field("offset", message.physical_offset).field("group", group).field("delayLevel", 0);
  request.field("originMsgId", message.message_id).field("originTopic", message.queue.topic).field("unitMode", false);
  request.field("maxReconsumeTimes", max_reconsume_times).field("bname", message.queue.broker_name);
  return request;
}

Request retry_request(std::string_view group, const MessageExt& message, std::int32_t max_reconsume_times) {
  const std::int32_t times = message.reconsume_times + 1;
  std::string properties = message.properties;
  set_property(properties, property::retry_topic, message.queue.topic);
  set_property(properties, property::origin_message_id, message.message_id);
  set_property(properties, property::reconsume_time, std::to_string(times));
  set_property(properties, property::max_reconsume_times, std::to_string(max_reconsume_times));
  set_property(properties, property::delay, std::to_string(kFirstRetryLevel + message.reconsume_times));
  Request request(RequestCode::send_message_v2);
  request.field("a", "CLIENT_INNER_PRODUCER").field("b", text("%RETRY%", group)).field("c", "TBW102").field("d", 1);
  request.field("e", 0).field("f", 0).field("g", message.born_timestamp_ms).field("h", message.flag);
  request.field("i", properties).field("j", times).field("k", false).field("l", max_reconsume_times);
  request.field("m", false).field("n", message.queue.broker_name);
  request.body(message.body);
  return request;
}

}  // namespace tenon::client
