// SPDX-License-Identifier: Apache-2.0
#include "cluster_clients.hpp"

#include "protocol-native/testing/sample_requests.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

using Clock = std::chrono::steady_clock;
using protocol_native::SampleSend;
using namespace std::chrono_literals;

/// So much load that something is always under way, and so little that thousands of cycles can be read back.
constexpr auto kSendPace = 3ms, kSendPaceWhenRefused = 20ms;
constexpr auto kSendPatience = 1'500ms;
constexpr std::int32_t kSlaveNotAvailable = 11, kFlushSlaveTimeout = 12;

}  // namespace

std::string body_of_attempt(int queue, std::size_t number) {
  std::string body = text(queue, '-', number, '-');
  body.resize(body.size() + number * 7'919 % 900, static_cast<char>('a' + number % 26));
  return body;
}

void ClusterClient::start() {
  stop_ = false;
  thread_ = std::thread([this] { run(); });
}

void ClusterClient::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  connection_.reset();
}

/// The answer's code, or -1. Who does not answer is left: what it answers later is never heard.
std::int32_t ClusterClient::send(const std::string& body) {
  try {
    if (!connection_) connection_.emplace(cluster_.member(broker_).clients.address());
  } catch (const std::exception&) {
    return -1;
  }
  const std::string queue = std::to_string(queue_);
  const auto opaque = connection_->send(remoting::RequestCode::send_message_v2,
                                        fields_of(SampleSend{.topic = kClusterTopic, .queue = queue}), body);
  const auto deadline = Clock::now() + kSendPatience;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    const auto answer = left > 0ms ? connection_->next(left) : std::nullopt;
    if (answer && answer->opaque == opaque && (answer->flag & 1) != 0) return answer->code;
    if (answer) continue;
    connection_.reset();
    return -1;
  }
}

void ClusterClient::run() {
  while (!stop_) {
    const std::size_t number = attempts_.size();
    const int start = cluster_.member(broker_).starts;
    attempts_.push_back({.sent = Clock::now(), .answered = {}, .broker = broker_, .start = start});
    Attempt& attempt = attempts_.back();
    const std::int32_t code = send(body_of_attempt(queue_, number));
    attempt.answered = Clock::now();
    attempt.acknowledged = code == 0;
    if (cluster_.member(broker_).starts != start) attempt.start = 0;
    if (code == 0) last_sent_ = attempt.sent.time_since_epoch().count();
    const bool is_taken = code == 0 || code == kSlaveNotAvailable || code == kFlushSlaveTimeout;
    if (!is_taken && !only_) {
      connection_.reset();
      broker_ = (broker_ + 1) % cluster_.size();
    }
    std::this_thread::sleep_for(is_taken ? kSendPace : kSendPaceWhenRefused);
  }
}

}  // namespace tenon::fault
