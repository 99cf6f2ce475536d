// SPDX-License-Identifier: Apache-2.0
#include "log_reader.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "message_requests.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {

using protocol_native::RawClient;
using remoting::RequestCode;
namespace {

constexpr std::int64_t kPulledAtOnce = 32;

}  // namespace

void LogReader::start(const HostAddress& broker) {
  stop();
  stopping_ = false;
  thread_ = std::thread([this, broker] { read(broker); });
}

void LogReader::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void LogReader::read(const HostAddress& broker) {
  RawClient client(broker);
  while (!stopping_) {
    bool idle = true;
    for (std::size_t queue = 0; queue < seen_.size(); ++queue) {
      auto& seen = seen_[queue];
      const auto pulled =
          e2e::pull_messages(client, topic_, static_cast<std::int64_t>(seen.size()), std::to_string(queue));
      if (pulled.code == -1) return;
      if (pulled.code != 0) continue;
      idle = false;
      for (auto& message : e2e::messages_of(pulled)) {
        seen.resize(std::max(seen.size(), static_cast<std::size_t>(message.queue_offset)));
        seen.push_back(std::move(message.body));
      }
      if (!group_.empty()) commit(client, queue);
    }
    if (idle) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void LogReader::commit(RawClient& client, std::size_t queue) {
  const auto offset = static_cast<std::int64_t>(seen_[queue].size());
  const auto answer = client.call(RequestCode::update_consumer_offset, {{"consumerGroup", group_},
                                                                        {"topic", topic_},
                                                                        {"queueId", std::to_string(queue)},
                                                                        {"commitOffset", std::to_string(offset)}});
  if (answer.code == 0) commits_[queue].emplace(offset, std::chrono::steady_clock::now());
}

ReadAgain LogReader::read_again(const HostAddress& broker) const {
  RawClient client(broker);
  ReadAgain all;
  for (std::size_t queue = 0; queue < commits_.size(); ++queue) {
    const auto& commits = commits_[queue];
    if (commits.empty()) throw std::runtime_error(text("nothing was committed of queue ", queue));
    const auto answer = client.call(RequestCode::query_consumer_offset, {{"consumerGroup", group_},
                                                                         {"topic", topic_},
                                                                         {"queueId", std::to_string(queue)},
                                                                         {"setZeroIfNotFound", "false"}});
    const std::int64_t known = answer.code == 0 ? std::stoll(answer.field("offset")) : 0;
    // The very last may have been stored without an answer.
    const auto first = commits.upper_bound(known);
    if (known > commits.rbegin()->first + kPulledAtOnce) {
      throw std::runtime_error(
          text("queue ", queue, ": offset ", known, " is known, but ", commits.rbegin()->first, " was committed last"));
    }
    if (first == commits.end()) continue;
    all.messages += commits.rbegin()->first - known;
    all.age = std::max(all.age,
                       std::chrono::duration_cast<std::chrono::milliseconds>(commits.rbegin()->second - first->second));
  }
  return all;
}

std::size_t LogReader::messages() const {
  std::size_t messages = 0;
  for (const auto& queue : seen_) messages += queue.size();
  return messages;
}

std::string LogReader::compare_with(const HostAddress& broker) const {
  RawClient client(broker);
  for (std::size_t queue = 0; queue < seen_.size(); ++queue) {
    const auto there = e2e::all_messages(client, topic_, std::to_string(queue));
    const auto& seen = seen_[queue];
    if (there.size() < seen.size()) {
      return text("a reader is at offset ", seen.size(), " of queue ", queue, ", which ends at ", there.size(),
                  ": what comes there next it would miss");
    }
    for (std::size_t at = 0; at < seen.size(); ++at) {
      if (there[at].body != seen[at])
        return text("a reader saw '", seen[at], "' at ", at, " of queue ", queue, ", where '", there[at].body,
                    "' is now");
    }
  }
  return {};
}

}  // namespace tenon::fault
