// SPDX-License-Identifier: Apache-2.0
// Heartbeats and what follows from them; requests of the server to its clients.
#include <gmock/gmock.h>

#include <future>

#include "protocol-native/client_call.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using testing::ElementsAre;

std::string heartbeat_of(std::string_view client_id, std::string_view group) {
  return text(
      R"({"clientID":")", client_id, R"(","consumerDataSet":[{"consumeFromWhere":"CONSUME_FROM_FIRST_OFFSET",)",
      R"("consumeType":"CONSUME_PASSIVELY","groupName":")", group, R"(","messageModel":1,"subscriptionDataSet":[)",
      R"({"classFilterMode":false,"codeSet":[2598919],"expressionType":"TAG","subString":"TagA","subVersion":5,)",
      R"("tagsSet":["TagA"],"topic":"T"}]}],"producerDataSet":[{"groupName":"CLIENT_INNER_PRODUCER"}]})", "\n");
}

class ClientRequestsTest : public ServerFixture {
 protected:
  void SetUp() override {
    with_broker();
    open({}, 2);
  }
};

TEST_F(ClientRequestsTest, TheMembersAreToldBeforeTheHeartbeatIsAnswered) {
  RawClient client(address());
  const auto opaque = client.send(RequestCode::heart_beat, {}, heartbeat_of("first", "g"));
  const auto push = client.next();
  ASSERT_TRUE(push);
  EXPECT_EQ(push->code, 40);
  EXPECT_EQ(push->flag, remoting::kOnewayFlag);
  EXPECT_EQ(push->field("consumerGroup"), "g");
  const auto answer = client.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->opaque, opaque);
  EXPECT_EQ(answer->code, 0);
  EXPECT_EQ(answer->field("IS_SUPPORT_HEART_BEAT_V2"), "true");
  EXPECT_EQ(answer->field("IS_SUB_CHANGE"), "true");
  const auto list = client.call(RequestCode::get_consumer_list_by_group, {{"consumerGroup", "g"}});
  EXPECT_EQ(list.body, R"({"consumerIdList":["first"]})");
}

TEST_F(ClientRequestsTest, AHeartbeatIsReadWhole) {
  RawClient client(address());
  client.call(RequestCode::heart_beat, {}, heartbeat_of("first", "g"));
  ASSERT_EQ(registry.heartbeats.size(), 1u);
  const Heartbeat& heartbeat = registry.heartbeats[0];
  EXPECT_EQ(heartbeat.client.client_id, "first");
  EXPECT_EQ(heartbeat.client.version, 479);
  EXPECT_EQ(heartbeat.client.language, "JAVA");
  EXPECT_THAT(heartbeat.producer_groups, ElementsAre("CLIENT_INNER_PRODUCER"));
  ASSERT_EQ(heartbeat.consumers.size(), 1u);
  const ConsumerRegistration& consumer = heartbeat.consumers[0];
  EXPECT_EQ(consumer.message_model, MessageModel::clustering);
  EXPECT_EQ(consumer.consume_from_where, ConsumeFromWhere::first_offset);
  ASSERT_EQ(consumer.subscriptions.size(), 1u);
  EXPECT_EQ(consumer.subscriptions[0].expression, "TagA");
  EXPECT_EQ(consumer.subscriptions[0].version, 5);
  EXPECT_THAT(consumer.subscriptions[0].codes, ElementsAre(2598919));
}

TEST_F(ClientRequestsTest, AnEmptyGroupHasNoList) {
  RawClient client(address());
  const auto answer = client.call(RequestCode::get_consumer_list_by_group, {{"consumerGroup", "nobody"}});
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.remark, "no consumer for this group, nobody");
}

TEST_F(ClientRequestsTest, HeartbeatsThatCannotBeReadAreRefused) {
  RawClient client(address());
  for (const std::string_view body : {"", "{", "[]", R"({"clientID":""})", "null"}) {
    EXPECT_EQ(client.call(RequestCode::heart_beat, {}, body).code, 13) << body;
  }
}

TEST_F(ClientRequestsTest, AClosedConnectionLeavesItsGroups) {
  {
    RawClient client(address());
    client.call(RequestCode::heart_beat, {}, heartbeat_of("first", "g"));
  }
  ASSERT_TRUE(registry.wait_closed(1));
  EXPECT_TRUE(registry.consumer_ids("g").empty());
}

TEST_F(ClientRequestsTest, OnewayCommitsTakeEffectBeforeALaterRequestOfAnotherConnection) {
  RawClient leaving(address()), joining(address());
  leaving.send(RequestCode::update_consumer_offset,
               {{"consumerGroup", "g"}, {"topic", "T"}, {"queueId", "1"}, {"commitOffset", "42"}}, {},
               remoting::kOnewayFlag);
  leaving.call(static_cast<RequestCode>(9999), {});  // any later answer proves that the commit was taken
  const auto answer =
      joining.call(RequestCode::query_consumer_offset, {{"consumerGroup", "g"}, {"topic", "T"}, {"queueId", "1"}});
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.field("offset"), "42");
}

TEST_F(ClientRequestsTest, NoOffsetIsAnsweredWithoutFields) {
  RawClient client(address());
  const auto answer =
      client.call(RequestCode::query_consumer_offset, {{"consumerGroup", "g"}, {"topic", "T"}, {"queueId", "1"}});
  EXPECT_EQ(answer.code, 22);
  EXPECT_FALSE(answer.has_fields);
}

TEST_F(ClientRequestsTest, LocksEchoTheQueuesAndUnlocksHaveNoBody) {
  RawClient client(address());
  constexpr std::string_view body =
      R"({"clientId":"c","consumerGroup":"g","mqSet":[{"brokerName":"broker-a","queueId":3,"topic":"T"}],"onlyThisBroker":false})";
  const auto locked = client.call(RequestCode::lock_batch_mq, {}, body);
  EXPECT_EQ(locked.body, R"({"lockOKMQSet":[{"brokerName":"broker-a","queueId":3,"topic":"T"}]})");
  const auto unlocked = client.call(RequestCode::unlock_batch_mq, {}, body);
  EXPECT_EQ(unlocked.code, 0);
  EXPECT_TRUE(unlocked.body.empty());
  EXPECT_EQ(locks.unlocked, 1u);
}

TEST_F(ClientRequestsTest, EndTransactionNamesWhatIsMissing) {
  RawClient client(address());
  const auto answer = client.call(RequestCode::end_transaction, {});
  EXPECT_EQ(answer.code, 3);
  EXPECT_EQ(answer.remark, "no transaction plug-in is loaded");
}

TEST_F(ClientRequestsTest, CheckClientConfigPassesTagsAndRefusesWhatNobodyFilters) {
  RawClient client(address());
  const auto check = [&](std::string_view type) {
    return client.call(RequestCode::check_client_config, {},
                       text(R"({"clientId":"c","group":"g","namespace":null,"subscriptionData":{"expressionType":")",
                            type, R"(","subString":"||","topic":"T"}})"));
  };
  EXPECT_EQ(check("TAG").code, 0);
  EXPECT_EQ(check("SQL92").code, 1);
  EXPECT_EQ(check("SQL92").remark, "The broker does not support consumer to filter message by SQL92");
}

TEST_F(ClientRequestsTest, AReplyIsPushedToTheRequesterAndStored) {
  RawClient requester(address()), responder(address());
  requester.call(RequestCode::heart_beat, {}, R"({"clientID":"asker","producerDataSet":[{"groupName":"p"}]})");
  constexpr std::string_view properties{"REPLY_TO_CLIENT\1asker\2CORRELATION_ID\1c1\2MSG_TYPE\1reply\2UNIQ_KEY\1u1\2"};
  const auto opaque =
      responder.send(RequestCode::send_reply_message_v2,
                     fields_of(SampleSend{.topic = "C_REPLY_TOPIC", .properties = properties}), "the answer");
  const auto push = requester.next();
  ASSERT_TRUE(push);
  EXPECT_EQ(push->code, 326);
  EXPECT_EQ(push->body, "the answer");
  EXPECT_EQ(push->field("topic"), "C_REPLY_TOPIC");
  EXPECT_EQ(push->field("properties").find("CORRELATION_ID\1c1") != std::string::npos, true);
  EXPECT_NE(push->field("properties").find("PUSH_REPLY_TIME"), std::string::npos);
  requester.answer(*push, 0);
  const auto answer = responder.next_answer(opaque);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 0);
  EXPECT_EQ(answer->field("queueId"), "0");
  EXPECT_EQ(answer->field("queueOffset"), "7");
  EXPECT_EQ(publishing.taken.at(0).body, "the answer");
}

TEST_F(ClientRequestsTest, AReplyToAnUnknownRequesterIsAnErrorWithTheFields) {
  RawClient responder(address());
  const auto answer =
      responder.call(RequestCode::send_reply_message_v2,
                     fields_of(SampleSend{.topic = "C_REPLY_TOPIC", .properties = "REPLY_TO_CLIENT\1asker\2"}), "x");
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.remark, "push reply message fail, channel of <asker> not found.");
  EXPECT_NE(answer.field("queueId"), "<absent>");
  EXPECT_NE(answer.field("msgId"), "<absent>");
  EXPECT_NE(answer.field("queueOffset"), "<absent>");
}

TEST_F(ClientRequestsTest, SendBackIsAnsweredWhenTheCopyIsStored) {
  RawClient client(address());
  const auto answer = client.call(RequestCode::consumer_send_msg_back, {{"offset", "17898"},
                                                                        {"group", "g"},
                                                                        {"originMsgId", "id"},
                                                                        {"originTopic", "T"},
                                                                        {"delayLevel", "1"},
                                                                        {"maxReconsumeTimes", "1"},
                                                                        {"unitMode", "false"}});
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(publishing.sent_back, ElementsAre(17898));
}

/// What call_client() reported, awaited by the test.
struct Outcome {
  std::promise<Result<Answer>> promise;
  ClientAnswered callback() {
    return [this](Result<Answer> answer) { promise.set_value(std::move(answer)); };
  }
  Result<Answer> get() { return promise.get_future().get(); }
};

TEST_F(ClientRequestsTest, CallsAreMatchedByTheServersOwnNumbers) {
  RawClient client(address());
  client.call(RequestCode::heart_beat, {}, heartbeat_of("first", "g"));
  client.next();  // the 40
  const auto channel = registry.producer_channel("first");
  ASSERT_TRUE(channel);
  Outcome outcome;
  const auto code = static_cast<std::int32_t>(RequestCode::get_consumer_running_info);
  call_client(channel, ClientRequest(code, {{"consumerGroup", "g"}}), std::chrono::seconds(10), outcome.callback());
  const auto request = client.next();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->code, 307);
  EXPECT_EQ(request->flag, 0);
  client.answer(*request, 0, R"({"properties":{}})");
  const auto answer = outcome.get();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, R"({"properties":{}})");
  client.answer(*request, 0);  // a second answer to the same call is dropped
  EXPECT_EQ(client.call(static_cast<RequestCode>(9999), {}).code, 3);
}

TEST_F(ClientRequestsTest, CallsEndWithTheirTimeoutOrTheirConnection) {
  auto client = std::make_unique<RawClient>(address());
  client->call(RequestCode::heart_beat, {}, heartbeat_of("first", "g"));
  const auto channel = registry.producer_channel("first");
  Outcome late, gone, closed;
  call_client(channel, ClientRequest(307, {}), std::chrono::milliseconds(1), late.callback());
  EXPECT_TRUE(late.get().error().is(Errc::timed_out));
  call_client(channel, ClientRequest(307, {}), std::chrono::seconds(100), gone.callback());
  client.reset();
  EXPECT_TRUE(gone.get().error().is(Errc::disconnected));
  ASSERT_TRUE(registry.wait_closed(1));
  call_client(channel, ClientRequest(307, {}), std::chrono::seconds(100), closed.callback());
  EXPECT_TRUE(closed.get().error().is(Errc::disconnected));
}

class FewClientCallsTest : public ServerFixture {
 protected:
  void SetUp() override {
    with_broker();
    Settings settings;
    settings.calls_max = 2;
    open(settings);
  }
};

TEST_F(FewClientCallsTest, OneThatAnswersNothingIsAskedNoMore) {
  RawClient silent(address()), other(address());
  silent.call(RequestCode::heart_beat, {}, heartbeat_of("silent", "g"));
  other.call(RequestCode::heart_beat, {}, heartbeat_of("other", "h"));
  const auto ask = [this](const std::string& client, Outcome& outcome) {
    call_client(registry.producer_channel(client), ClientRequest(307, {}), std::chrono::seconds(100),
                outcome.callback());
  };
  Outcome first, second, third, of_other, later;
  ask("silent", first);
  ask("silent", second);
  ask("silent", third);
  EXPECT_TRUE(third.get().error().is(Errc::busy));
  ask("other", of_other);
  const auto answer_next = [](RawClient& client) {
    while (const auto request = client.next()) {
      if (request->code == 307) return client.answer(*request, 0);
    }
    ADD_FAILURE() << "no request came";
  };
  answer_next(other);
  EXPECT_TRUE(of_other.get());
  answer_next(silent);
  EXPECT_TRUE(first.get());
  ask("silent", later);
  answer_next(silent);
  EXPECT_TRUE(second.get());
  answer_next(silent);
  EXPECT_TRUE(later.get());
}

TEST_F(ClientRequestsTest, DrainingSendsNewClientsAway) {
  RawClient fresh(address()), old(address());
  fresh.call(static_cast<RequestCode>(9999), {});
  old.call(static_cast<RequestCode>(9999), {});
  server->drain(std::chrono::steady_clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(fresh.call(RequestCode::get_consumer_list_by_group, {{"consumerGroup", "g"}}).code, 1500);
  old.send_bytes(RawClient::frame(RequestCode::end_transaction, 7, {}, {}, 0, remoting::HeaderType::json, 407));
  EXPECT_EQ(old.next_answer(7).value_or(ReceivedFrame{}).code, 3);  // 4.9 would take 1500 for a failure
  server->stop();
  EXPECT_TRUE(old.closed_by_server());
}

}  // namespace
}  // namespace tenon::protocol_native
