// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/client_calls.hpp"

#include <utility>
#include <vector>

namespace tenon::protocol_native {

std::int32_t ClientCalls::begin(const Connection& connection, Clock::time_point deadline, ClientAnswered answered) {
  std::int32_t opaque = next_opaque();
  while (waiting_.contains(opaque)) opaque = next_opaque();
  waiting_.emplace(opaque, Waiting{&connection, deadline, std::move(answered)});
  return opaque;
}

void ClientCalls::complete(const Connection& connection, const remoting::Command& response) {
  const auto found = waiting_.find(response.opaque);
  if (found == waiting_.end() || found->second.connection != &connection) return;
  const ClientAnswered answered = std::move(found->second.answered);
  waiting_.erase(found);
  Answer answer;
  answer.code = response.code;
  answer.remark = response.remark.value_or("");
  for (const auto& field : response.fields) answer.fields.emplace_back(field.name, field.value);
  answer.body.assign(reinterpret_cast<const char*>(response.body.data()), response.body.size());
  answered(std::move(answer));
}

template <class Match>
void ClientCalls::fail_where(Match&& match, Errc code, const char* message) {
  std::vector<ClientAnswered> failed;  // run after the loop: a callback may begin another call
  for (auto entry = waiting_.begin(); entry != waiting_.end();) {
    if (match(entry->second)) {
      failed.push_back(std::move(entry->second.answered));
      entry = waiting_.erase(entry);
    } else {
      ++entry;
    }
  }
  for (const ClientAnswered& answered : failed) answered(Error(code, message));
}

void ClientCalls::disconnected(const Connection& connection) {
  if (waiting_.empty()) return;
  fail_where([&](const Waiting& waiting) { return waiting.connection == &connection; }, Errc::disconnected,
             "the client disconnected before it answered");
}

void ClientCalls::expire(Clock::time_point now) {
  if (waiting_.empty()) return;
  fail_where([&](const Waiting& waiting) { return waiting.deadline <= now; }, Errc::timed_out,
             "the client did not answer in time");
}

}  // namespace tenon::protocol_native
