// SPDX-License-Identifier: Apache-2.0
// How outcomes become frames. Always with a JSON header, as RocketMQ 5 answers; every client reads it.
#include "protocol-native/connection.hpp"
#include "protocol-native/errors.hpp"
#include "protocol-native/pull_answer.hpp"
#include "protocol-native/send_answer.hpp"
#include "remoting/command_writer.hpp"
#include "tenon/thread_check.hpp"

namespace tenon::protocol_native {

using remoting::CommandWriter;
using remoting::HeaderType;
using remoting::ResponseCode;

void Connection::write_answer(std::int32_t opaque, const Answer& answer) {
  if (!is_open()) return;
  auto start = remoting::response_start(HeaderType::json, static_cast<ResponseCode>(answer.code), opaque);
  if (!answer.remark.empty()) start.remark = answer.remark;
  CommandWriter writer(output().bytes(), start);
  for (const auto& [name, value] : answer.fields) writer.field(name, value);
  writer.finish(answer.body);
}

void Connection::published(std::uint64_t token, const Result<PublishReceipt>& outcome) noexcept {
  if (has_left_thread()) return send_on(token, outcome);
  TENON_ASSERT_ON(executor());
  const SendsInFlight::Send* const send = sends_.peek(token);
  if (send == nullptr) return;
  if (!send->oneway && is_open()) {
    const TraceFields& traces = server().services.traces;
    outcome ? write_send_answer(output().bytes(), *send, *outcome, traces)
            : write_send_error(output().bytes(), send->opaque, outcome.error(), traces);
  }
  sends_.end(token);
}

void Connection::pulled(std::uint64_t token, Result<PullOutcome> outcome) noexcept {
  if (has_left_thread()) return send_on(token, std::move(outcome));
  TENON_ASSERT_ON(executor());
  --pulls_in_flight_;
  if (outcome && is_open()) note_distance(outcome->read.bytes_behind);
  const bool wanted = is_open() && (token & kOnewayPull) == 0;
  if (wanted) write_pull_answer(output(), static_cast<std::int32_t>(token), std::move(outcome));
}

bool Connection::begin_pull() noexcept {
  if (pulls_in_flight_ >= server().settings.requests_in_flight_max) return false;
  ++pulls_in_flight_;
  return true;
}

}  // namespace tenon::protocol_native
