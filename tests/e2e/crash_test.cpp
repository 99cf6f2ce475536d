// SPDX-License-Identifier: Apache-2.0
// kill -9 in the middle of sends: what was acknowledged is there afterwards, in its place.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <csignal>
#include <map>
#include <thread>

#include "broker_process.hpp"
#include "message_requests.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;

/// What the broker has acknowledged: per queue, the body at each offset.
using Model = std::map<std::int64_t, std::string>;
constexpr std::size_t kQueues = 3;

/// Sends to one queue until the broker is gone.
void send_until_the_end(const HostAddress& address, const std::string& queue, const std::string& prefix, Model& model,
                        std::atomic<int>& acknowledged) {
  RawClient client(address);
  for (int i = 0;; ++i) {
    // Bodies of many lengths, so that the log ends anywhere in a page.
    const std::string body = prefix + std::to_string(i) + std::string(static_cast<std::size_t>(i * 37 % 3000), 'x');
    const auto answer = send_message(client, "T-crash", body, queue);
    if (answer.code != 0) return;
    model[std::stoll(answer.field("queueOffset"))] = body;
    acknowledged.fetch_add(1);
    acknowledged.notify_one();
  }
}

void expect_all_of(const Model& model, RawClient& client, const std::string& queue) {
  Model stored;
  std::int64_t next = 0;
  for (const PulledMessage& message : all_messages(client, "T-crash", queue)) {
    EXPECT_EQ(message.queue_offset, next++) << "no hole in queue " << queue;
    stored[message.queue_offset] = message.body;
  }
  for (const auto& [offset, body] : model)
    EXPECT_TRUE(stored[offset] == body) << "queue " << queue << " offset " << offset;
}

void crash_and_recover(const std::vector<std::string>& settings) {
  BrokerSetup setup;
  setup.settings = settings;
  // Small files, so that a crash also happens near their ends.
  setup.settings.insert(setup.settings.end(),
                        {"plugins.store.commit_log_file_size=256KiB", "plugins.store.consume_queue_file_entries=200"});
  BrokerProcess broker(setup);
  std::array<Model, kQueues> models;
  for (int round = 0; round < 4; ++round) {
    std::atomic<int> acknowledged = 0;
    std::vector<std::thread> senders;
    for (std::size_t queue = 0; queue < kQueues; ++queue) {
      senders.emplace_back([&, queue, address = broker.address()] {
        send_until_the_end(address, std::to_string(queue), std::to_string(round) + "-", models[queue], acknowledged);
      });
    }
    const int enough = 150 + 101 * round;
    for (int seen = 0; (seen = acknowledged.load()) < enough;) acknowledged.wait(seen);
    broker.signal(SIGKILL);
    for (std::thread& sender : senders) sender.join();
    broker.start_again();
    RawClient client(broker.address());
    for (std::size_t queue = 0; queue < kQueues; ++queue) expect_all_of(models[queue], client, std::to_string(queue));
  }
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(Crash, LosesNothingThatWasAcknowledged) { crash_and_recover({}); }
TEST(Crash, LosesNothingThatWasAcknowledgedWithSynchronousFlush) { crash_and_recover({"plugins.store.flush=sync"}); }
TEST(Crash, LosesNothingThatTheOtherEngineHasGathered) { crash_and_recover({"plugins.store.type=store-sendfile"}); }
TEST(Crash, LosesNothingThatTheOtherEngineHasForced) {
  crash_and_recover({"plugins.store.type=store-sendfile", "plugins.store.flush=sync"});
}

}  // namespace
}  // namespace tenon::e2e
