// SPDX-License-Identifier: Apache-2.0
// The capability as protocol plug-ins see it.
#include "pop_service.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "receipt.hpp"
#include "testing/pop_world.hpp"

namespace tenon::pop {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

constexpr std::chrono::seconds kPatience{10};

class PopServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(world.directory.path() / "config");
    service.open();
    service.begin();
  }
  void TearDown() override {
    if (!ended) end();
  }
  /// As at a stop: the work that is under way needs a thread meanwhile.
  void end() {
    ended = true;
    std::atomic<bool> done = false;
    std::jthread stopping([this, &done] {
      service.end();
      done = true;
    });
    await([&done] { return done.load(); });
  }
  template <class Condition>
  void await(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    world.host.context.restart();
    while (!condition() && std::chrono::steady_clock::now() < deadline)
      world.host.context.run_one_for(milliseconds(10));
    ASSERT_TRUE(condition()) << "nothing for ten seconds";
  }
  PopRequest request(milliseconds poll_time = milliseconds(0)) {
    PopRequest request;
    request.group = "g";
    request.topic = "Orders";
    request.begin = PopBegin::oldest;
    request.invisible_time = milliseconds(10'000);
    request.poll_time = poll_time;
    return request;
  }
  void ask(PopRequest wanted) {
    service.pop(std::move(wanted), [this](Result<PopOutcome> outcome) { outcomes.push_back(std::move(outcome)); });
  }
  PopOutcome pop(PopRequest wanted) {
    const std::size_t before = outcomes.size();
    ask(std::move(wanted));
    await([&] { return outcomes.size() > before; });
    return outcomes.back().value();
  }
  Status acknowledge(const PopOutcome& outcome, QueueOffset offset, std::string_view topic = "Orders",
                     std::int32_t queue_id = 0) {
    const PoppedQueue& popped = outcome.queues.at(0);
    const std::string receipt =
        to_string(Receipt{popped.start_offset, outcome.pop_time_ms, outcome.invisible_time.count(),
                          outcome.revive_queue_id, popped.source, "broker-a", popped.queue_id, offset});
    std::optional<Status> answer;
    service.acknowledge({"g", topic, queue_id, offset, receipt}, [&answer](const Status& status) { answer = status; });
    await([&] { return answer.has_value(); });
    return *answer;
  }

  PopWorld world;
  PopService service{world.parts};
  std::vector<Result<PopOutcome>> outcomes;
  bool ended = false;
};

TEST_F(PopServiceTest, AnswersAtOnceWhenThereAreMessages) {
  world.send("a");
  EXPECT_EQ(pop(request(milliseconds(5000))).status, PopStatus::found);
}

TEST_F(PopServiceTest, AnswersAtOnceWhenNobodyWantsToWait) {
  EXPECT_EQ(pop(request()).status, PopStatus::polling_timeout);
}

TEST_F(PopServiceTest, WaitsUntilAMessageComes) {
  ask(request(milliseconds(60'000)));
  await([this] { return service.waiting("g", "Orders", -1) == 1; });
  EXPECT_TRUE(service.listens());
  world.send("a", 1);
  service.appended("Orders", 1, {0});
  await([this] { return !outcomes.empty(); });
  EXPECT_EQ(outcomes[0].value().status, PopStatus::found);
  EXPECT_FALSE(service.listens());
}

TEST_F(PopServiceTest, WaitsNoLongerThanWasSaid) {
  ask(request(milliseconds(60'000)));
  await([this] { return service.waiting("g", "Orders", -1) == 1; });
  EXPECT_TRUE(outcomes.empty());
  world.pass(milliseconds(60'000));
  await([this] { return !outcomes.empty(); });
  EXPECT_EQ(outcomes[0].value().status, PopStatus::polling_timeout);
}

TEST_F(PopServiceTest, ARequestThatIsLateGetsNothing) {
  world.send("a");
  PopRequest late = request(milliseconds(100));
  late.born_time_ms = world.host.clock_ms - 10'000;
  EXPECT_EQ(pop(late).status, PopStatus::polling_timeout);
  EXPECT_EQ(pop(request()).status, PopStatus::found) << "and takes nothing away";
}

TEST_F(PopServiceTest, TooManyWait) {
  world.settings.waiting_max = 1;
  ask(request(milliseconds(60'000)));
  EXPECT_EQ(pop(request(milliseconds(60'000))).status, PopStatus::polling_full);
}

TEST_F(PopServiceTest, WhatIsNotAcknowledgedComesToWhoWaits) {
  world.send("a");
  ASSERT_EQ(pop(request()).status, PopStatus::found);
  ask(request(milliseconds(60'000)));
  await([this] { return service.waiting("g", "Orders", -1) == 1; });
  world.pass(milliseconds(9'000));  // the check point
  world.pass(milliseconds(5'000));
  await([this] { return outcomes.size() == 2; });
  EXPECT_EQ(outcomes[1].value().queues.at(0).source, PopSource::retry_topic);
}

TEST_F(PopServiceTest, AChangedInvisibleTimeTakesThePlaceOfTheFirst) {
  world.send("a");
  const PopOutcome outcome = pop(request());
  const std::string receipt = to_string(
      Receipt{{0}, outcome.pop_time_ms, 10'000, outcome.revive_queue_id, PopSource::topic, "broker-a", 0, {0}});
  world.pass(milliseconds(1'000));
  std::optional<ChangedInvisibleTime> changed;
  service.change_invisible_time({"g", "Orders", 0, {0}, receipt}, milliseconds(30'000),
                                [&changed](Result<ChangedInvisibleTime> answer) { changed = answer.value(); });
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->pop_time_ms, world.host.clock_ms);
  EXPECT_EQ(changed->invisible_time, milliseconds(30'000));
  for (int second = 0; second < 25; ++second) world.pass(milliseconds(1'000));
  await([this] { return service.waiting("g", "Orders", -1) == 0; });
  EXPECT_EQ(pop(request()).status, PopStatus::polling_timeout);
  for (int second = 0; second < 12; ++second) world.pass(milliseconds(1'000));
  EXPECT_EQ(pop(request(milliseconds(60'000))).queues.at(0).source, PopSource::retry_topic);
}

TEST_F(PopServiceTest, AcknowledgementsOfNothingAreRefused) {
  world.send("a");
  const PopOutcome outcome = pop(request());
  EXPECT_TRUE(acknowledge(outcome, {2}).error().is(Errc::query_not_found));
  EXPECT_TRUE(acknowledge(outcome, {0}, "Nothing").error().is(Errc::topic_not_exist));
  EXPECT_TRUE(acknowledge(outcome, {0}, "Orders", 7).error().is(Errc::message_illegal));
  Status refused;
  service.acknowledge({"g", "Orders", 0, {0}, "no receipt"}, [&refused](const Status& status) { refused = status; });
  EXPECT_TRUE(refused.error().is(Errc::invalid_parameter));
  service.acknowledge({"g", "Orders", 0, {0}, "0 1 1 8 0 broker-a 0 0"},
                      [&refused](const Status& status) { refused = status; });
  EXPECT_TRUE(refused.error().is(Errc::invalid_parameter)) << "there are eight revive queues, and 999";
  EXPECT_TRUE(acknowledge(outcome, {0}));
}

TEST_F(PopServiceTest, ABatchPassesByWhatIsNotThere) {
  world.send("a");
  world.send("b");
  const PopOutcome outcome = pop(request());
  PoppedBatch batch{"g",
                    "Orders",
                    PopSource::topic,
                    0,
                    outcome.revive_queue_id,
                    {0},
                    outcome.pop_time_ms,
                    outcome.invisible_time,
                    {{0}, {1}, {77}}};
  EXPECT_TRUE(service.acknowledge_batch(batch));
  batch.topic = "Nothing";
  EXPECT_FALSE(service.acknowledge_batch(batch));
  world.pass(milliseconds(9'000));
  world.pass(milliseconds(5'000));
  ask(request(milliseconds(3'000)));
  await([this] { return service.waiting("g", "Orders", -1) == 1; });
  world.pass(milliseconds(3'000));
  await([this] { return outcomes.size() == 2; });
  EXPECT_EQ(outcomes[1].value().status, PopStatus::polling_timeout) << "both were acknowledged";
}

TEST_F(PopServiceTest, InOrderAnAcknowledgementFreesTheQueueForWhoWaits) {
  world.send("a");
  world.send("b");
  PopRequest in_order = request();
  in_order.ordered = true;
  in_order.queue_id = 0;
  in_order.max_messages = 1;
  const PopOutcome first = pop(in_order);
  in_order.poll_time = milliseconds(60'000);
  ask(in_order);
  await([this] { return service.waiting("g", "Orders", 0) == 1; });
  EXPECT_TRUE(acknowledge(first, {0}));
  await([this] { return outcomes.size() == 2; });
  EXPECT_THAT(outcomes[1].value().queues.at(0).offsets, ElementsAre(QueueOffset{1}));
  EXPECT_TRUE(acknowledge(outcomes[1].value(), {0}).error().is(Errc::message_illegal)) << "not of this request";
}

TEST_F(PopServiceTest, NotificationSaysWhetherThereIsSomething) {
  std::vector<PopStatus> found;
  const auto note = [&found](Result<PopStatus> status) { found.push_back(status.value()); };
  service.await_messages(request(), note);
  await([&] { return found.size() == 1; });
  service.await_messages(request(milliseconds(60'000)), note);
  await([this] { return service.waiting("g", "Orders", -1) == 1; });
  world.send("a");
  service.appended("Orders", 0, {0});
  await([&] { return found.size() == 2; });
  EXPECT_THAT(found, ElementsAre(PopStatus::polling_timeout, PopStatus::found));
  EXPECT_EQ(pop(request()).status, PopStatus::found) << "it is still there";
}

TEST_F(PopServiceTest, AStopAnswersWhoWaitsAndWritesDownWhatWasGivenInOrder) {
  world.send("a");
  PopRequest in_order = request();
  in_order.ordered = true;
  pop(in_order);
  ask(request(milliseconds(60'000)));
  await([this] { return outcomes.size() == 2 || service.waiting("g", "Orders", -1) == 1; });
  end();
  EXPECT_EQ(outcomes.size(), 2U);
  std::ifstream file(world.directory.path() / "config" / "consumerOrderInfo.json");
  std::string content(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(content, ::testing::HasSubstr("Orders@g"));
  Status after;
  service.pop(request(), [&after](const Result<PopOutcome>& outcome) { after = outcome.error(); });
  EXPECT_TRUE(after.error().is(Errc::service_not_available));
}

TEST_F(PopServiceTest, WhatOneWhoWaitedLeavesIsForTheNext) {
  PopRequest one = request(milliseconds(60'000));
  one.max_messages = 1;
  for (int i = 0; i < 3; ++i) ask(one);
  await([this] { return service.waiting("g", "Orders", -1) == 3; });
  for (const char* body : {"a", "b", "c"}) world.send(body);
  service.appended("Orders", 0, {0});  // as where many messages come at once
  await([this] { return outcomes.size() == 3; });
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome.value().status, PopStatus::found);
}

TEST_F(PopServiceTest, WhoAsksAgainWhileItStopsIsAnswered) {
  int refusals = 0;
  service.pop(request(milliseconds(60'000)), [&](const Result<PopOutcome>&) {
    service.pop(request(milliseconds(60'000)), [&](const Result<PopOutcome>& again) { refusals += again ? 0 : 1; });
  });
  await([this] { return service.waiting("g", "Orders", -1) == 1; });
  end();
  EXPECT_EQ(refusals, 1);
  EXPECT_EQ(service.waiting("g", "Orders", -1), 0);
}

TEST_F(PopServiceTest, AnInvisibleTimeChangedAtOnceIsACheckPointOfItsOwn) {
  world.send("a");
  const PopOutcome outcome = pop(request());
  std::int64_t pop_time = outcome.pop_time_ms;
  for (int i = 0; i < 3; ++i) {
    const std::string receipt =
        to_string(Receipt{{0}, pop_time, 10'000, outcome.revive_queue_id, PopSource::topic, "broker-a", 0, {0}});
    service.change_invisible_time(
        {"g", "Orders", 0, {0}, receipt}, milliseconds(10'000),
        [&pop_time](Result<ChangedInvisibleTime> changed) { pop_time = changed.value().pop_time_ms; });
  }
  for (int second = 0; second < 15; ++second) world.pass(milliseconds(1'000));
  const PopOutcome again = pop(request(milliseconds(60'000)));
  ASSERT_EQ(again.queues.size(), 1U) << "the message is lost";
  EXPECT_EQ(again.queues[0].source, PopSource::retry_topic);
}

TEST_F(PopServiceTest, AReceiptOfTimesThatNoSumHoldsIsForTheEndOfAllTime) {
  world.send("a");
  world.timer.furthest_ms = world.host.clock_ms + 1'000'000;
  constexpr std::int64_t kMost = INT64_MAX;
  const std::string receipt = to_string(Receipt{{0}, kMost, kMost, 0, PopSource::topic, "broker-a", 0, {0}});
  std::optional<Status> answer;
  service.acknowledge({"g", "Orders", 0, {0}, receipt}, [&answer](const Status& status) { answer = status; });
  EXPECT_FALSE(answer.value());
  EXPECT_FALSE(
      service.acknowledge_batch({"g", "Orders", PopSource::topic, 0, 0, {0}, kMost, milliseconds(1'000), {{0}}}));
}

TEST_F(PopServiceTest, WhoeverFailsIsAnswered) {
  ask(request(milliseconds(60'000)));
  ask(request(milliseconds(60'000)));
  await([this] { return service.waiting("g", "Orders", -1) == 2; });
  world.timer.throws = true;
  world.send("a");
  service.appended("Orders", 0, {0});
  await([this] { return outcomes.size() == 1; });
  EXPECT_TRUE(outcomes[0].error().is(Errc::internal));
  EXPECT_EQ(service.waiting("g", "Orders", -1), 1) << "and keeps nobody else from waiting";
  end();
  EXPECT_EQ(outcomes.size(), 2U);
}

TEST_F(PopServiceTest, ABatchIsAcknowledgedInOrder) {
  for (const char* body : {"a", "b", "c"}) world.send(body);
  PopRequest in_order = request();
  in_order.ordered = true;
  in_order.max_messages = 2;
  const PopOutcome first = pop(in_order);
  const PoppedBatch batch{"g",
                          "Orders",
                          PopSource::topic,
                          0,
                          first.revive_queue_id,
                          {0},
                          first.pop_time_ms,
                          first.invisible_time,
                          {{0}, {1}, {77}}};
  EXPECT_TRUE(service.acknowledge_batch(batch));
  EXPECT_THAT(pop(in_order).queues.at(0).offsets, ElementsAre(QueueOffset{2}));
}

TEST_F(PopServiceTest, RequestModesSurviveARestart) {
  EXPECT_EQ(service.request_mode("Orders", "g").mode, MessageRequestMode::pull);
  ASSERT_TRUE(service.set_request_mode({"Orders", "g", MessageRequestMode::pop, 3}));
  EXPECT_TRUE(service.set_request_mode({"%RETRY%g", "g", MessageRequestMode::pop, 3}).error().is(Errc::no_permission));
  EXPECT_TRUE(service.set_request_mode({"Nothing", "g", MessageRequestMode::pop, 3}).error().is(Errc::topic_not_exist));
  EXPECT_TRUE(service.set_request_mode({"Orders", "nobody", MessageRequestMode::pop, 3})
                  .error()
                  .is(Errc::subscription_group_not_exist));
  PopService again(world.parts);
  again.open();
  EXPECT_EQ(again.request_mode("Orders", "g").mode, MessageRequestMode::pop);
  EXPECT_EQ(again.request_mode("Orders", "g").pop_share_queue_num, 3);
  EXPECT_EQ(again.request_modes().size(), 1U);
}

}  // namespace
}  // namespace tenon::pop
