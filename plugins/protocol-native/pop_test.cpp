// SPDX-License-Identifier: Apache-2.0
// Pops and what is asked about them. Fields and texts: golden/wire/broker-5.4.0/java-5.4.0-pop.
#include <gmock/gmock.h>

#include "protocol-native/admin/fake_admin_broker.hpp"
#include "protocol-native/testing/fake_pop.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using FieldMap = std::map<std::string, std::string>;

/// A request of the recorded consumer, with some of its fields changed; an empty value leaves one out.
RawClient::FieldList pop_fields(const RawClient::FieldList& changes = {}) {
  RawClient::FieldList fields{{"pollTime", "15000"},
                              {"invisibleTime", "60000"},
                              {"queueId", "-1"},
                              {"bornTime", "1795264355480"},
                              {"maxMsgNums", "32"},
                              {"bname", "broker-a"},
                              {"topic", "WirePop_J540"},
                              {"expType", "TAG"},
                              {"exp", "*"},
                              {"consumerGroup", "wire_pop_J540"},
                              {"initMode", "0"},
                              {"order", "false"}};
  for (const auto& [name, value] : changes) {
    std::erase_if(fields, [name = name](const auto& field) { return field.first == name; });
    if (!value.empty()) fields.emplace_back(name, value);
  }
  return fields;
}

void add_record(PopOutcome& outcome, const std::string& record) {
  auto kept = std::make_shared<const std::string>(record);
  outcome.records.push_back(MemorySlice{std::as_bytes(std::span(*kept))});
  outcome.pins.push_back(std::move(kept));
}

/// The second answer of the recording.
PopOutcome recorded_outcome() {
  PopOutcome outcome;
  outcome.status = PopStatus::found;
  outcome.pop_time_ms = 1795264355489;
  outcome.invisible_time = std::chrono::minutes(1);
  outcome.revive_queue_id = 2;
  const auto from = [&outcome](std::int32_t queue_id, std::int64_t start, std::vector<QueueOffset> offsets) {
    outcome.queues.push_back({PopSource::topic, queue_id, {start}, std::move(offsets), {}});
  };
  from(3, 0, {{0}});
  from(2, 0, {{0}});
  from(1, 0, {{0}, {1}});
  from(0, 1, {{1}});
  return outcome;
}
const FieldMap kRecordedFields{{"invisibleTime", "60000"}, {"startOffsetInfo", "0 3 0;0 2 0;0 1 0;0 0 1"},
                               {"restNum", "0"},           {"popTime", "1795264355489"},
                               {"reviveQid", "2"},         {"msgOffsetInfo", "0 3 0;0 2 0;0 1 0,1;0 0 1"}};

/// The recording's answer to a poll that nothing came for.
PopOutcome nothing(PopStatus status) {
  PopOutcome outcome;
  outcome.status = status;
  outcome.pop_time_ms = 1795264382658;
  outcome.invisible_time = std::chrono::minutes(1);
  return outcome;
}
const FieldMap kNothingFields{{"invisibleTime", "60000"},   {"startOffsetInfo", ""}, {"restNum", "0"},
                              {"popTime", "1795264382658"}, {"reviveQid", "0"},      {"msgOffsetInfo", ""}};

class PopTest : public ServerFixture {
 protected:
  void SetUp() override {
    with_broker();
    services.pop = &pop;
    services.topics = &topics;
    services.groups = &groups;
    TopicConfig topic;
    topic.name = "WirePop_J540";
    topic.read_queue_nums = 4;
    topics.table[topic.name] = std::make_shared<const TopicConfig>(topic);
    SubscriptionGroupConfig group;
    group.name = "wire_pop_J540";
    groups.table[group.name] = std::make_shared<const SubscriptionGroupConfig>(group);
  }
  void open_with(Settings settings = {}) {
    open(settings, 2);
    client.emplace(address());
  }
  ReceivedFrame ask(RequestCode code, const RawClient::FieldList& changes = {}) {
    return client->call(code, pop_fields(changes));
  }
  void wait_for_held(std::size_t count) const {
    while (pop.held_count() < count) std::this_thread::yield();
  }

  FakePop pop;
  FakeTopics topics;
  FakeGroups groups;
  std::optional<RawClient> client;
};

TEST_F(PopTest, ARequestArrivesWhole) {
  pop.outcome = recorded_outcome();
  open_with();
  EXPECT_EQ(ask(RequestCode::pop_message).code, 0);
  ask(RequestCode::pop_message, {{"queueId", "3"},
                                 {"maxMsgNums", "5"},
                                 {"initMode", "1"},
                                 {"order", "true"},
                                 {"attemptId", "third"},
                                 {"expType", "SQL92"},
                                 {"exp", "a = 1"}});
  ASSERT_EQ(pop.asked.size(), 2u);
  const PopRequest& first = pop.asked[0];
  EXPECT_EQ(first.group, "wire_pop_J540");
  EXPECT_EQ(first.topic, "WirePop_J540");
  EXPECT_EQ(first.queue_id, PopRequest::kAnyQueue);
  EXPECT_EQ(first.max_messages, 32);
  EXPECT_EQ(first.invisible_time, std::chrono::seconds(60));
  EXPECT_EQ(first.poll_time, std::chrono::seconds(15));
  EXPECT_EQ(first.born_time_ms, 1795264355480);
  EXPECT_EQ(first.begin, PopBegin::oldest);
  EXPECT_FALSE(first.ordered);
  EXPECT_EQ(first.expression, "*");
  EXPECT_EQ(first.expression_type, "TAG");
  EXPECT_TRUE(pop.client_was_open);
  const PopRequest& second = pop.asked[1];
  EXPECT_EQ(second.queue_id, 3);
  EXPECT_EQ(second.max_messages, 5);
  EXPECT_EQ(second.begin, PopBegin::newest);
  EXPECT_TRUE(second.ordered);
  EXPECT_EQ(second.attempt_id, "third");
  EXPECT_EQ(second.expression, "a = 1");
  EXPECT_EQ(second.expression_type, "SQL92");
}

TEST_F(PopTest, WhatIsNotSaidHasItsUsualValue) {
  pop.outcome = recorded_outcome();
  open_with();
  EXPECT_EQ(ask(RequestCode::pop_message, {{"exp", ""}, {"expType", ""}, {"order", ""}, {"queueId", "-7"}}).code, 0);
  ASSERT_EQ(pop.asked.size(), 1u);
  EXPECT_EQ(pop.asked[0].expression, "*");
  EXPECT_EQ(pop.asked[0].expression_type, "TAG");
  EXPECT_EQ(pop.asked[0].queue_id, PopRequest::kAnyQueue);
  EXPECT_FALSE(pop.asked[0].ordered);
}

TEST_F(PopTest, TheAnswerIsTheRecordedOne) {
  pop.outcome = recorded_outcome();
  open_with();
  const auto answer = ask(RequestCode::pop_message);
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.remark, "FOUND");
  EXPECT_EQ(answer.fields, kRecordedFields);
}

TEST_F(PopTest, RecordsComeOneBehindTheOther) {
  PopOutcome outcome = recorded_outcome();
  std::string expected;
  for (const std::size_t size : {100, 20'000, 7, 300'000, 1}) {
    std::string record(size, static_cast<char>('a' + size % 23));
    expected += record;
    add_record(outcome, record);
  }
  pop.outcome = std::move(outcome);
  open_with();
  EXPECT_TRUE(ask(RequestCode::pop_message).body == expected);
  EXPECT_TRUE(ask(RequestCode::peek_message).body == expected);
}

TEST_F(PopTest, RecordsAreKeptUntilTheyAreSent) {
  open_with();
  const auto opaque = client->send(RequestCode::pop_message, pop_fields());
  wait_for_held(1);
  std::string expected;
  std::vector<std::weak_ptr<const void>> kept;
  {
    PopOutcome outcome = recorded_outcome();
    for (const char letter : {'a', 'b', 'c', 'd'}) {  // more than a socket takes from a client that does not read
      add_record(outcome, std::string(3 << 20, letter));
      expected += std::string(3 << 20, letter);
    }
    kept.assign(outcome.pins.begin(), outcome.pins.end());
    pop.release(std::move(outcome));
  }
  EXPECT_EQ(client->call(static_cast<RequestCode>(9999), {}).code, 3);
  const auto answer = client->next_answer(opaque);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->body == expected);
  for (const auto& pin : kept) {
    while (!pin.expired()) std::this_thread::yield();
  }
}

TEST_F(PopTest, TheNumbersOfARetryTopicAreMarked) {
  PopOutcome outcome = recorded_outcome();
  outcome.rest = 5;
  outcome.queues = {{PopSource::retry_topic, 0, {0}, {{0}}, {}}, {PopSource::retry_topic_v2, 0, {7}, {{7}, {9}}, {}}};
  pop.outcome = std::move(outcome);
  open_with();
  const auto answer = ask(RequestCode::pop_message);
  EXPECT_EQ(answer.field("startOffsetInfo"), "1 0 0;2 0 7");
  EXPECT_EQ(answer.field("msgOffsetInfo"), "1 0 0;2 0 7,9");
  EXPECT_EQ(answer.field("restNum"), "5");
}

TEST_F(PopTest, OnlyAnOrderedPopCountsAttempts) {
  PopOutcome outcome = recorded_outcome();
  outcome.queues = {{PopSource::topic, 3, {10}, {{10}, {11}, {12}}, {2, 1, 1}},
                    {PopSource::topic, 2, {5}, {{5}, {6}}, {1, 0}},
                    {PopSource::topic, 0, {0}, {{0}}, {}}};
  pop.outcome = std::move(outcome);
  open_with();
  EXPECT_EQ(ask(RequestCode::pop_message, {{"order", "true"}}).field("orderCountInfo"),
            "0 qo3%10 2;0 qo3%11 1;0 qo3%12 1;0 3 1;0 qo2%5 1;0 2 0;0 0 0");
  EXPECT_EQ(ask(RequestCode::pop_message).field("orderCountInfo"), "<absent>");
}

TEST_F(PopTest, NothingHasTheFieldsToo) {
  open_with();
  for (const auto& [status, code] : {std::pair{PopStatus::polling_timeout, 210}, {PopStatus::polling_full, 209}}) {
    pop.outcome = nothing(status);
    const auto answer = ask(RequestCode::pop_message);
    EXPECT_EQ(answer.code, code);
    EXPECT_EQ(answer.remark, "NO_MESSAGE_IN_QUEUE");
    EXPECT_EQ(answer.fields, kNothingFields);
    EXPECT_TRUE(answer.body.empty());
    const auto peeked = ask(RequestCode::peek_message);
    EXPECT_EQ(peeked.code, 19);
    EXPECT_EQ(peeked.fields, kNothingFields);
  }
}

TEST_F(PopTest, ErrorsAreMapped) {
  open_with();
  const std::pair<Errc, int> cases[] = {{Errc::topic_not_exist, 17},
                                        {Errc::subscription_group_not_exist, 26},
                                        {Errc::no_permission, 16},
                                        {Errc::subscription_parse_failed, 23},
                                        {Errc::invalid_parameter, 29},
                                        {Errc::service_not_available, 14},
                                        {Errc::internal, 1}};
  for (const auto& [error, code] : cases) {
    pop.outcome = Error(error, "why");
    for (const RequestCode asked : {RequestCode::pop_message, RequestCode::peek_message, RequestCode::notification}) {
      const auto answer = ask(asked);
      EXPECT_EQ(answer.code, code);
      EXPECT_EQ(answer.remark, "why");
      EXPECT_FALSE(answer.has_fields);
    }
  }
}

TEST_F(PopTest, WhatCannotBeReadIsRefused) {
  pop.outcome = recorded_outcome();
  open_with();
  for (const std::string_view field :
       {"pollTime", "invisibleTime", "queueId", "bornTime", "maxMsgNums", "topic", "consumerGroup", "initMode"}) {
    const auto missing = ask(RequestCode::pop_message, {{field, ""}});
    EXPECT_EQ(missing.code, 29) << field;
    EXPECT_THAT(missing.remark.value_or(""), testing::HasSubstr(std::string(field)));
    if (field == "topic" || field == "consumerGroup") continue;
    EXPECT_EQ(ask(RequestCode::pop_message, {{field, "1e3"}}).code, 29) << field;
  }
  for (const std::string_view count : {"33", "0", "-1", "2147483647"}) {
    EXPECT_EQ(ask(RequestCode::pop_message, {{"maxMsgNums", count}}).code, 29) << count;
    EXPECT_EQ(ask(RequestCode::peek_message, {{"maxMsgNums", count}}).code, 29) << count;
  }
  EXPECT_TRUE(pop.asked.empty());
}

TEST_F(PopTest, TimesThatNobodyMeansAreBounded) {
  pop.outcome = recorded_outcome();
  open_with();
  constexpr std::string_view kMost = "9223372036854775807", kLeast = "-9223372036854775808";
  ask(RequestCode::pop_message, {{"pollTime", kMost}, {"invisibleTime", kMost}, {"bornTime", kMost}});
  ask(RequestCode::pop_message, {{"pollTime", kLeast}, {"invisibleTime", kLeast}, {"bornTime", kLeast}});
  ASSERT_EQ(pop.asked.size(), 2u);
  const auto later = [](const PopRequest& request) {  // what an engine reckons with
    const std::int64_t now = 1795264355480;
    return std::pair(request.born_time_ms + request.poll_time.count(), now + request.invisible_time.count());
  };
  EXPECT_GT(later(pop.asked[0]).first, 1795264355480);
  EXPECT_GT(later(pop.asked[0]).second, 1795264355480);
  EXPECT_LT(later(pop.asked[1]).first, 0);
  EXPECT_EQ(pop.asked[1].invisible_time.count(), 0);
  EXPECT_EQ(pop.asked[1].poll_time.count(), 0);
}

TEST_F(PopTest, AHeldPopIsAnsweredFromAnotherThreadAndHoldsNothingUp) {
  open_with();
  const auto first = client->send(RequestCode::pop_message, pop_fields());
  const auto second = client->send(RequestCode::pop_message, pop_fields());
  wait_for_held(2);
  EXPECT_EQ(client->call(static_cast<RequestCode>(9999), {}).code, 3);
  pop.release(recorded_outcome());
  for (const auto opaque : {second, first}) {
    const auto answer = client->next_answer(opaque);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->fields, kRecordedFields);
  }
}

TEST_F(PopTest, AHeldPopOfAClosedConnectionIsForgotten) {
  open_with();
  client->send(RequestCode::pop_message, pop_fields());
  wait_for_held(1);
  const std::weak_ptr<ClientChannel> channel = pop.held[0].first.client;
  EXPECT_TRUE(channel.lock()->is_open());
  client.reset();
  ASSERT_TRUE(registry.wait_closed(1));
  EXPECT_FALSE(channel.lock()->is_open());
  pop.release(recorded_outcome());
  while (!channel.expired()) std::this_thread::yield();
  client.emplace(address());
  pop.outcome = recorded_outcome();
  EXPECT_EQ(ask(RequestCode::pop_message).code, 0);
}

TEST_F(PopTest, AOnewayPopIsNotAnswered) {
  open_with();
  client->send(RequestCode::pop_message, pop_fields(), {}, remoting::kOnewayFlag);
  wait_for_held(1);
  pop.release(recorded_outcome());
  pop.outcome = recorded_outcome();
  const auto opaque = client->send(RequestCode::pop_message, pop_fields());
  const auto answer = client->next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->opaque, opaque);
}

TEST_F(PopTest, TooManyWaitingPopsOfOneConnectionAreRefused) {
  Settings settings;
  settings.requests_in_flight_max = 3;
  open_with(settings);
  for (int round = 0; round < 2; ++round) {
    const auto pop_it = client->send(RequestCode::pop_message, pop_fields());
    const auto notify = client->send(RequestCode::notification, pop_fields());
    client->send(RequestCode::pop_message, pop_fields(), {}, remoting::kOnewayFlag);
    wait_for_held(3);
    for (const RequestCode code : {RequestCode::pop_message, RequestCode::notification, RequestCode::peek_message}) {
      EXPECT_EQ(ask(code).code, 2);
    }
    pop.release(nothing(PopStatus::polling_timeout));  // and then there is room again
    EXPECT_EQ(client->next_answer(pop_it).value_or(ReceivedFrame{}).code, 210);
    EXPECT_EQ(client->next_answer(notify).value_or(ReceivedFrame{}).code, 0);
    EXPECT_EQ(client->call(static_cast<RequestCode>(9999), {}).code, 3);
  }
}

TEST_F(PopTest, MoreThanAFrameHoldsIsAnError) {
  PopOutcome outcome = recorded_outcome();
  for (int count = 0; count < 17; ++count) add_record(outcome, std::string(1 << 20, 'x'));
  pop.outcome = std::move(outcome);
  open_with();
  const auto answer = ask(RequestCode::pop_message);
  EXPECT_EQ(answer.code, 1);
  EXPECT_TRUE(answer.body.empty());
  EXPECT_EQ(client->call(static_cast<RequestCode>(9999), {}).code, 3);  // the stream is whole
}

TEST_F(PopTest, NotificationsSayWhetherThereIsSomething) {
  open_with();
  const std::tuple<PopStatus, std::string, std::string> cases[] = {{PopStatus::found, "true", "false"},
                                                                   {PopStatus::polling_timeout, "false", "false"},
                                                                   {PopStatus::polling_full, "false", "true"}};
  for (const auto& [status, has_message, full] : cases) {
    pop.outcome = nothing(status);
    const auto answer = ask(RequestCode::notification, {{"order", "true"}, {"attemptId", "a"}});
    EXPECT_EQ(answer.code, 0);
    EXPECT_EQ(answer.fields, (FieldMap{{"hasMsg", has_message}, {"pollingFull", full}}));
  }
  EXPECT_EQ(pop.asked[0].poll_time, std::chrono::seconds(15));
  EXPECT_TRUE(pop.asked[0].ordered);
  EXPECT_EQ(pop.asked[0].attempt_id, "a");
}

TEST_F(PopTest, AHeldNotificationIsAnsweredLater) {
  open_with();
  const auto opaque = client->send(RequestCode::notification, pop_fields());
  wait_for_held(1);
  pop.release(recorded_outcome());
  EXPECT_EQ(client->next_answer(opaque).value_or(ReceivedFrame{}).field("hasMsg"), "true");
}

TEST_F(PopTest, PollingInfoCountsThoseThatWait) {
  open_with();
  const RawClient::FieldList place{
      {"consumerGroup", "wire_pop_J540"}, {"topic", "WirePop_J540"}, {"queueId", "-1"}, {"bname", "broker-a"}};
  EXPECT_EQ(client->call(RequestCode::polling_info, place).fields, (FieldMap{{"pollingNum", "0"}}));
  for (int count = 0; count < 2; ++count) client->send(RequestCode::pop_message, pop_fields());
  client->send(RequestCode::pop_message, pop_fields({{"queueId", "1"}}));
  wait_for_held(3);
  EXPECT_EQ(client->call(RequestCode::polling_info, place).fields, (FieldMap{{"pollingNum", "2"}}));
}

TEST_F(PopTest, PollingInfoOfWhatIsNotThereIsRefused) {
  TopicConfig closed;
  closed.name = "Closed";
  closed.perm = permission::write;
  topics.table["Closed"] = std::make_shared<const TopicConfig>(closed);
  open_with();
  EXPECT_EQ(ask(RequestCode::polling_info, {{"topic", "Nowhere"}}).code, 17);
  EXPECT_EQ(ask(RequestCode::polling_info, {{"topic", "Closed"}}).code, 16);
  EXPECT_EQ(ask(RequestCode::polling_info, {{"queueId", "4"}}).code, 29);
  EXPECT_EQ(ask(RequestCode::polling_info, {{"consumerGroup", "nobody"}}).code, 26);
  EXPECT_EQ(ask(RequestCode::polling_info, {{"queueId", "3"}}).code, 0);
}

TEST_F(PopTest, WithoutThePlugInNothingIsKnown) {
  services.pop = nullptr;
  open_with();
  for (const int code : {200050, 200051, 200052, 200053, 200054, 200055, 200151}) {
    const auto answer = ask(static_cast<RequestCode>(code));
    EXPECT_EQ(answer.code, 3);
    EXPECT_EQ(answer.remark, text(" request type ", code, " not supported"));
  }
}

}  // namespace
}  // namespace tenon::protocol_native
