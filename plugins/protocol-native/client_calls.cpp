// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/client_calls.hpp"

#include <utility>
#include <vector>

namespace tenon::protocol_native {

Result<std::int32_t> ClientCalls::begin(const Connection& connection, Clock::time_point deadline,
                                        ClientAnswered& answered) {
  const auto known = waiting_of_.find(&connection);
  const std::size_t of_connection = known == waiting_of_.end() ? 0 : known->second;
  if (of_connection >= limits_.of_connection || waiting_.size() >= limits_.all) {
    return Error(Errc::busy, text(of_connection, " requests to this client wait for their answer, ", waiting_.size(),
                                  " to all that share its thread"));
  }
  std::int32_t opaque = next_opaque();
  while (waiting_.contains(opaque)) opaque = next_opaque();
  waiting_.emplace(opaque, Waiting{&connection, deadline, std::move(answered)});
  ++waiting_of_[&connection];
  return opaque;
}

ClientCalls::Table::iterator ClientCalls::take(Table::iterator entry, ClientAnswered& answered) {
  answered = std::move(entry->second.answered);
  const auto of = waiting_of_.find(entry->second.connection);
  if (--of->second == 0) waiting_of_.erase(of);
  return waiting_.erase(entry);
}

void ClientCalls::complete(const Connection& connection, const remoting::Command& response) {
  const auto found = waiting_.find(response.opaque);
  if (found == waiting_.end() || found->second.connection != &connection) return;
  ClientAnswered answered;
  take(found, answered);
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
      entry = take(entry, failed.emplace_back());
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
