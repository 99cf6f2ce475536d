// SPDX-License-Identifier: Apache-2.0
// Connections that live on another thread while their clients read what is far behind the end of the log.
#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <thread>

#include "protocol-native/client_call.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using Clock = std::chrono::steady_clock;

// What the queues of the fake broker do with a pull.
constexpr std::string_view kNear = "0", kFar = "1", kHeld = "2", kFarInManyBytes = "3";
constexpr std::size_t kManyBytes = 900'000;
constexpr std::int64_t kFarBytes = std::int64_t{1} << 40;
constexpr std::string_view kHeartbeat = R"({"clientID":"reader","consumerDataSet":[{"groupName":"readers",)"
                                        R"("consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING",)"
                                        R"("consumeFromWhere":"CONSUME_FROM_LAST_OFFSET","subscriptionDataSet":[]}]})";

PullOutcome found(std::int64_t bytes_behind, std::size_t size = 100) {
  PullOutcome outcome;
  outcome.status = PullStatus::found;
  outcome.detail = "FOUND";
  const auto bytes = std::make_shared<std::string>(size, 'x');
  outcome.read.records.push_back(MemorySlice{std::as_bytes(std::span(*bytes))});
  outcome.read.total_bytes = static_cast<std::int64_t>(size);
  outcome.read.bytes_behind = bytes_behind;
  outcome.read.pin = bytes;
  return outcome;
}

class CatchUpTest : public ServerFixture {
 protected:
  void SetUp() override {
    with_broker();
    pulling.answer = [this](const PullRequest& request) { return answer(request); };
  }
  std::optional<Result<PullOutcome>> answer(const PullRequest& request) {
    {
      const std::lock_guard lock(served_mutex_);
      served_on_ = std::this_thread::get_id();
    }
    const std::string queue = std::to_string(request.queue_id);
    if (queue == kHeld) return std::nullopt;
    if (queue == kNear) return found(1000);
    return found(kFarBytes, queue == kFar ? 100 : kManyBytes);
  }
  static std::int32_t send_pull(RawClient& client, std::string_view queue) {
    return client.send(RequestCode::pull_message, fields_of(SamplePull{.queue = queue}));
  }
  /// The thread that has served a pull of this queue.
  std::thread::id pull(RawClient& client, std::string_view queue) {
    const auto answer = client.next_answer(send_pull(client, queue));
    EXPECT_TRUE(answer && answer->code == 0);
    const std::lock_guard lock(served_mutex_);
    return served_on_;
  }
  /// Has the client read far behind, until another thread serves it than before.
  std::thread::id move_away(RawClient& client) {
    const auto home = pull(client, kNear);
    return until_served_elsewhere(client, kFar, home, std::chrono::seconds(5));
  }
  std::thread::id until_served_elsewhere(RawClient& client, std::string_view queue, std::thread::id than,
                                         std::chrono::seconds at_most) {
    const auto end = Clock::now() + at_most;
    auto thread = than;
    while (thread == than && Clock::now() < end) thread = pull(client, queue);
    return thread;
  }
  std::shared_ptr<ClientChannel> channel_of_reader() {
    const std::lock_guard lock(registry.mutex);
    return registry.consumers["readers"]["reader"];
  }
  void answer_oldest_send() {
    const std::lock_guard lock(publishing.mutex);
    boost::asio::post(publishing.held.front().completion->executor(),
                      [one = publishing.held.front()] { one.completion->published(one.token, one.receipt); });
    publishing.held.erase(publishing.held.begin());
  }
  void wait_for_held(std::size_t count) {
    while (pulling.held_count() < count) std::this_thread::yield();
  }

 private:
  std::mutex served_mutex_;
  std::thread::id served_on_;
};

TEST_F(CatchUpTest, WhoReadsFarBehindIsServedAside) {
  open({}, 1, 1);
  RawClient reader(address()), other(address());
  const auto home = pull(other, kNear);
  EXPECT_NE(move_away(reader), home);
  EXPECT_EQ(pull(other, kNear), home);
}

TEST_F(CatchUpTest, WhoHasCaughtUpComesHome) {
  open({}, 1, 1);
  RawClient reader(address());
  const auto home = pull(reader, kNear), aside = move_away(reader);
  ASSERT_NE(aside, home);
  EXPECT_EQ(pull(reader, kNear), aside) << "came home at once: who reads two queues would go to and fro";
  EXPECT_EQ(until_served_elsewhere(reader, kNear, aside, std::chrono::seconds(10)), home);
  EXPECT_NE(move_away(reader), home) << "the second time";
}

TEST_F(CatchUpTest, EverybodyStaysWhereThereIsNoThreadForIt) {
  open();
  RawClient reader(address());
  const auto home = pull(reader, kNear);
  for (int count = 0; count < 3; ++count) EXPECT_EQ(pull(reader, kFar), home);
}

TEST_F(CatchUpTest, EverybodyStaysWhereTheDistanceIsNone) {
  Settings settings;
  settings.catch_up_distance = 0;
  open(settings, 1, 1);
  RawClient reader(address());
  const auto home = pull(reader, kNear);
  for (int count = 0; count < 3; ++count) EXPECT_EQ(pull(reader, kFar), home);
}

TEST_F(CatchUpTest, SeveralThreadsShareThem) {
  open({}, 2, 2);
  RawClient first(address()), second(address());
  const auto homes = std::set{pull(first, kNear), pull(second, kNear)};
  const auto places = std::set{move_away(first), move_away(second)};
  EXPECT_EQ(homes.size(), 2u);
  EXPECT_EQ(places.size(), 2u);
  for (const auto place : places) EXPECT_FALSE(homes.contains(place));
}

TEST_F(CatchUpTest, APullThatIsHeldMeanwhileIsAnswered) {
  open({}, 1, 1);
  RawClient reader(address());
  const std::int32_t held = send_pull(reader, kHeld);
  wait_for_held(1);
  const auto home = pull(reader, kNear);
  ASSERT_NE(move_away(reader), home);
  pulling.release([] { return found(1000); });
  EXPECT_TRUE(reader.next_answer(held));
}

TEST_F(CatchUpTest, ASendThatIsUnderWayMeanwhileIsAnswered) {
  publishing.hold = true;
  open({}, 1, 1);
  RawClient reader(address());
  const std::int32_t sent = reader.send(RequestCode::send_message_v2, fields_of(SampleSend{}), "body");
  while (publishing.held_count() == 0) std::this_thread::yield();
  const auto home = pull(reader, kNear);
  const boost::asio::any_io_executor had = publishing.held.front().completion->executor();
  ASSERT_NE(move_away(reader), home);
  boost::asio::post(had, [one = publishing.held.front()] { one.completion->published(one.token, one.receipt); });
  const auto answer = reader.next_answer(sent);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 0);
}

// There is always one under way: the next comes before the one before is answered.
TEST_F(CatchUpTest, WhoSendsWithoutAPauseComesHomeToo) {
  publishing.hold = true;
  open({}, 1, 1);
  RawClient client(address());
  const auto home = pull(client, kNear), aside = move_away(client);
  ASSERT_NE(aside, home);
  const auto end = Clock::now() + std::chrono::seconds(10);
  auto thread = aside;
  for (std::size_t sent = 1; thread == aside && Clock::now() < end; ++sent) {
    client.send(RequestCode::send_message_v2, fields_of(SampleSend{}), "body");
    while (publishing.held_count() == 0) std::this_thread::yield();
    if (sent > 1) answer_oldest_send();
    thread = pull(client, kNear);
  }
  EXPECT_EQ(thread, home);
}

TEST_F(CatchUpTest, ACallToTheClientEndsWhereItBegan) {
  open({}, 1, 1);
  RawClient client(address());
  const auto home = pull(client, kNear);
  ASSERT_EQ(client.call(RequestCode::heart_beat, {}, kHeartbeat).code, 0);
  std::promise<Result<Answer>> answered;
  call_client(channel_of_reader(), ClientRequest(307, {}), std::chrono::seconds(10),
              [&](Result<Answer> answer) { answered.set_value(std::move(answer)); });
  auto call = client.next();
  while (call && call->code != 307) call = client.next();
  ASSERT_TRUE(call);
  EXPECT_EQ(pull(client, kFar), home);
  EXPECT_EQ(pull(client, kFar), home);
  client.answer(*call, 0, "status");
  EXPECT_TRUE(answered.get_future().get().has_value());
  EXPECT_NE(move_away(client), home);
}

TEST_F(CatchUpTest, WhoHasGoneIsNotMoved) {
  open({}, 1, 1);
  {
    RawClient reader(address());
    send_pull(reader, kHeld);
    wait_for_held(1);
  }
  ASSERT_TRUE(registry.wait_closed(1));
  pulling.release([] { return found(kFarBytes); });
  RawClient other(address());
  for (int count = 0; count < 50; ++count) pull(other, kNear);
}

TEST_F(CatchUpTest, RequestsOfTheBrokerReachIt) {
  open({}, 1, 1);
  RawClient reader(address());
  ASSERT_EQ(reader.call(RequestCode::heart_beat, {}, kHeartbeat).code, 0);
  ASSERT_TRUE(reader.next());  // of its own heartbeat
  const auto home = pull(reader, kNear);
  ASSERT_NE(move_away(reader), home);
  const std::shared_ptr<ClientChannel> channel = channel_of_reader();
  ASSERT_TRUE(channel);
  channel->notify_consumer_ids_changed("readers");
  const auto told = reader.next();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->code, static_cast<std::int32_t>(RequestCode::notify_consumer_ids_changed));
  channel->close();
  EXPECT_TRUE(reader.closed_by_server());
  EXPECT_TRUE(registry.wait_closed(1));
}

TEST_F(CatchUpTest, WhatTheSocketDidNotTakeGoesWithIt) {
  open({}, 1, 1);
  RawClient reader(address()), other(address());
  constexpr int kPulls = 12;  // more than the sockets hold
  std::vector<std::int32_t> asked;
  for (int count = 0; count < kPulls; ++count) asked.push_back(send_pull(reader, kFarInManyBytes));
  for (const std::int32_t opaque : asked) {
    const auto answer = reader.next_answer(opaque);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body.size(), kManyBytes);
  }
  EXPECT_NE(pull(reader, kNear), pull(other, kNear)) << "it has not gone";
}

// Answers come on the thread that the connection had, while it goes.
TEST_F(CatchUpTest, AnswersCrossItsWay) {
  open({}, 2, 1);
  constexpr std::size_t kReaders = 60;
  std::vector<std::unique_ptr<RawClient>> readers;
  readers.reserve(kReaders);
  for (std::size_t index = 0; index < kReaders; ++index) readers.push_back(std::make_unique<RawClient>(address()));
  std::atomic<bool> ended{false};
  std::thread releasing([&] {
    while (!ended) pulling.release([] { return found(1000); });
  });
  for (const auto& reader : readers) {
    std::vector<std::int32_t> asked;
    for (const auto queue : {kHeld, kFar, kHeld, kFar, kHeld, kNear}) asked.push_back(send_pull(*reader, queue));
    for (const std::int32_t opaque : asked) EXPECT_TRUE(reader->next_answer(opaque));
  }
  ended = true;
  releasing.join();
  EXPECT_EQ(pull(*readers.front(), kFar), pull(*readers[1], kFar)) << "homes differ: both are to be aside";
}

TEST_F(CatchUpTest, TheServerStopsWhileTheyGo) {
  open({}, 1, 1);
  constexpr std::size_t kReaders = 60;
  std::vector<std::unique_ptr<RawClient>> readers;
  readers.reserve(kReaders);
  for (std::size_t index = 0; index < kReaders; ++index) {
    readers.push_back(std::make_unique<RawClient>(address()));
    send_pull(*readers.back(), kFar);
  }
  server->stop();
  for (const auto& reader : readers) EXPECT_TRUE(reader->closed_by_server());
}

}  // namespace
}  // namespace tenon::protocol_native
