// SPDX-License-Identifier: Apache-2.0
#include "ordered_queues.hpp"

#include <gmock/gmock.h>

namespace tenon::pop {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Verdict = OrderedQueues::Verdict;

const OrderedQueue kQueue{"T", "g", 0};

OrderedQueues::Given given(std::int64_t time_ms, std::vector<QueueOffset> offsets, std::string attempt = {}) {
  return {std::move(attempt), time_ms, 1000, std::move(offsets)};
}

TEST(OrderedQueues, GivesNothingMoreUntilAllIsAcknowledged) {
  OrderedQueues queues;
  EXPECT_FALSE(queues.is_blocked(kQueue, "", 0));
  EXPECT_THAT(queues.give(kQueue, given(100, {{5}, {6}})), ElementsAre(0, 0));
  EXPECT_TRUE(queues.is_blocked(kQueue, "", 200));
  auto acknowledged = queues.acknowledge(kQueue, {5}, 100);
  EXPECT_EQ(acknowledged.verdict, Verdict::advanced);
  EXPECT_EQ(acknowledged.offset, QueueOffset{6}) << "the first that is not done";
  EXPECT_TRUE(queues.is_blocked(kQueue, "", 200));
  acknowledged = queues.acknowledge(kQueue, {6}, 100);
  EXPECT_EQ(acknowledged.offset, QueueOffset{7});
  EXPECT_FALSE(queues.is_blocked(kQueue, "", 200));
}

TEST(OrderedQueues, AnAcknowledgementInTheMiddleDoesNotPassTheFirst) {
  OrderedQueues queues;
  queues.give(kQueue, given(100, {{5}, {6}}));
  EXPECT_EQ(queues.acknowledge(kQueue, {6}, 100).offset, QueueOffset{5});
}

TEST(OrderedQueues, TheInvisibleTimeEndsTheBlock) {
  OrderedQueues queues;
  queues.give(kQueue, given(100, {{5}}));
  EXPECT_TRUE(queues.is_blocked(kQueue, "", 1099));
  EXPECT_FALSE(queues.is_blocked(kQueue, "", 1100));
  EXPECT_THAT(queues.freed(1000, 1100), ElementsAre(kQueue));
  EXPECT_THAT(queues.freed(1100, 1200), IsEmpty());
}

TEST(OrderedQueues, AChangedVisibleTimeCounts) {
  OrderedQueues queues;
  queues.give(kQueue, given(100, {{5}}));
  EXPECT_TRUE(queues.change_visible_time(kQueue, {5}, 100, 9000));
  EXPECT_TRUE(queues.is_blocked(kQueue, "", 8999));
  EXPECT_FALSE(queues.is_blocked(kQueue, "", 9000));
  EXPECT_FALSE(queues.change_visible_time(kQueue, {5}, 99, 1)) << "a receipt of another request";
  EXPECT_FALSE(queues.change_visible_time(kQueue, {6}, 100, 1));
}

TEST(OrderedQueues, TheSameAttemptGetsTheSameAgainWithoutCounting) {
  OrderedQueues queues;
  queues.give(kQueue, given(100, {{5}}, "a"));
  EXPECT_TRUE(queues.is_blocked(kQueue, "b", 200));
  EXPECT_FALSE(queues.is_blocked(kQueue, "a", 200));
  EXPECT_THAT(queues.give(kQueue, given(200, {{5}}, "a")), ElementsAre(0));
  EXPECT_THAT(queues.give(kQueue, given(5000, {{5}, {6}}, "b")), ElementsAre(1, 0));
  EXPECT_THAT(queues.give(kQueue, given(9000, {{5}, {6}}, "c")), ElementsAre(2, 1));
}

TEST(OrderedQueues, OldReceiptsAndForeignOffsetsChangeNothing) {
  OrderedQueues queues;
  EXPECT_EQ(queues.acknowledge(kQueue, {5}, 100).verdict, Verdict::stale);
  queues.give(kQueue, given(100, {{5}}));
  EXPECT_EQ(queues.acknowledge(kQueue, {5}, 99).verdict, Verdict::stale);
  EXPECT_EQ(queues.acknowledge(kQueue, {4}, 100).verdict, Verdict::unknown);
  EXPECT_TRUE(queues.is_blocked(kQueue, "", 200));
}

TEST(OrderedQueues, AreReadAndWrittenAsRocketMqDoes) {
  OrderedQueues queues;
  ASSERT_TRUE(queues.decode(
      R"({"orderedConsumptionLevel":"QUEUE","table":{"T@g":{0:{"cm":3,"i":1000,"l":9,"o":[10,1,2,3],"popTime":8}}}})"));
  EXPECT_TRUE(queues.is_blocked(kQueue, "", 500));
  EXPECT_EQ(queues.acknowledge(kQueue, {12}, 8).offset, QueueOffset{13}) << "10 and 11 were done, 13 is not";
  EXPECT_TRUE(queues.change_visible_time(kQueue, {13}, 8, 7777));
  OrderedQueues again;
  ASSERT_TRUE(again.decode(queues.encode()));
  EXPECT_EQ(again.encode(), queues.encode());
  EXPECT_TRUE(again.is_blocked(kQueue, "", 7776));
  EXPECT_EQ(again.acknowledge(kQueue, {13}, 8).offset, QueueOffset{14});
  EXPECT_FALSE(again.decode("[1"));
}

TEST(OrderedQueues, ForgetsWhatIsOldOrGone) {
  OrderedQueues queues;
  queues.give(kQueue, given(100, {{5}}));
  const auto nothing_is_gone = [](const OrderedQueue&) { return false; };
  queues.clean(1000, nothing_is_gone);
  EXPECT_TRUE(queues.is_blocked(kQueue, "", 200));
  queues.clean(1000, [](const OrderedQueue&) { return true; });
  EXPECT_FALSE(queues.is_blocked(kQueue, "", 200));
  queues.give(kQueue, given(100, {{5}}));
  queues.clean(100 + 1000 + 86'400'001, nothing_is_gone);
  EXPECT_THAT(queues.freed(0, INT64_MAX), IsEmpty());
}

}  // namespace
}  // namespace tenon::pop
