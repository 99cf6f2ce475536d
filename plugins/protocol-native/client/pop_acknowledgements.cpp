// SPDX-License-Identifier: Apache-2.0
// ACK_MESSAGE, BATCH_ACK_MESSAGE and CHANGE_MESSAGE_INVISIBLETIME: what becomes of messages that were popped.
#include <string>
#include <vector>

#include "protocol-native/client/batch_ack_body.hpp"
#include "protocol-native/client/families.hpp"
#include "protocol-native/client/pop_fields.hpp"
#include "protocol-native/errors.hpp"
#include "protocol-native/request.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

/// Borrows from the request.
PoppedMessage message_of(const Request& request) {
  PoppedMessage message;
  message.group = request.require_text("consumerGroup");
  message.topic = request.require_text("topic");
  message.queue_id = request.require_int32("queueId");
  message.offset = {request.require_int64("offset")};
  message.receipt = request.require_text("extraInfo");
  return message;
}

/// An offset that the queue does not have has a code of its own here.
Answer refusal(const Error& error) {
  const bool no_message = error.is(Errc::query_not_found);
  return Answer(no_message ? ResponseCode::no_message : response_code_of(error.code()), error.message());
}

void ack_message(Request& request) {
  const PoppedMessage message = message_of(request);
  request.services().pop->acknowledge(
      message, [answer = request.defer()](const Status& done) { answer(done ? Answer() : refusal(done.error())); });
}

/// Every entry is looked at, also behind one that is refused: what was consumed shall not come again.
void batch_ack_message(Request& request) {
  std::vector<PoppedBatch> batches;
  if (!request.body().empty()) batches = read_batch_ack(request.body_text());
  if (batches.empty()) return request.fail(ResponseCode::no_message, "batch ack: no message is named");
  Status first_refusal;
  for (const PoppedBatch& batch : batches) {
    const Status done = request.services().pop->acknowledge_batch(batch);
    if (!done && first_refusal) first_refusal = done;
  }
  request.answer(first_refusal ? Answer() : refusal(first_refusal.error()));
}

Answer answer_of(const ChangedInvisibleTime& changed) {
  Answer answer;
  answer.fields = {{"invisibleTime", std::to_string(changed.invisible_time.count())},
                   {"popTime", std::to_string(changed.pop_time_ms)},
                   {"reviveQid", std::to_string(changed.revive_queue_id)}};
  return answer;
}

void change_message_invisible_time(Request& request) {
  const PoppedMessage message = message_of(request);
  request.services().pop->change_invisible_time(
      message, require_invisible_time(request),
      [answer = request.defer()](const Result<ChangedInvisibleTime>& changed) {
        answer(changed ? answer_of(*changed) : refusal(changed.error()));
      });
}

}  // namespace

void register_pop_acknowledgement_handlers(HandlerTable& table, const BrokerServices& services) {
  if (services.pop == nullptr) return;
  table.add(RequestCode::ack_message, ack_message);
  table.add(RequestCode::batch_ack_message, batch_ack_message);
  table.add(RequestCode::change_message_invisibletime, change_message_invisible_time);
}

}  // namespace tenon::protocol_native
