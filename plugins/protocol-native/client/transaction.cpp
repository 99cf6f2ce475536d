// SPDX-License-Identifier: Apache-2.0
// END_TRANSACTION, and RESUME_CHECK_HALF_MESSAGE of tools. The transaction plug-in does the work.
#include "protocol-native/admin/disk_work.hpp"
#include "protocol-native/client/families.hpp"
#include "protocol-native/request.hpp"
#include "record/message_id.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using remoting::ResponseCode;

void refuse_without_transactions(Request& request) {
  request.fail(ResponseCode::request_code_not_supported, "no transaction plug-in is loaded");
}

TransactionDecision decision_of(std::int32_t commit_or_rollback) {
  if (commit_or_rollback == sys_flag::transaction_commit) return TransactionDecision::commit;
  if (commit_or_rollback == sys_flag::transaction_rollback) return TransactionDecision::rollback;
  return TransactionDecision::unknown;
}

// Java sends it oneway, Go and C++ as a request whose answer they drop. RocketMQ does not answer "unknown"; here
// whoever asks is answered.
void end_transaction(Request& request) {
  EndTransactionRequest end;
  end.producer_group = request.require_text("producerGroup");
  end.half_offset = {request.require_int64("tranStateTableOffset")};
  end.half_physical_offset = {request.require_int64("commitLogOffset")};
  end.decision = decision_of(request.require_int32("commitOrRollback"));
  end.from_check = request.boolean_or("fromTransactionCheck", false);
  request.services().transactions->end(end,
                                       [answer = request.defer()](const Status& status) { answer.status(status); });
}

void resume_check_half_message(Request& request) {
  const auto id = record::parse_offset_message_id(request.require_text("msgId"));
  if (!id) return request.fail(ResponseCode::system_error, id.error().message());
  answer_from_disk(request, [offset = id->physical_offset](const BrokerServices& services) {
    const Status resumed = services.transactions->resume_check(offset);
    if (resumed) return Answer();
    return Answer(ResponseCode::system_error,
                  text("Put message back to RMQ_SYS_TRANS_HALF_TOPIC failed: ", resumed.error().message()));
  });
}

}  // namespace

void register_transaction_handlers(HandlerTable& table, const BrokerServices& services) {
  const bool loaded = services.transactions != nullptr;
  table.add(RequestCode::end_transaction, loaded ? end_transaction : refuse_without_transactions);
  table.add(RequestCode::resume_check_half_message, loaded ? resume_check_half_message : refuse_without_transactions);
}

}  // namespace tenon::protocol_native
