// SPDX-License-Identifier: Apache-2.0
// How outcomes become frames. Always with a JSON header, as RocketMQ 5 answers; every client reads it.
#include <boost/asio/post.hpp>
#include <utility>

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
  TENON_ASSERT_ON(loop_.executor());
  const SendsInFlight::Send* const send = sends_.peek(token);
  if (send == nullptr) return;
  if (!send->oneway && is_open()) {
    outcome ? write_send_answer(output().bytes(), *send, *outcome)
            : write_send_error(output().bytes(), send->opaque, outcome.error());
  }
  sends_.end(token);
}

void Connection::pulled(std::uint64_t token, Result<PullOutcome> outcome) noexcept {
  TENON_ASSERT_ON(loop_.executor());
  pulls_in_flight_.fetch_sub(1, std::memory_order_relaxed);
  const bool wanted = is_open() && (token & kOnewayPull) == 0;
  if (wanted) write_pull_answer(output(), static_cast<std::int32_t>(token), std::move(outcome));
}

bool Connection::begin_pull() noexcept {
  if (pulls_in_flight_.load(std::memory_order_relaxed) >= server().settings.requests_in_flight_max) return false;
  pulls_in_flight_.fetch_add(1, std::memory_order_relaxed);
  send_right_.share(send_blocked_);
  return true;
}

bool Connection::pulled_from_disk(std::uint64_t token, Result<PullOutcome>& outcome) noexcept {
  if (!is_open() || (token & kOnewayPull) != 0) return false;
  auto answer = std::make_unique<Output>();
  write_pull_answer(*answer, static_cast<std::int32_t>(token), std::move(outcome));
  const bool with_right = send_right_.borrow();
  if (!with_right || answer->send_to(descriptor_) != Output::Sent::all) {
    boost::asio::post(loop_.executor(), [self = shared_from_this(), answer = std::move(answer), with_right]() mutable {
      self->take_over(std::move(answer), with_right);
    });
    return true;
  }
  pulls_in_flight_.fetch_sub(1, std::memory_order_relaxed);
  if (send_right_.give_back()) {
    boost::asio::post(loop_.executor(), [self = shared_from_this()] { self->flush_and_resume(); });
  }
  return true;
}

/// An answer of a disk thread that was not sent, or, if it comes with the right to send, not all of it.
void Connection::take_over(std::unique_ptr<Output> answer, bool with_right) {
  pulls_in_flight_.fetch_sub(1, std::memory_order_relaxed);
  if (with_right) send_right_.inherit();
  if (!is_open()) return;
  put_ahead(std::move(answer), with_right);
  flush_and_resume();
}

}  // namespace tenon::protocol_native
