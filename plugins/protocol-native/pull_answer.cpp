// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/pull_answer.hpp"

#include <utility>

#include "protocol-native/errors.hpp"
#include "remoting/command_writer.hpp"
#include "remoting/hot_responses.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::HeaderType;
using remoting::ResponseCode;

ResponseCode code_of(PullStatus status) {
  switch (status) {
    case PullStatus::found:
      return ResponseCode::success;
    case PullStatus::not_found:
      return ResponseCode::pull_not_found;
    case PullStatus::retry_immediately:
      return ResponseCode::pull_retry_immediately;
    case PullStatus::offset_moved:
      return ResponseCode::pull_offset_moved;
  }
  return ResponseCode::system_error;
}

}  // namespace

void write_pull_answer(Output& out, std::int32_t opaque, Result<PullOutcome>&& outcome) {
  if (!outcome) {
    const Error& error = outcome.error();
    // RocketMQ says 1, not 3, when it has no filter for a type of expressions.
    const bool no_filter = error.is(Errc::not_supported);
    const ResponseCode code = no_filter ? ResponseCode::system_error : response_code_of(error.code());
    return remoting::write_response(out.bytes(), HeaderType::json, code, opaque, error.message());
  }
  ReadResult& read = outcome->read;
  const bool found = outcome->status == PullStatus::found;
  remoting::PullResponse response;
  response.opaque = opaque;
  response.code = code_of(outcome->status);
  response.remark = outcome->detail;
  response.suggest_which_broker_id = outcome->suggest_broker_id;
  response.next_begin_offset = read.next_queue_offset.value;
  response.min_offset = read.min_queue_offset.value;
  response.max_offset = read.max_queue_offset.value;
  response.topic_sys_flag = outcome->topic_sys_flag;
  response.group_sys_flag = outcome->group_sys_flag;
  remoting::write_pull_response(out.bytes(), HeaderType::json, response,
                                found ? static_cast<std::size_t>(read.total_bytes) : 0);
  if (found) out.append_records(std::move(read));
}

}  // namespace tenon::protocol_native
