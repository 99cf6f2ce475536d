// SPDX-License-Identifier: Apache-2.0
#include "popper.hpp"

#include <gmock/gmock.h>

#include "popped_records.hpp"
#include "receipt.hpp"
#include "record/read_records.hpp"
#include "tenon/properties.hpp"
#include "testing/pop_world.hpp"

namespace tenon::pop {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kTimerTopic = "rmq_sys_wheel_timer";

class PopperTest : public ::testing::Test {
 protected:
  PopRequest request(std::int32_t max_messages = 32) {
    PopRequest request;
    request.group = "g";
    request.topic = "Orders";
    request.max_messages = max_messages;
    request.invisible_time = milliseconds(60'000);
    request.begin = PopBegin::oldest;
    return request;
  }
  PopOutcome pop(const PopRequest& wanted) { return popper.pop(popper.check(wanted).value()).value(); }
  static std::vector<record::RecordView> records(const PopOutcome& outcome) {
    std::vector<record::RecordView> found;
    ReadResult all;
    all.records = outcome.records;
    record::for_each_record(all, [&](const record::RecordView& record) { found.push_back(record); });
    return found;
  }
  static std::vector<std::string> bodies(const PopOutcome& outcome) {
    std::vector<std::string> found;
    for (const record::RecordView& record : records(outcome))
      found.emplace_back(reinterpret_cast<const char*>(record.body().data()), record.body().size());
    return found;
  }
  std::optional<QueueOffset> committed(std::int32_t queue_id = 0, const std::string& topic = "Orders") {
    offsets.settle();
    return world.offsets.find("g", topic, queue_id);
  }

  PopWorld world;
  KeptOffsets offsets{world.parts};
  ReviveLog log{world.parts};
  OrderedQueues ordered;
  Popper popper{world.parts, offsets, log, ordered};
};

TEST_F(PopperTest, GivesMessagesOfAllQueuesAndEachOnce) {
  world.send("a", 0);
  world.send("b", 0);
  world.send("c", 1);
  const PopOutcome outcome = pop(request());
  EXPECT_EQ(outcome.status, PopStatus::found);
  EXPECT_THAT(bodies(outcome), UnorderedElementsAre("a", "b", "c"));
  EXPECT_EQ(outcome.rest, 0);
  EXPECT_EQ(outcome.queues.size(), 2U);
  EXPECT_EQ(pop(request()).status, PopStatus::polling_timeout) << "they are given out";
}

TEST_F(PopperTest, WritesACheckPointForEachQueueBeforeTheOffsetMoves) {
  world.send("a", 1);
  world.send("b", 1);
  const PopOutcome outcome = pop(request());
  const auto waiting = world.messages(kTimerTopic);
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(PropertiesView(waiting[0].message.properties).find(tenon::property::tags), kCheckPointTag);
  const auto check_point = parse_check_point(waiting[0].message.body).value();
  EXPECT_EQ(check_point.id, (CheckPointId{"g", "Orders", 1, {0}, outcome.pop_time_ms, "broker-a"}));
  EXPECT_THAT(check_point.distances, ElementsAre(0, 1));
  EXPECT_EQ(check_point.invisible_ms, 60'000);
  EXPECT_EQ(committed(1), QueueOffset{2});
}

TEST_F(PopperTest, TheOffsetWaitsUntilTheCheckPointIsOnTheDisk) {
  world.send("a");
  world.store.flush_up_to(PhysicalOffset{0});
  pop(request());
  EXPECT_EQ(committed(), QueueOffset{0}) << "where the group began";
  EXPECT_EQ(pop(request()).status, PopStatus::polling_timeout) << "and still nothing is given out twice";
  world.store.flush_up_to(std::nullopt);
  world.delivery.safe_end = {0};
  EXPECT_EQ(committed(), QueueOffset{0}) << "a gate may be closed, too";
  world.delivery.safe_end = {INT64_MAX};
  EXPECT_EQ(committed(), QueueOffset{1});
}

TEST_F(PopperTest, WithoutACheckPointNothingIsGivenOut) {
  world.send("a");
  world.timer.refuses = "too far";
  const auto refused = popper.pop(popper.check(request()).value());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "too far");
  world.timer.refuses.clear();
  EXPECT_THAT(bodies(pop(request())), ElementsAre("a"));
}

TEST_F(PopperTest, GivesNoMoreThanWasAskedForAndTellsWhatIsLeft) {
  for (const char* body : {"a", "b", "c"}) world.send(body, 0);
  world.send("d", 1);
  const PopOutcome outcome = pop(request(1));
  EXPECT_EQ(bodies(outcome).size(), 1U);
  EXPECT_EQ(outcome.rest, 3);
}

TEST_F(PopperTest, AnAnswerFitsIntoAFrame) {
  world.make_topic("Orders", 6);
  const std::string large(1'500'000, 'x');
  for (std::int32_t queue_id = 0; queue_id < 6; ++queue_id) world.send(large, queue_id);
  std::size_t came = 0;
  for (int requests = 0; requests < 3; ++requests) {
    const PopOutcome outcome = pop(request());
    EXPECT_EQ(records(outcome).size(), 2U) << "a third would be more than 4 MiB";
    EXPECT_EQ(outcome.rest > 0, requests < 2);
    came += records(outcome).size();
  }
  EXPECT_EQ(came, 6U) << "and none is lost";
}

TEST_F(PopperTest, WhatCouldNotBeGivenOutAgainIsNotGivenOut) {
  const std::string of_others = "%RETRY%" + std::string(239, 'x');
  world.make_topic(of_others, 1);
  PopRequest wanted = request();
  wanted.topic = of_others;
  EXPECT_TRUE(popper.check(wanted)) << "its retry topic has 255 letters";
  wanted.topic.push_back('x');
  world.make_topic(wanted.topic, 1);
  const auto refused = popper.check(wanted);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::invalid_parameter));
  wanted.ordered = true;
  EXPECT_TRUE(popper.check(wanted)) << "in order nothing comes to a retry topic";
}

TEST_F(PopperTest, ManyRequestsTakeTurnsAmongTheQueues) {
  for (int i = 0; i < 8; ++i) world.send("m", i % 2);
  std::set<std::int32_t> queues;
  for (int i = 0; i < 4; ++i) queues.insert(pop(request(1)).queues.at(0).queue_id);
  EXPECT_THAT(queues, ElementsAre(0, 1));
}

TEST_F(PopperTest, ANamedQueueIsTheOnlyOne) {
  world.send("a", 0);
  world.send("b", 1);
  PopRequest one = request();
  one.queue_id = 1;
  EXPECT_THAT(bodies(pop(one)), ElementsAre("b"));
}

TEST_F(PopperTest, AFilterPassesByWhatItRefusesForGood) {
  world.send("a", 0, "Orders", "red");
  world.send("b", 0, "Orders", "blue");
  world.send("c", 0, "Orders", "red");
  PopRequest blue = request();
  blue.expression = "blue";
  const PopOutcome outcome = pop(blue);
  EXPECT_THAT(bodies(outcome), ElementsAre("b"));
  EXPECT_THAT(outcome.queues.at(0).offsets, ElementsAre(QueueOffset{1}));
  EXPECT_EQ(outcome.queues.at(0).start_offset, QueueOffset{1});
  EXPECT_EQ(pop(blue).status, PopStatus::polling_timeout);
  EXPECT_EQ(committed(), QueueOffset{3});
}

TEST_F(PopperTest, ANewGroupBeginsWhereItWants) {
  for (const char* body : {"a", "b", "c"}) world.send(body);
  world.offsets.queues_are_young = false;
  PopRequest newest = request();
  newest.begin = PopBegin::newest;
  EXPECT_THAT(bodies(pop(newest)), ElementsAre("c"));
}

TEST_F(PopperTest, ANewGroupOfAYoungQueueBeginsAtItsFirstMessage) {
  for (const char* body : {"a", "b"}) world.send(body);
  PopRequest newest = request();
  newest.begin = PopBegin::newest;
  EXPECT_THAT(bodies(pop(newest)), ElementsAre("a", "b"));
}

TEST_F(PopperTest, AResetIsTakenAndCommitsCountAgain) {
  for (const char* body : {"a", "b", "c"}) world.send(body);
  pop(request());
  world.offsets.reset("g", "Orders", 0, {1}).value();
  EXPECT_THAT(bodies(pop(request())), ElementsAre("b", "c"));
  EXPECT_EQ(committed(), QueueOffset{3});
}

TEST_F(PopperTest, WhatRetentionHasTakenIsPassedBy) {
  for (const char* body : {"a", "b", "c"}) world.send(body);
  pop(request(1));
  world.store.forget_before("Orders", 0, {2});
  EXPECT_THAT(bodies(pop(request())), ElementsAre("c"));
}

TEST_F(PopperTest, RetriesComeUnderTheirTopicWithTheirReceipt) {
  world.make_topic("%RETRY%g_Orders", 1);
  world.send("again", 0, "%RETRY%g_Orders");
  world.send("new", 0);
  const PopOutcome outcome = pop(request());
  EXPECT_THAT(bodies(outcome), ElementsAre("new", "again"));
  ASSERT_EQ(outcome.queues.size(), 2U);
  EXPECT_EQ(outcome.queues[1].source, PopSource::retry_topic);
  const auto again = records(outcome).at(1);
  EXPECT_EQ(again.topic(), "Orders");
  const auto receipt = parse_receipt(again.properties().find(property::receipt).value_or(""));
  ASSERT_TRUE(receipt) << receipt.error().message();
  EXPECT_EQ(
      *receipt,
      (Receipt{{0}, outcome.pop_time_ms, 60'000, outcome.revive_queue_id, PopSource::retry_topic, "broker-a", 0, {0}}));
  EXPECT_EQ(committed(0, "%RETRY%g_Orders"), QueueOffset{1});
}

TEST_F(PopperTest, RetriesComeFirstInTheirShareOfRequests) {
  world.settings.retry_percent = 20;
  world.make_topic("%RETRY%g_Orders", 1);
  int first = 0;
  for (int i = 0; i < 100; ++i) {
    world.send("again", 0, "%RETRY%g_Orders");
    world.send("new", 0);
    first += bodies(pop(request(1))).at(0) == "again" ? 1 : 0;
  }
  EXPECT_EQ(first, 20);
}

TEST_F(PopperTest, InOrderAQueueGivesNothingMoreUntilAllIsDone) {
  world.send("a");
  world.send("b");
  PopRequest in_order = request(1);
  in_order.ordered = true;
  in_order.queue_id = 0;
  const PopOutcome outcome = pop(in_order);
  EXPECT_THAT(bodies(outcome), ElementsAre("a"));
  EXPECT_EQ(outcome.revive_queue_id, kOrderedReviveQueue);
  EXPECT_THAT(outcome.queues.at(0).attempts, ElementsAre(0));
  EXPECT_EQ(pop(in_order).status, PopStatus::polling_timeout);
  EXPECT_EQ(committed(), QueueOffset{0}) << "nothing is done yet";
  EXPECT_THAT(world.messages(kTimerTopic), IsEmpty()) << "in order needs no check point";
  world.pass(milliseconds(60'000));
  const PopOutcome again = pop(in_order);
  EXPECT_THAT(bodies(again), ElementsAre("a"));
  EXPECT_THAT(again.queues.at(0).attempts, ElementsAre(1));
}

TEST_F(PopperTest, PeekingGivesNothingOut) {
  world.send("a", 0);
  world.send("b", 1);
  EXPECT_TRUE(popper.has_messages(request()));
  EXPECT_THAT(bodies(popper.peek(request())), ElementsAre("a", "b"));
  EXPECT_EQ(bodies(popper.peek(request(1))).size(), 1U);
  EXPECT_EQ(bodies(pop(request())).size(), 2U);
  EXPECT_FALSE(popper.has_messages(request()));
  EXPECT_EQ(popper.peek(request()).status, PopStatus::polling_timeout);
}

TEST_F(PopperTest, RefusesWhatNobodyMayAskFor) {
  const auto code = [this](const PopRequest& wanted) {
    const auto checked = popper.check(wanted);
    return checked ? std::error_code() : checked.error().code();
  };
  PopRequest wrong = request(33);
  EXPECT_EQ(code(wrong), make_error_code(Errc::invalid_parameter));
  wrong = request();
  wrong.attempt_id.assign(256, 'a');
  EXPECT_EQ(code(wrong), make_error_code(Errc::invalid_parameter));
  wrong = request();
  wrong.topic = "Nothing";
  EXPECT_EQ(code(wrong), make_error_code(Errc::topic_not_exist));
  wrong = request();
  wrong.queue_id = 2;
  EXPECT_EQ(code(wrong), make_error_code(Errc::invalid_parameter));
  wrong = request();
  wrong.group = "nobody";
  EXPECT_EQ(code(wrong), make_error_code(Errc::subscription_group_not_exist));
  wrong = request();
  wrong.expression = "(";
  EXPECT_EQ(code(wrong), make_error_code(Errc::subscription_parse_failed));
  wrong.expression_type = "SQL92";
  EXPECT_EQ(code(wrong), make_error_code(Errc::subscription_parse_failed)) << "nobody compiles it";
  SubscriptionGroupConfig resting;
  resting.name = "g";
  resting.consume_enable = false;
  world.groups.put(resting).value();
  EXPECT_EQ(code(request()), make_error_code(Errc::no_permission));
}

}  // namespace
}  // namespace tenon::pop
