// SPDX-License-Identifier: Apache-2.0
#include "routing/puller.hpp"

#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;
using namespace std::chrono_literals;

class PullerTest : public BrokerTest {
 protected:
  PullRequest waiting(std::string_view group, std::string_view topic, std::int64_t offset) {
    PullRequest request = pull_request(group, topic, offset);
    request.suspend_timeout = 15s;
    return request;
  }
  Errc error_of(const PullRequest& request) {
    const std::uint64_t token = start_pull(request);
    return static_cast<Errc>(outcome(token).error().code().value());
  }
};

TEST_F(PullerTest, ChecksInRocketMqsOrder) {
  open();
  ASSERT_TRUE(send("T"));
  SubscriptionGroupConfig closed;
  closed.name = "closed";
  closed.consume_enable = false;
  ASSERT_TRUE(of<Groups>().put(closed));
  EXPECT_EQ(error_of(pull_request("bad group!", "T", 0)), Errc::subscription_group_not_exist);
  EXPECT_EQ(error_of(pull_request("closed", "T", 0)), Errc::no_permission);
  EXPECT_EQ(error_of(pull_request("g", "Nowhere", 0)), Errc::topic_not_exist);
  PullRequest request = pull_request("g", "T", 0);
  request.queue_id = 4;
  EXPECT_EQ(error_of(request), Errc::invalid_parameter);
  request = pull_request("g", "T", 0);
  request.expression = "||";
  EXPECT_EQ(error_of(request), Errc::subscription_parse_failed);
  request.expression_type = "SQL92";
  EXPECT_EQ(error_of(request), Errc::not_supported);
  request = pull_request("g", "T", 0);
  request.has_subscription = false;
  EXPECT_EQ(error_of(request), Errc::subscription_not_exist);
}

TEST_F(PullerTest, FollowsTheRegisteredSubscription) {
  open();
  ASSERT_TRUE(send("T"));
  const auto from = channel();
  Heartbeat heartbeat = heartbeat_of(from, "c1", "g", {"T"});
  heartbeat.consumers[0].subscriptions[0].version = 5;
  ASSERT_TRUE(beat(heartbeat));
  PullRequest request = pull_request("g", "T", 0);
  request.has_subscription = false;
  request.subscription_version = 6;
  EXPECT_EQ(error_of(request), Errc::subscription_not_latest);
  request.subscription_version = 5;
  EXPECT_EQ(outcome(start_pull(request))->status, PullStatus::found);
  ASSERT_TRUE(send("Other"));
  request.topic = "Other";
  EXPECT_EQ(error_of(request), Errc::subscription_not_exist);
}

TEST_F(PullerTest, CompilesAnExpressionOnce) {
  open();
  ASSERT_TRUE(send("T",
                   "TAGS\x01"
                   "A\x02"));
  PullRequest request = pull_request("g", "T", 0);
  request.expression = "A";
  for (int pull = 0; pull < 3; ++pull) EXPECT_EQ(outcome(start_pull(request))->status, PullStatus::found);
  EXPECT_EQ(tags.compilations, 1);
}

TEST_F(PullerTest, SaysWhereToGoOn) {
  open();
  for (int count = 0; count < 3; ++count) ASSERT_TRUE(send("T"));
  struct Case {
    std::int32_t queue_id;
    std::int64_t offset;
    PullStatus status;
    std::string_view detail;
    std::int64_t next;
  };
  store.forget_before("T", 0, QueueOffset{1});
  for (const Case& expected :
       {Case{0, 1, PullStatus::found, "FOUND", 3}, Case{0, 3, PullStatus::not_found, "OFFSET_OVERFLOW_ONE", 3},
        Case{0, 9, PullStatus::offset_moved, "OFFSET_OVERFLOW_BADLY", 3},
        Case{0, 0, PullStatus::offset_moved, "OFFSET_TOO_SMALL", 1},
        Case{1, 0, PullStatus::not_found, "NO_MESSAGE_IN_QUEUE", 0},
        Case{1, 7, PullStatus::offset_moved, "NO_MESSAGE_IN_QUEUE", 0}}) {
    PullRequest request = pull_request("g", "T", expected.offset);
    request.queue_id = expected.queue_id;
    const auto& got = outcome(start_pull(request));
    ASSERT_TRUE(got) << expected.detail;
    EXPECT_EQ(got->status, expected.status) << expected.detail << expected.offset;
    EXPECT_EQ(got->detail, expected.detail);
    EXPECT_EQ(got->read.next_queue_offset.value, expected.next) << expected.detail;
  }
}

TEST_F(PullerTest, AZeroForMessagesStillBringsOne) {
  open();
  for (int count = 0; count < 3; ++count) ASSERT_TRUE(send("T"));
  PullRequest request = pull_request("g", "T", 0);
  request.max_messages = 0;
  EXPECT_EQ(outcome(start_pull(request))->read.message_count, 1);
}

TEST_F(PullerTest, CommitsOnArrivalAlsoWhenNothingIsThere) {
  open();
  ASSERT_TRUE(send("T"));
  PullRequest request = waiting("g", "T", 1);
  request.commit_offset = QueueOffset{1};
  EXPECT_FALSE(answered(start_pull(request)));
  EXPECT_EQ(of<ConsumerOffsets>().find("g", "T", 0), QueueOffset{1});
}

TEST_F(PullerTest, AMessageWakesAllPullsThatWaitForIt) {
  open();
  ASSERT_TRUE(send("T"));
  const auto first = start_pull(waiting("g", "T", 1));
  const auto second = start_pull(waiting("g", "T", 1));
  PullRequest other_queue = waiting("g", "T", 0);
  other_queue.queue_id = 1;
  const auto third = start_pull(other_queue);
  EXPECT_EQ(of<Statistics>().totals().pulls_waiting, 3);
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(answered(first) && answered(second)) << "several pulls of one group and queue may wait";
  EXPECT_FALSE(answered(third));
  EXPECT_EQ(outcome(first)->status, PullStatus::found);
  EXPECT_EQ(outcome(first)->read.message_count, 1);
  EXPECT_EQ(of<Statistics>().totals().pulls_waiting, 1);
}

TEST_F(PullerTest, AMessageThatDoesNotMatchWakesNobody) {
  open();
  ASSERT_TRUE(send("T"));
  PullRequest request = waiting("g", "T", 1);
  request.expression = "A";
  const auto token = start_pull(request);
  ASSERT_TRUE(send("T",
                   "TAGS\x01"
                   "B\x02"));
  EXPECT_FALSE(answered(token));
  ASSERT_TRUE(send("T",
                   "TAGS\x01"
                   "A\x02"));
  ASSERT_TRUE(answered(token));
  EXPECT_EQ(outcome(token)->read.next_queue_offset.value, 3);
}

TEST_F(PullerTest, ABatchWakesToo) {
  open();
  ASSERT_TRUE(send("T"));
  const auto token = start_pull(waiting("g", "T", 1));
  const std::vector<BatchEntry> entries{{0, {}, std::as_bytes(std::span(body))}};
  of<Publishing>().publish_batch(request_for("T", {}, 0), entries, producer, 1000);
  host.run();
  EXPECT_TRUE(answered(token));
}

TEST_F(PullerTest, AClosedConnectionsPullsAreForgotten) {
  open();
  ASSERT_TRUE(send("T"));
  start_pull(waiting("g", "T", 1));
  consumer = std::make_shared<test::RecordingConsumer>(host.context.get_executor());
  ASSERT_TRUE(send("T"));
  EXPECT_TRUE(consumer->outcomes.empty());
  EXPECT_EQ(of<Statistics>().totals().pulls_waiting, 0);
}

TEST_F(PullerTest, AFullTableRefusesButMakesRoomForTheLiving) {
  config.pulls_waiting_max = 1;
  open();
  ASSERT_TRUE(send("T"));
  start_pull(waiting("g", "T", 1));
  EXPECT_EQ(error_of(waiting("g", "T", 1)), Errc::busy);
  consumer = std::make_shared<test::RecordingConsumer>(host.context.get_executor());
  EXPECT_FALSE(answered(start_pull(waiting("g", "T", 1))));
}

TEST_F(PullerTest, AnswersAtTheDeadline) {
  open();
  auto& puller = dynamic_cast<Puller&>(of<Pulling>());
  ASSERT_TRUE(send("T"));
  const auto token = start_pull(waiting("g", "T", 1));
  puller.answer_expired(std::chrono::steady_clock::now() + 14s);
  host.run();
  EXPECT_FALSE(answered(token));
  puller.answer_expired(std::chrono::steady_clock::now() + 16s);
  host.run();
  ASSERT_TRUE(answered(token));
  EXPECT_EQ(outcome(token)->status, PullStatus::not_found);
  EXPECT_EQ(outcome(token)->detail, "OFFSET_OVERFLOW_ONE");
}

TEST_F(PullerTest, WithoutLongPollingAQuestionIsHeldForASecond) {
  config.long_polling = false;
  open();
  auto& puller = dynamic_cast<Puller&>(of<Pulling>());
  ASSERT_TRUE(send("T"));
  const auto asked = std::chrono::steady_clock::now();
  const auto token = start_pull(waiting("g", "T", 1));
  const auto held = std::chrono::steady_clock::now();
  puller.answer_expired(asked + 999ms);
  host.run();
  EXPECT_FALSE(answered(token));
  puller.answer_expired(held + 1s);
  host.run();
  EXPECT_TRUE(answered(token));
}

TEST_F(PullerTest, TheTimerFiresByItself) {
  open();
  ASSERT_TRUE(send("T"));
  PullRequest request = waiting("g", "T", 1);
  request.suspend_timeout = 1ms;
  const auto token = start_pull(request);
  host.context.restart();
  while (!answered(token)) ASSERT_NE(host.context.run_one_for(5s), 0u);
  EXPECT_EQ(outcome(token)->status, PullStatus::not_found);
}

TEST_F(PullerTest, DrainAnswersWhatWaitsAndHoldsNothingMore) {
  open();
  ASSERT_TRUE(send("T"));
  const auto token = start_pull(waiting("g", "T", 1));
  broker->drain(std::chrono::steady_clock::now());
  host.run();
  EXPECT_TRUE(answered(token));
  EXPECT_TRUE(answered(start_pull(waiting("g", "T", 1))));
}

TEST_F(PullerTest, AResetIsAnsweredByTheNextPullOnly) {
  open();
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(send("T"));
  auto& offsets = of<ConsumerOffsets>();
  const auto held = start_pull(waiting("g", "T", 2));
  ASSERT_TRUE(offsets.reset("g", "T", 0, QueueOffset{1}));
  EXPECT_FALSE(answered(held)) << "a reset does not wake";
  ASSERT_TRUE(offsets.commit("g", "T", 0, QueueOffset{2}));
  EXPECT_EQ(offsets.find("g", "T", 0), QueueOffset{1}) << "commits are ignored until the reset was told";
  const auto& moved = outcome(start_pull(pull_request("g", "T", 2)));
  EXPECT_EQ(moved->status, PullStatus::offset_moved);
  EXPECT_EQ(moved->detail, "OFFSET_RESET");
  EXPECT_EQ(moved->read.next_queue_offset.value, 1);
  EXPECT_EQ(moved->read.max_queue_offset.value, 2);
  EXPECT_EQ(offsets.starting_offset("g", "T", 0, true).value(), QueueOffset{1});
  EXPECT_EQ(outcome(start_pull(pull_request("g", "T", 1)))->status, PullStatus::found);
}

TEST_F(PullerTest, CountsWhatAGroupGets) {
  open();
  ASSERT_TRUE(send("T"));
  start_pull(pull_request("g", "T", 0));
  EXPECT_EQ(of<Statistics>().totals().messages_got_total, 1);
  EXPECT_TRUE(of<Statistics>().find("GROUP_GET_NUMS", "T@g"));
  EXPECT_FALSE(of<Statistics>().find("GROUP_GET_NUMS", "T@other"));
}

}  // namespace
}  // namespace tenon::kernel
