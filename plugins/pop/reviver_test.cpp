// SPDX-License-Identifier: Apache-2.0
#include "reviver.hpp"

#include <gmock/gmock.h>

#include "names.hpp"
#include "popper.hpp"
#include "tenon/properties.hpp"
#include "testing/pop_world.hpp"

namespace tenon::pop {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kRetryTopic = "%RETRY%g_Orders";

class ReviverTest : public ::testing::Test {
 protected:
  PopOutcome pop(milliseconds invisible_time = milliseconds(10'000)) {
    PopRequest request;
    request.group = "g";
    request.topic = "Orders";
    request.begin = PopBegin::oldest;
    request.invisible_time = invisible_time;
    return popper.pop(popper.check(request).value()).value();
  }
  void acknowledge(const PopOutcome& outcome, std::vector<QueueOffset> done, std::size_t queue = 0) {
    const PoppedQueue& popped = outcome.queues.at(queue);
    const std::string topic = popped.source == PopSource::topic ? "Orders" : std::string(kRetryTopic);
    const Acknowledgement acknowledgement{
        {"g", topic, popped.queue_id, popped.start_offset, outcome.pop_time_ms, "broker-a"}, std::move(done)};
    ASSERT_TRUE(
        log.write(acknowledgement, outcome.revive_queue_id, outcome.pop_time_ms + outcome.invisible_time.count()));
  }
  /// Time enough for what was given out to be given out again.
  void let_it_be_due(milliseconds time = milliseconds(12'001)) {
    world.pass(time);
    step();
  }
  void step() {
    for (auto& reviver : revivers) reviver->step();
    offsets.settle();
  }
  void restart() {
    revivers.clear();
    for (std::int32_t queue_id = 0; queue_id < kReviveQueues; ++queue_id) {
      revivers.push_back(std::make_unique<Reviver>(
          world.parts, offsets, queue_id,
          [this](std::string_view group, std::string_view topic) { woken.push_back(text(group, "@", topic)); }));
    }
  }
  ReviverTest() { restart(); }

  PopWorld world;
  KeptOffsets offsets{world.parts};
  ReviveLog log{world.parts};
  OrderedQueues ordered;
  Popper popper{world.parts, offsets, log, ordered};
  std::vector<std::string> woken;
  std::vector<std::unique_ptr<Reviver>> revivers;
};

TEST_F(ReviverTest, WhatWasNotAcknowledgedComesToTheRetryTopic) {
  world.send("a");
  const PopOutcome outcome = pop();
  let_it_be_due();
  const auto retries = world.messages(kRetryTopic);
  ASSERT_EQ(retries.size(), 1U);
  EXPECT_EQ(retries[0].message.reconsume_times, 1);
  const PropertiesView properties(retries[0].message.properties);
  EXPECT_EQ(properties.find(property::first_pop_time), text(outcome.pop_time_ms));
  EXPECT_EQ(properties.find(property::origin_group), "g");
  EXPECT_EQ(properties.find(tenon::property::unique_key), "a");
  EXPECT_THAT(woken, ElementsAre("g@Orders"));
}

TEST_F(ReviverTest, NotBeforeItsTime) {
  world.send("a");
  pop();
  let_it_be_due(milliseconds(9'999));
  EXPECT_THAT(world.bodies(kRetryTopic), IsEmpty());
  let_it_be_due(milliseconds(1'000));
  EXPECT_THAT(world.bodies(kRetryTopic), IsEmpty()) << "acknowledgements of the last moment are on their way";
  let_it_be_due(milliseconds(1'002));
  EXPECT_THAT(world.bodies(kRetryTopic), ElementsAre("a"));
}

TEST_F(ReviverTest, WhatWasAcknowledgedDoesNotComeAgain) {
  for (const char* body : {"a", "b", "c"}) world.send(body);
  const PopOutcome outcome = pop();
  acknowledge(outcome, {{1}});
  acknowledge(outcome, {{2}});
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), ElementsAre("a"));
}

TEST_F(ReviverTest, ABatchIsAcknowledgedAtOnce) {
  for (const char* body : {"a", "b", "c"}) world.send(body);
  acknowledge(pop(), {{0}, {2}});
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), ElementsAre("b"));
}

TEST_F(ReviverTest, AMessageThatIsTriedAgainStaysInItsRetryTopic) {
  world.send("a");
  pop();
  let_it_be_due();
  const PopOutcome again = pop();
  ASSERT_EQ(again.queues.size(), 1U);
  EXPECT_EQ(again.queues[0].source, PopSource::retry_topic);
  let_it_be_due();
  const auto retries = world.messages(kRetryTopic);
  ASSERT_EQ(retries.size(), 2U);
  EXPECT_EQ(retries[1].message.reconsume_times, 2);
  EXPECT_EQ(PropertiesView(retries[1].message.properties).find(property::first_pop_time),
            PropertiesView(retries[0].message.properties).find(property::first_pop_time));
  EXPECT_THAT(woken, ElementsAre("g@Orders", "g@Orders")) << "who waits, waits for the topic";
  const PopOutcome third = pop();
  acknowledge(third, {{1}});
  let_it_be_due();
  EXPECT_EQ(world.messages(kRetryTopic).size(), 2U);
}

TEST_F(ReviverTest, GoesOnWhereItStopped) {
  world.send("a");
  pop();
  let_it_be_due();
  world.send("b");
  pop();
  restart();
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), UnorderedElementsAre("a", "b", "a")) << "the second request got both";
}

TEST_F(ReviverTest, WhatWaitsSurvivesARestart) {
  world.send("a");
  world.send("b");
  const PopOutcome outcome = pop();
  acknowledge(outcome, {{0}});
  world.pass(milliseconds(9'500));  // the check point has come, its acknowledgement has not
  step();
  restart();
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), ElementsAre("b"));
}

TEST_F(ReviverTest, ProgressWaitsForWhatItVouchesFor) {
  world.send("a");
  const std::int32_t queue_id = pop().revive_queue_id;
  const auto progress = [&] { return world.offsets.find(kReviveGroup, world.parts.revive_topic, queue_id); };
  world.store.flush_up_to(PhysicalOffset{0});
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), ElementsAre("a"));
  EXPECT_NE(progress(), QueueOffset{0}) << "a power cut would take the message from the retry topic";
  world.store.flush_up_to(std::nullopt);
  step();
  EXPECT_EQ(progress(), QueueOffset{0}) << "that of the last record, as a Java broker writes and reads it";
}

TEST_F(ReviverTest, AStoreThatRefusesIsAskedAgain) {
  world.send("a");
  pop();
  world.delivery.refuses = "disk full";
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), IsEmpty());
  EXPECT_EQ(world.host.degraded.size(), 1U);
  world.delivery.refuses.clear();
  step();
  EXPECT_THAT(world.bodies(kRetryTopic), ElementsAre("a"));
  EXPECT_THAT(world.host.degraded, IsEmpty());
}

TEST_F(ReviverTest, NobodyGetsMessagesOfATopicOrGroupThatIsGone) {
  world.send("a");
  pop();
  world.groups.all.clear();
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), IsEmpty());
  EXPECT_TRUE(revivers[0]->is_idle());
}

TEST_F(ReviverTest, ABacklogIsRevivedWhileItIsRead) {
  for (int i = 0; i < 4000; ++i) {
    world.send("m");
    const PopOutcome outcome = pop();
    if (i % 3 == 0) acknowledge(outcome, {{i}});
    world.pass(milliseconds(10));
  }
  world.pass(milliseconds(20'000));
  // Nothing was read so far: 667 records lie in each queue, of 40 seconds.
  for (auto& reviver : revivers) EXPECT_TRUE(reviver->step());
  const std::int64_t at_once = world.store.bounds(kRetryTopic, 0).max.value;
  EXPECT_GT(at_once, 1000) << "what lies further back is not kept in memory until all is read";
  EXPECT_LT(at_once, 2500);
  for (auto& reviver : revivers) EXPECT_FALSE(reviver->step());
  EXPECT_EQ(world.store.bounds(kRetryTopic, 0).max, QueueOffset{2666}) << "none that was acknowledged";
}

TEST_F(ReviverTest, RecordsThatNobodyWritesAreLeftOut) {
  world.send("{not json", 0, world.parts.revive_topic, kCheckPointTag);
  world.send("{}", 0, world.parts.revive_topic, kAcknowledgementTag);
  world.send("what", 0, world.parts.revive_topic, "other");
  world.send("a");
  pop();
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), ElementsAre("a"));
}

TEST_F(ReviverTest, ProgressWaitsForTheRecordsThatWereRead) {
  world.send("a");
  const PopOutcome outcome = pop();
  acknowledge(outcome, {{0}});
  const auto progress = [&] {
    return world.offsets.find(kReviveGroup, world.parts.revive_topic, outcome.revive_queue_id);
  };
  world.store.flush_up_to(PhysicalOffset{0});
  let_it_be_due();
  EXPECT_NE(progress(), QueueOffset{1})
      << "a power cut would take the records, and what comes in their place be missed";
  world.store.flush_up_to(std::nullopt);
  step();
  EXPECT_EQ(progress(), QueueOffset{1});
}

TEST_F(ReviverTest, ProgressBeyondTheEndOfTheQueueIsForgotten) {
  for (std::int32_t queue_id = 0; queue_id < kReviveQueues; ++queue_id)
    world.offsets.commit(kReviveGroup, world.parts.revive_topic, queue_id, {100}).value();
  step();
  world.send("a");
  pop();
  let_it_be_due();
  EXPECT_THAT(world.bodies(kRetryTopic), ElementsAre("a"));
}

}  // namespace
}  // namespace tenon::pop
