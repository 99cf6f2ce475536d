// SPDX-License-Identifier: Apache-2.0
// Each line of "What a server must get right" in ../shared/golden/wire/INDEX.md, against the whole program.
#include <gtest/gtest.h>

#include <csignal>
#include <memory>

#include "broker_process.hpp"
#include "fastjson/reader.hpp"
#include "message_requests.hpp"
#include "protocol-native/testing/raw_client.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "record/record_view.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using protocol_native::SamplePull;
using remoting::RequestCode;

/// A broker with its name server, for all tests of the file; each test has topics and groups of its own.
class WhatAServerMustGetRight : public testing::Test {
 protected:
  static void SetUpTestSuite() { broker_ = std::make_unique<BrokerProcess>(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(broker_->end(SIGTERM), 0);
    broker_.reset();
  }
  static HostAddress address() { return broker_->address(); }

  static ReceivedFrame send(RawClient& client, std::string_view topic, std::string_view body,
                            std::string_view queue = "0", std::string_view properties = {}) {
    return send_message(client, topic, body, queue, properties);
  }
  static std::int32_t pull(RawClient& client, std::string_view group, std::string_view topic, std::string_view offset,
                           std::string_view hold_ms, std::string_view max = "32") {
    return client.send(RequestCode::pull_message, fields_of(SamplePull{.topic = topic,
                                                                       .group = group,
                                                                       .offset = offset,
                                                                       .max_messages = max,
                                                                       .sys_flag = "6",
                                                                       .commit_offset = "-1",
                                                                       .hold_ms = hold_ms}));
  }
  static ReceivedFrame heartbeat(RawClient& client, std::string_view client_id, std::string_view group,
                                 std::string_view topic) {
    const auto subscription = [](std::string_view name) {
      return text(R"({"classFilterMode":false,"codeSet":[],"expressionType":"TAG","subString":"*","subVersion":1,)",
                  R"("tagsSet":[],"topic":")", name, R"("})");
    };
    return client.call(
        RequestCode::heart_beat, {},
        text(R"({"clientID":")", client_id, R"(","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_FIRST_OFFSET",)",
             R"("consumeType":"CONSUME_PASSIVELY","groupName":")", group, R"(","messageModel":"CLUSTERING",)",
             R"("subscriptionDataSet":[)", subscription(topic), ",", subscription(text("%RETRY%", group)),
             R"(],"unitMode":false}],"producerDataSet":[{"groupName":"CLIENT_INNER_PRODUCER"}]})"));
  }
  /// Gives a message back that `sent` answered.
  static ReceivedFrame send_back(RawClient& client, std::string_view group, std::string_view topic,
                                 const ReceivedFrame& sent) {
    const auto physical = std::to_string(std::stoll(sent.field("msgId").substr(16), nullptr, 16));
    return client.call(RequestCode::consumer_send_msg_back, {{"offset", physical},
                                                             {"group", group},
                                                             {"delayLevel", "0"},
                                                             {"originMsgId", "id"},
                                                             {"originTopic", topic},
                                                             {"unitMode", "false"},
                                                             {"maxReconsumeTimes", "16"}});
  }
  static std::vector<std::string> bodies_of(const ReceivedFrame& answer) {
    std::vector<std::string> bodies;
    for (PulledMessage& message : messages_of(answer)) bodies.push_back(std::move(message.body));
    return bodies;
  }
  static void expect_four_offsets(const ReceivedFrame& answer) {
    for (const char* name : {"nextBeginOffset", "minOffset", "maxOffset", "suggestWhichBrokerId"}) {
      EXPECT_NE(answer.field(name), "<absent>") << name << " of " << answer.code;
    }
  }

 private:
  static std::unique_ptr<BrokerProcess> broker_;
};
std::unique_ptr<BrokerProcess> WhatAServerMustGetRight::broker_;

// Answer 34 only after the registration and the push of 40: the client asks 38 within a few ms and needs to find
// itself.
TEST_F(WhatAServerMustGetRight, AHeartbeatIsAnsweredAfterTheRegistrationAndThePush) {
  RawClient client(address());
  const auto answer = heartbeat(client, "first", "g-heartbeat", "T-heartbeat");
  EXPECT_EQ(answer.code, 0);
  const auto push = client.next();  // kept while the answer was awaited: so it came first
  ASSERT_TRUE(push);
  EXPECT_EQ(push->code, 40);
  EXPECT_EQ(push->field("consumerGroup"), "g-heartbeat");
  const auto list = client.call(RequestCode::get_consumer_list_by_group, {{"consumerGroup", "g-heartbeat"}});
  EXPECT_EQ(list.body, R"({"consumerIdList":["first"]})");
}

// Oneway requests of one connection (15, 37, 42) take effect before a later request of any connection is served.
TEST_F(WhatAServerMustGetRight, OnewayRequestsTakeEffectBeforeLaterOnes) {
  RawClient leaving(address()), joining(address());
  send(leaving, "T-oneway", "x");
  heartbeat(leaving, "leaving", "g-oneway", "T-oneway");  // makes the group
  const std::string queues =
      R"("consumerGroup":"g-oneway","mqSet":[{"brokerName":"broker-a","queueId":0,"topic":"T-oneway"}],"onlyThisBroker":false})";
  EXPECT_NE(leaving.call(RequestCode::lock_batch_mq, {}, R"({"clientId":"leaving",)" + queues).body.find("T-oneway"),
            std::string::npos);
  EXPECT_EQ(joining.call(RequestCode::lock_batch_mq, {}, R"({"clientId":"joining",)" + queues).body,
            R"({"lockOKMQSet":[]})");
  leaving.send(RequestCode::update_consumer_offset,
               {{"consumerGroup", "g-oneway"}, {"topic", "T-oneway"}, {"queueId", "0"}, {"commitOffset", "1"}}, {},
               remoting::kOnewayFlag);
  leaving.send(RequestCode::unlock_batch_mq, {}, R"({"clientId":"leaving",)" + queues, remoting::kOnewayFlag);
  leaving.call(RequestCode::get_max_offset, {{"topic", "T-oneway"}, {"queueId", "0"}});
  const auto offset = joining.call(RequestCode::query_consumer_offset,
                                   {{"consumerGroup", "g-oneway"}, {"topic", "T-oneway"}, {"queueId", "0"}});
  EXPECT_EQ(offset.field("offset"), "1");
  EXPECT_NE(joining.call(RequestCode::lock_batch_mq, {}, R"({"clientId":"joining",)" + queues).body.find("T-oneway"),
            std::string::npos);
}

// A new topic reaches the name server before the send or the create command is answered.
TEST_F(WhatAServerMustGetRight, ANewTopicHasARouteWhenItsFirstSendIsAnswered) {
  RawClient client(address());
  EXPECT_EQ(client.call(RequestCode::get_routeinfo_by_topic, {{"topic", "T-new"}}).code, 17);
  EXPECT_EQ(send(client, "T-new", "x").code, 0);
  const auto route = client.call(RequestCode::get_routeinfo_by_topic, {{"topic", "T-new"}});
  EXPECT_EQ(route.code, 0);
  EXPECT_NE(route.body.find(address().to_string()), std::string::npos) << route.body;
  const auto created = put_topic(client, "T-command", {.queues = "2"});
  EXPECT_EQ(created.code, 0);
  EXPECT_EQ(client.call(RequestCode::get_routeinfo_by_topic, {{"topic", "T-command"}}).code, 0);
}

// 22 for "no offset" comes without extFields.
TEST_F(WhatAServerMustGetRight, NoOffsetHasNoFields) {
  RawClient client(address());
  const auto answer = client.call(RequestCode::query_consumer_offset,
                                  {{"consumerGroup", "g-none"}, {"topic", "T-none"}, {"queueId", "0"}});
  EXPECT_EQ(answer.code, 22);
  EXPECT_FALSE(answer.has_fields);
}

// 19/20/21 always with the four offsets.
TEST_F(WhatAServerMustGetRight, PullsWithoutMessagesCarryTheFourOffsets) {
  RawClient client(address());
  send(client, "T-offsets", "x", "0", "TAGS\1other\2");
  const auto nothing_new = client.next_answer(pull(client, "g-offsets", "T-offsets", "1", "0"));
  ASSERT_TRUE(nothing_new);
  EXPECT_EQ(nothing_new->code, 19);
  EXPECT_EQ(nothing_new->field("nextBeginOffset"), "1");
  expect_four_offsets(*nothing_new);
  const auto beyond = client.next_answer(pull(client, "g-offsets", "T-offsets", "9", "0"));
  ASSERT_TRUE(beyond);
  EXPECT_EQ(beyond->code, 21);
  EXPECT_EQ(beyond->field("nextBeginOffset"), "1");
  expect_four_offsets(*beyond);
  const SamplePull wanted{.topic = "T-offsets", .group = "g-offsets", .subscription = "wanted"};
  const auto unmatched = client.call(RequestCode::pull_message, fields_of(wanted));
  EXPECT_EQ(unmatched.code, 20);
  EXPECT_EQ(unmatched.field("nextBeginOffset"), "1");
  expect_four_offsets(unmatched);
}

// Error answers to sends keep MSG_REGION and TRACE_ON and have no queue fields.
TEST_F(WhatAServerMustGetRight, RefusedSendsKeepRegionAndTrace) {
  RawClient client(address());
  const auto answer = send(client, "not a topic", "x");
  EXPECT_EQ(answer.code, 29);
  EXPECT_EQ(answer.fields, (std::map<std::string, std::string>{{"MSG_REGION", "DefaultRegion"}, {"TRACE_ON", "true"}}));
}

// Both are as the broker is configured: clients trace what they send under that region, or not at all.
TEST(WhatSendsAreAnswered, NamesTheRegionAndWhetherToTrace) {
  BrokerProcess broker({.settings = {"broker.region=east", "broker.trace_on=false"}});
  RawClient client(broker.address());
  for (const char* topic : {"T", "not a topic"}) {
    const auto answer = send_message(client, topic, "x", "0", {});
    EXPECT_EQ(answer.field("MSG_REGION"), "east") << answer.code;
    EXPECT_EQ(answer.field("TRACE_ON"), "false") << answer.code;
  }
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

// %RETRY%g is created by the heartbeat, one queue; for RECONSUME_LATER nothing else is needed (36 does the rest).
TEST_F(WhatAServerMustGetRight, TheHeartbeatMakesTheRetryTopicAndSendBackUsesIt) {
  RawClient client(address());
  EXPECT_EQ(client.call(RequestCode::get_routeinfo_by_topic, {{"topic", "%RETRY%g-retry"}}).code, 17);
  heartbeat(client, "consumer", "g-retry", "T-retry");
  const auto route = client.call(RequestCode::get_routeinfo_by_topic, {{"topic", "%RETRY%g-retry"}});
  ASSERT_EQ(route.code, 0);
  const auto queues = fastjson::parse(route.body).value().find("queueDatas")->elements().at(0);
  EXPECT_EQ(queues.i32_or("readQueueNums", 0), 1);
  const auto sent = send(client, "T-retry", "again");
  EXPECT_EQ(send_back(client, "g-retry", "T-retry", sent).code, 0);
  const auto retried = client.next_answer(pull(client, "g-retry", "%RETRY%g-retry", "0", "15000"));
  ASSERT_TRUE(retried);
  ASSERT_EQ(retried->code, 0);
  EXPECT_EQ(bodies_of(*retried), std::vector<std::string>{"again"});
  const auto record = record::RecordView::decode(std::as_bytes(std::span(retried->body))).value();
  EXPECT_EQ(record.reconsume_times(), 1);
  EXPECT_EQ(record.properties().find("RETRY_TOPIC"), "T-retry");
}

// 36, 15 and 14 for a group that never sent a heartbeat succeed while groups are created automatically.
TEST_F(WhatAServerMustGetRight, GroupsThatNeverSentAHeartbeatAreServed) {
  RawClient client(address());
  const auto sent = send(client, "T-silent", "x");
  EXPECT_EQ(send_back(client, "g-silent-36", "T-silent", sent).code, 0);
  EXPECT_EQ(
      client
          .call(RequestCode::update_consumer_offset,
                {{"consumerGroup", "g-silent-15"}, {"topic", "T-silent"}, {"queueId", "0"}, {"commitOffset", "1"}})
          .code,
      26);  // 4.9.7 stores it; 5.4.0, asked on 2026-11-21, does not and makes no group
  const auto offset = client.call(RequestCode::query_consumer_offset,
                                  {{"consumerGroup", "g-silent-14"}, {"topic", "T-silent"}, {"queueId", "0"}});
  EXPECT_EQ(offset.code, 0);  // a young queue: from its start
  EXPECT_EQ(offset.field("offset"), "0");
}

// A pull with maxMsgNums=0 returns at least one message when there is one (Go).
TEST_F(WhatAServerMustGetRight, APullForNoMessagesGetsOne) {
  RawClient client(address());
  send(client, "T-zero", "one");
  send(client, "T-zero", "two");
  const auto answer = client.next_answer(pull(client, "g-zero", "T-zero", "0", "20000", "0"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 0);
  EXPECT_GE(bodies_of(*answer).size(), 1u);
}

// Several held pulls for one queue and group exist after a rebalance. Never answer "busy" for the second one.
TEST_F(WhatAServerMustGetRight, SeveralHeldPullsForOneQueueAreAllAnswered) {
  RawClient producer(address()), old_owner(address()), new_owner(address());
  send(producer, "T-held", "first");
  const auto one = pull(old_owner, "g-held", "T-held", "1", "15000");
  const auto two = pull(new_owner, "g-held", "T-held", "1", "15000");
  const auto three = pull(new_owner, "g-held", "T-held", "1", "15000");
  new_owner.call(RequestCode::get_max_offset, {{"topic", "T-held"}, {"queueId", "0"}});
  old_owner.call(RequestCode::get_max_offset, {{"topic", "T-held"}, {"queueId", "0"}});
  send(producer, "T-held", "second");
  for (const auto& answer : {old_owner.next_answer(one), new_owner.next_answer(two), new_owner.next_answer(three)}) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code, 0);
    EXPECT_EQ(bodies_of(*answer), std::vector<std::string>{"second"});
  }
}

// Offset reset (222, server side): held pulls are not woken by it; the next evaluation answers 21 with the target.
// Then the client queries 14 again, which must give the target, not 22.
TEST_F(WhatAServerMustGetRight, AResetIsAnsweredAtTheNextEvaluationOfThePull) {
  RawClient client(address()), admin(address());
  heartbeat(client, "consumer", "g-reset", "T-reset");
  for (const char* body : {"a", "b", "c"}) send(client, "T-reset", body);
  client.call(RequestCode::update_consumer_offset,
              {{"consumerGroup", "g-reset"}, {"topic", "T-reset"}, {"queueId", "0"}, {"commitOffset", "3"}});
  const auto held = pull(client, "g-reset", "T-reset", "3", "2000");
  client.call(RequestCode::get_max_offset, {{"topic", "T-reset"}, {"queueId", "0"}});  // the pull waits now
  const auto reset = admin.call(RequestCode::invoke_broker_to_reset_offset, {{"topic", "T-reset"},
                                                                             {"group", "g-reset"},
                                                                             {"timestamp", "0"},
                                                                             {"isForce", "true"},
                                                                             {"queueId", "0"},
                                                                             {"offset", "1"}});
  EXPECT_EQ(reset.code, 0) << reset.remark.value_or("");
  const auto answer = client.next_answer(held);  // when its time is over, not before
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 21);
  EXPECT_EQ(answer->field("nextBeginOffset"), "1");
  expect_four_offsets(*answer);
  const auto offset = client.call(RequestCode::query_consumer_offset,
                                  {{"consumerGroup", "g-reset"}, {"topic", "T-reset"}, {"queueId", "0"}});
  EXPECT_EQ(offset.code, 0);
  EXPECT_EQ(offset.field("offset"), "1");
}

// A 5.4.0 tool cannot read object keys written as strings, and `$ref`.
TEST_F(WhatAServerMustGetRight, ObjectKeysAreRawAndNothingIsReferred) {
  RawClient client(address());
  send(client, "T-keys", "x");
  const auto answer = client.call(RequestCode::get_topic_stats_info, {{"topic", "T-keys"}});
  EXPECT_EQ(answer.code, 0);
  EXPECT_NE(answer.body.find(R"({{"brokerName":"broker-a","queueId":0,"topic":"T-keys"}:{)"), std::string::npos)
      << answer.body;
  EXPECT_EQ(answer.body.find("$ref"), std::string::npos);
}

// What clients look at in a success is the code; no answer may lack the realistic version that SQL92 consumers want.
TEST_F(WhatAServerMustGetRight, AnswersHaveTheResponseFlagAndARealisticVersion) {
  RawClient client(address());
  for (const auto& answer : {heartbeat(client, "versioned", "g-version", "T-version"), send(client, "T-version", "x"),
                             client.call(static_cast<RequestCode>(9999), {})}) {
    EXPECT_EQ(answer.flag, 1);
    EXPECT_GE(answer.version, 479);
  }
}

}  // namespace
}  // namespace tenon::e2e
