// SPDX-License-Identifier: Apache-2.0
// POP_MESSAGE, PEEK_MESSAGE, NOTIFICATION and POLLING_INFO: consumption by messages instead of queues. Their codes do
// not fit a binary header, so none comes with one.
#include <algorithm>
#include <string>

#include "protocol-native/client/families.hpp"
#include "protocol-native/client/pop_fields.hpp"
#include "protocol-native/errors.hpp"
#include "protocol-native/held_answer.hpp"
#include "protocol-native/pop_answer.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

constexpr std::int32_t kMessagesMax = 32;
constexpr std::int64_t kPollMaxMs = 10 * 60 * 1000;
/// What is younger or older than this is nonsense, and sums of it need not fit.
constexpr std::int64_t kBornMaxMs = 1'000'000'000'000'000;

/// What all of them say.
PopRequest place_of(const Request& request) {
  PopRequest pop;
  pop.group = request.require_text("consumerGroup");
  pop.topic = request.require_text("topic");
  pop.queue_id = std::max(request.require_int32("queueId"), PopRequest::kAnyQueue);
  pop.client = request.channel();
  return pop;
}

std::int32_t max_messages_of(const Request& request) {
  const std::int32_t count = request.require_int32("maxMsgNums");
  if (count >= 1 && count <= kMessagesMax) return count;
  throw Failure(Error(Errc::invalid_parameter, text("maxMsgNums is ", count, ", but must be 1 to ", kMessagesMax)));
}

/// What is said by those who wait.
void read_wait(const Request& request, PopRequest& pop) {
  pop.poll_time = std::chrono::milliseconds(std::clamp<std::int64_t>(request.require_int64("pollTime"), 0, kPollMaxMs));
  pop.born_time_ms = std::clamp<std::int64_t>(request.require_int64("bornTime"), -kBornMaxMs, kBornMaxMs);
  pop.ordered = request.boolean_or("order", false);
  pop.attempt_id = request.text("attemptId");
  if (const auto expression = request.text("exp"); !expression.empty()) pop.expression = expression;
  if (const auto type = request.text("expType"); !type.empty()) pop.expression_type = type;
}

PopConsumption::Popped answer_with(const HeldAnswer& answer, PopForm form) {
  return [answer, form](Result<PopOutcome> outcome) {
    answer([form, outcome = std::move(outcome)](Connection& connection, std::int32_t opaque) mutable {
      write_pop_answer(connection.output(), opaque, form, std::move(outcome));
    });
  };
}

void pop_message(Request& request) {
  PopRequest pop = place_of(request);
  read_wait(request, pop);
  pop.max_messages = max_messages_of(request);
  pop.invisible_time = require_invisible_time(request);
  pop.begin = request.require_int32("initMode") == 0 ? PopBegin::oldest : PopBegin::newest;
  const PopForm form = pop.ordered ? PopForm::ordered_pop : PopForm::pop;
  if (const auto answer = HeldAnswer::begin(request)) {
    request.services().pop->pop(std::move(pop), answer_with(*answer, form));
  }
}

void peek_message(Request& request) {
  PopRequest pop = place_of(request);
  pop.max_messages = max_messages_of(request);
  if (const auto answer = HeldAnswer::begin(request)) {
    request.services().pop->peek(std::move(pop), answer_with(*answer, PopForm::peek));
  }
}

Answer notification_of(const Result<PopStatus>& found) {
  if (!found) return Answer(response_code_of(found.error().code()), found.error().message());
  Answer answer;
  answer.fields = {{"hasMsg", *found == PopStatus::found ? "true" : "false"},
                   {"pollingFull", *found == PopStatus::polling_full ? "true" : "false"}};
  return answer;
}

void notification(Request& request) {
  PopRequest pop = place_of(request);
  read_wait(request, pop);
  const auto answer = HeldAnswer::begin(request);
  if (!answer) return;
  request.services().pop->await_messages(std::move(pop), [answer = *answer](const Result<PopStatus>& found) {
    answer([said = notification_of(found)](Connection& connection, std::int32_t opaque) {
      connection.write_answer(opaque, said);
    });
  });
}

/// Nobody waits for what is not there; the capability would say 0.
Status is_there(const BrokerServices& services, const PopRequest& asked) {
  const auto topic = services.topics->find(asked.topic);
  if (!topic) return Error(Errc::topic_not_exist, text("topic[", asked.topic, "] not exist"));
  if ((topic->perm & permission::read) == 0) {
    return Error(Errc::no_permission, text("the topic[", asked.topic, "] peeking message is forbidden"));
  }
  if (asked.queue_id >= topic->read_queue_nums) {
    return Error(Errc::invalid_parameter, text("queueId[", asked.queue_id, "] is illegal, topic:[", asked.topic,
                                               "] topicConfig.readQueueNums:[", topic->read_queue_nums, ']'));
  }
  if (services.groups->find(asked.group)) return {};
  return Error(Errc::subscription_group_not_exist, text("subscription group [", asked.group, "] does not exist"));
}

void polling_info(Request& request) {
  const PopRequest asked = place_of(request);
  if (const Status there = is_there(request.services(), asked); !there) return request.fail(there.error());
  const std::int32_t waiting = request.services().pop->waiting(asked.group, asked.topic, asked.queue_id);
  request.succeed({{"pollingNum", std::to_string(waiting)}});
}

}  // namespace

void register_pop_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.pop == nullptr) return;
  table.add(RequestCode::pop_message, pop_message);
  table.add(RequestCode::peek_message, peek_message);
  table.add(RequestCode::notification, notification);
  if (services.topics != nullptr && services.groups != nullptr) table.add(RequestCode::polling_info, polling_info);
}

}  // namespace tenon::protocol_native
