// SPDX-License-Identifier: Apache-2.0
#include "cluster_reader.hpp"

#include <functional>

#include "cluster_clients.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

using namespace std::chrono_literals;
using protocol_native::RawClient;
using protocol_native::SamplePull;

constexpr auto kPullPatience = 300ms, kPullPace = 10ms;

std::size_t print_of(const std::string& body) { return std::hash<std::string>{}(body); }

}  // namespace

ClusterReader::ClusterReader(HostileCluster& cluster, int queues)
    : cluster_(cluster),
      next_(cluster.size(), std::vector<std::int64_t>(static_cast<std::size_t>(queues))),
      handed_out_(static_cast<std::size_t>(queues)) {}

void ClusterReader::start() {
  stop_ = false;
  thread_ = std::thread([this] { run(); });
}

void ClusterReader::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void ClusterReader::run() {
  for (std::size_t turn = 0; !stop_ && complaint_.empty(); ++turn) {
    try {
      read_some(turn % cluster_.size());
    } catch (const std::exception&) {
      // That broker is away.
    }
    std::this_thread::sleep_for(kPullPace);
  }
}

/// As much as there is of each queue, at one broker.
void ClusterReader::read_some(std::size_t broker) {
  RawClient client(cluster_.member(broker).clients.address());
  for (std::size_t queue = 0; queue < handed_out_.size() && !stop_;) {
    const std::string name = std::to_string(queue), from = std::to_string(next_[broker][queue]);
    const auto opaque = client.send(remoting::RequestCode::pull_message,
                                    fields_of(SamplePull{.topic = kClusterTopic, .queue = name, .offset = from}));
    const auto answer = client.next(kPullPatience);
    if (!answer || answer->opaque != opaque) return;
    if (answer->code != 0) {
      ++queue;
      continue;
    }
    for (const auto& message : e2e::messages_of(*answer)) {
      if (!take(broker, static_cast<int>(queue), message)) return;
    }
  }
}

bool ClusterReader::take(std::size_t broker, int queue, const e2e::PulledMessage& message) {
  const auto index = static_cast<std::size_t>(queue);
  const auto [known, added] = handed_out_[index].emplace(message.queue_offset, print_of(message.body));
  read_ += added ? 1 : 0;
  if (known->second != print_of(message.body))
    complaint_ = text("queue ", queue, ", offset ", message.queue_offset, ": broker ", broker + 1,
                      " handed out another message than was handed out there before");
  next_[broker][index] = message.queue_offset + 1;
  return complaint_.empty();
}

std::string ClusterReader::vanished(int queue, const std::vector<e2e::PulledMessage>& all) const {
  const Places& places = handed_out_[static_cast<std::size_t>(queue)];
  auto expected = places.begin();
  for (const auto& message : all) {
    if (expected == places.end()) break;
    if (expected->first != message.queue_offset) continue;
    if (expected->second != print_of(message.body)) break;
    ++expected;
  }
  if (expected == places.end()) return {};
  return text("queue ", queue, ": what was handed out at offset ", expected->first, " is not there any more");
}

}  // namespace tenon::fault
