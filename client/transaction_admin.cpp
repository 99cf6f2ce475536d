// SPDX-License-Identifier: Apache-2.0
#include "client/transaction_admin.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "client/broker_call.hpp"
#include "client/message_decoder.hpp"
#include "record/message_id.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

using remoting::RequestCode;

constexpr std::string_view kHalfTopic = "RMQ_SYS_TRANS_HALF_TOPIC";
constexpr std::string_view kOpTopic = "RMQ_SYS_TRANS_OP_HALF_TOPIC";
constexpr std::string_view kGivenUpTopic = "TRANS_CHECK_MAX_TIME_TOPIC";
constexpr std::string_view kGroup = "CID_RMQ_SYS_TRANS";
constexpr std::int32_t kRollback = 12;

template <class Visit>
void for_each_number(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::int64_t number = 0;
    if (std::from_chars(list.data(), list.data() + comma, number).ec == std::errc{}) visit(number);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

PendingTransaction transaction_of(const MessageExt& half) {
  PendingTransaction transaction;
  transaction.offset_message_id = half.offset_message_id;
  transaction.message_id = half.message_id;
  transaction.topic = half.property("REAL_TOPIC");
  transaction.producer_group = half.property("PGROUP");
  const std::string_view times = half.property("TRANSACTION_CHECK_TIMES");
  std::from_chars(times.data(), times.data() + times.size(), transaction.check_times);
  transaction.born_timestamp_ms = half.born_timestamp_ms;
  return transaction;
}

}  // namespace

SystemQueue TransactionAdmin::queue_of(std::string_view topic) {
  return {client_, address_, {std::string(topic), {}, 0}};
}

Result<std::vector<PendingTransaction>> TransactionAdmin::pending(std::size_t limit) {
  SystemQueue halves = queue_of(kHalfTopic), ops = queue_of(kOpTopic);
  const auto unfinished_halves = halves.not_consumed_by(kGroup);
  if (!unfinished_halves) return unfinished_halves.error();
  const auto unfinished_ops = ops.not_consumed_by(kGroup);
  if (!unfinished_ops) return unfinished_ops.error();
  std::unordered_set<std::int64_t> ended;
  const Status read_ops = ops.read(*unfinished_ops, [&](const MessageExt& op) {
    for_each_number(op.body, [&](std::int64_t half) { ended.insert(half); });
    return true;
  });
  if (!read_ops) return read_ops.error();
  std::vector<PendingTransaction> found;
  const Status read_halves = halves.read(*unfinished_halves, [&](const MessageExt& half) {
    if (!ended.contains(half.queue_offset)) found.push_back(transaction_of(half));
    return found.size() < limit;
  });
  if (!read_halves) return read_halves.error();
  return found;
}

Result<std::vector<PendingTransaction>> TransactionAdmin::given_up(std::size_t limit) {
  SystemQueue queue = queue_of(kGivenUpTopic);
  auto span = queue.not_consumed_by(kGroup);
  if (!span) {
    if (span.error().is(Errc::topic_not_exist)) return std::vector<PendingTransaction>{};  // none ever
    return span.error();
  }
  span->from = std::max(span->from, span->to - static_cast<std::int64_t>(limit));
  std::vector<PendingTransaction> found;
  const Status read_all = queue.read(*span, [&](const MessageExt& message) {
    found.push_back(transaction_of(message));
    return true;
  });
  if (!read_all) return read_all.error();
  return found;
}

Status TransactionAdmin::resume(std::string_view offset_message_id) {
  Request request(RequestCode::resume_check_half_message);
  request.field("topic", kHalfTopic).field("msgId", offset_message_id);
  const auto reply = call_broker(client_, address_, std::move(request), text("resume ", offset_message_id));
  return reply ? Status{} : Status{reply.error()};
}

Result<MessageExt> TransactionAdmin::message_at(std::int64_t physical_offset) {
  Request request(RequestCode::view_message_by_id);
  request.field("offset", physical_offset);
  const auto reply = call_broker(client_, address_, std::move(request), "look at the half message");
  if (!reply) return reply.error();
  auto messages = decode_messages(reply->body_bytes(), "");
  if (!messages) return messages.error();
  if (messages->empty()) return Error(Errc::query_not_found, "the broker answered without a message");
  return std::move(messages->front());
}

Status TransactionAdmin::discard(std::string_view offset_message_id) {
  const auto id = record::parse_offset_message_id(offset_message_id);
  if (!id) return id.error();
  const auto half = message_at(id->physical_offset.value);
  if (!half) return half.error();
  if (half->queue.topic != kHalfTopic) {
    return Error(Errc::invalid_parameter, text(offset_message_id, " is in ", half->queue.topic,
                                               ": only a message that waits for its end can be discarded"));
  }
  Request request(RequestCode::end_transaction);
  request.field("producerGroup", half->property("PGROUP")).field("tranStateTableOffset", half->queue_offset);
  request.field("commitLogOffset", id->physical_offset.value).field("commitOrRollback", kRollback);
  // As the answer to a check: a sender's own word may come too late (CHECK_IMMUNITY_TIME_IN_SECONDS).
  request.field("fromTransactionCheck", true).field("msgId", half->message_id);
  request.field("transactionId", half->message_id);
  const auto reply = call_broker(client_, address_, std::move(request), text("discard ", offset_message_id));
  return reply ? Status{} : Status{reply.error()};
}

}  // namespace tenon::client
