// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "protocol-native/testing/sample_requests.hpp"
#include "protocol-native/testing/server_fixture.hpp"
#include "remoting/batch_body.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using testing::HasSubstr;

constexpr std::string_view kProperties{"UNIQ_KEY\1C0A80132126700000000000000000001\2TAGS\1a\2"};

class SendTest : public ServerFixture {
 protected:
  ReceivedFrame send_v2(RawClient& client, std::string_view body = "hello") {
    return client.call(RequestCode::send_message_v2,
                       fields_of(SampleSend{.queue = "2", .flag = "5", .properties = kProperties}), body);
  }
};

TEST_F(SendTest, AnswersWithTheIdOfWhereTheMessageLies) {
  with_broker();
  open();
  RawClient client(address());
  const auto answer = send_v2(client);
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.flag, 1);
  EXPECT_GE(answer.version, 479);
  EXPECT_EQ(answer.field("msgId"), "C0A8010A00002A9F0000000000001000");
  EXPECT_EQ(answer.field("queueId"), "2");
  EXPECT_EQ(answer.field("queueOffset"), "7");
  EXPECT_EQ(answer.field("transactionId"), "C0A80132126700000000000000000001");
  EXPECT_EQ(answer.field("MSG_REGION"), "DefaultRegion");
  EXPECT_EQ(answer.field("TRACE_ON"), "true");
  EXPECT_THAT(answer.header, HasSubstr("\"queueId\":\"2\""));  // Go reads strings only
  ASSERT_EQ(publishing.taken.size(), 1u);
  EXPECT_EQ(publishing.taken[0].topic, "T");
  EXPECT_EQ(publishing.taken[0].body, "hello");
  EXPECT_EQ(publishing.taken[0].properties, kProperties);
  EXPECT_EQ(publishing.taken[0].flag, 5);
  EXPECT_TRUE(publishing.taken[0].born_host.is_loopback());
}

TEST_F(SendTest, LongNamesOfTheGoClientMeanTheSame) {
  with_broker();
  open();
  RawClient client(address());
  const auto answer = client.call(RequestCode::send_message,
                                  {{"producerGroup", "g"},
                                   {"topic", "T"},
                                   {"defaultTopic", "TBW102"},
                                   {"defaultTopicQueueNums", "4"},
                                   {"queueId", "1"},
                                   {"sysFlag", "0"},
                                   {"bornTimestamp", "1"},
                                   {"flag", "0"},
                                   {"properties", ""},
                                   {"maxReconsumeTimes", "0"}},
                                  "x");
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.field("queueId"), "1");
  EXPECT_EQ(answer.field("transactionId"), "<absent>");
  EXPECT_EQ(publishing.taken.at(0).max_reconsume_times, 0);
}

TEST_F(SendTest, ABatchIsSaidByItsFieldNotByTheCode) {
  with_broker();
  open();
  remoting::OutputBuffer body;
  const std::string first = "one", second = "two";
  for (const std::string* text : {&first, &second}) {
    remoting::append_batch_message(body, {1, "", std::as_bytes(std::span(*text))});
  }
  RawClient client(address());
  const auto answer = client.call(RequestCode::send_message_v2,  // the C++ client: 310 with m=true
                                  fields_of(SampleSend{.batch = "true"}), body.text());
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.field("msgId"), "C0A8010A00002A9F0000000000001000,C0A8010A00002A9F0000000000001064");
  ASSERT_EQ(publishing.taken.size(), 2u);
  EXPECT_EQ(publishing.taken[1].body, "two");
}

TEST_F(SendTest, ABrokenBatchIsRefusedAsIllegal) {
  with_broker();
  open();
  RawClient client(address());
  const auto answer =
      client.call(RequestCode::send_batch_message, fields_of(SampleSend{.batch = "true"}), "not a batch");
  EXPECT_EQ(answer.code, 13);
  EXPECT_EQ(answer.field("MSG_REGION"), "DefaultRegion");
}

TEST_F(SendTest, ErrorsKeepRegionAndTraceButHaveNoQueueFields) {
  with_broker();
  publishing.refuse_with = Error(Errc::topic_not_exist, "topic[T] not exist, apply first please!");
  open();
  RawClient client(address());
  const auto answer = send_v2(client);
  EXPECT_EQ(answer.code, 17);
  EXPECT_EQ(answer.remark, "topic[T] not exist, apply first please!");
  EXPECT_EQ(answer.fields.size(), 2u);
  EXPECT_EQ(answer.field("MSG_REGION"), "DefaultRegion");
  EXPECT_EQ(answer.field("TRACE_ON"), "true");
}

TEST_F(SendTest, AnswersTellTheRegionAndWhetherTracesAreWanted) {
  with_broker();
  services.traces = {.region = "east", .trace_on = false};
  open();
  RawClient client(address());
  const auto says_so = [](const ReceivedFrame& answer, int code) {
    EXPECT_EQ(answer.code, code);
    EXPECT_EQ(answer.field("MSG_REGION"), "east") << code;
    EXPECT_EQ(answer.field("TRACE_ON"), "false") << code;
  };
  says_so(send_v2(client), 0);
  says_so(client.call(RequestCode::send_batch_message, fields_of(SampleSend{.batch = "true"}), "not a batch"), 13);
  publishing.refuse_with = Error(Errc::topic_not_exist, "topic[T] not exist, apply first please!");
  says_so(send_v2(client), 17);
}

TEST_F(SendTest, DegradedSendsHaveAllFields) {
  with_broker();
  publishing.degraded = make_error_code(Errc::flush_disk_timeout);
  open();
  RawClient client(address());
  const auto answer = send_v2(client);
  EXPECT_EQ(answer.code, 10);
  EXPECT_EQ(answer.field("queueOffset"), "7");
}

TEST_F(SendTest, OnewaySendsAreStoredAndNeverAnswered) {
  with_broker();
  open();
  RawClient client(address());
  client.send(RequestCode::send_message_v2, fields_of(SampleSend{}), "x", remoting::kOnewayFlag);
  const auto answer = send_v2(client);  // the first and only frame that comes back
  EXPECT_EQ(answer.code, 0);
  EXPECT_FALSE(client.next(std::chrono::milliseconds(50)));
  EXPECT_EQ(publishing.taken.size(), 2u);
}

TEST_F(SendTest, OutcomesThatComeLaterAnswerTheirOwnRequests) {
  with_broker();
  publishing.hold = true;
  open();
  RawClient client(address());
  std::vector<std::int32_t> opaques;
  for (int index = 0; index < 20; ++index) {
    const std::string queue = text(index), properties = text("UNIQ_KEY\1k", index, "\2");
    opaques.push_back(client.send(RequestCode::send_message_v2,
                                  fields_of(SampleSend{.queue = queue, .properties = properties}), "x"));
  }
  while (publishing.held_count() < 20) std::this_thread::yield();
  publishing.release();
  for (int index = 0; index < 20; ++index) {
    const auto answer = client.next_answer(opaques[static_cast<std::size_t>(index)]);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->field("queueId"), std::to_string(index));
    EXPECT_EQ(answer->field("transactionId"), text("k", index));
  }
}

TEST_F(SendTest, NumbersAndBooleansOfTheCppClientAreRead) {
  with_broker();
  open();
  const std::string header =
      R"({"code":310,"language":"CPP","version":333,"opaque":5,"flag":0,"remark":"","extFields":)"
      R"({"a":"g","b":"T","c":"TBW102","d":4,"e":3,"f":0,"g":"1","h":0,"i":"","j":"0","l":16,"m":false}})"
      "\n";
  std::string frame;
  const auto be32 = [&](std::size_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(number >> shift));
  };
  be32(4 + header.size() + 1);
  be32(header.size());
  frame += header + "x";
  RawClient client(address());
  client.send_bytes(frame);
  const auto answer = client.next_answer(5);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 0);
  EXPECT_EQ(answer->field("queueId"), "3");
  EXPECT_EQ(publishing.taken.at(0).max_reconsume_times, 16);
}

TEST_F(SendTest, SendsThatWaitAreBounded) {
  with_broker();
  publishing.hold = true;
  Settings settings;
  settings.requests_in_flight_max = 3;
  open(settings);
  RawClient client(address());
  for (int opaque = 1; opaque <= 4; ++opaque) {
    client.send_bytes(RawClient::frame(RequestCode::send_message_v2, opaque, fields_of(SampleSend{}), "x"));
  }
  const auto refused = client.next();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->opaque, 4);
  EXPECT_EQ(refused->code, 2) << "producers try another broker";
  EXPECT_EQ(publishing.held_count(), 3u);
  publishing.release();
  for (int opaque = 1; opaque <= 3; ++opaque) EXPECT_EQ(client.next_answer(opaque).value_or(ReceivedFrame{}).code, 0);
  client.send(RequestCode::send_message_v2, fields_of(SampleSend{}), "x");
  while (publishing.held_count() == 0) std::this_thread::yield();
}

TEST_F(SendTest, BinaryRequestsGetJsonAnswers) {
  with_broker();
  open();
  RawClient client(address());
  client.send_bytes(
      RawClient::frame(RequestCode::send_message_v2, 9, fields_of(SampleSend{}), "x", 0, remoting::HeaderType::binary));
  const auto answer = client.next_answer(9);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 0);
  EXPECT_EQ(answer->type, remoting::HeaderType::json);
}

TEST_F(SendTest, WithoutAPublishPathSendsAreNotSupported) {
  open();  // a name server alone
  RawClient client(address());
  const auto answer = send_v2(client);
  EXPECT_EQ(answer.code, 3);
  EXPECT_EQ(answer.remark, " request type 310 not supported");
}

}  // namespace
}  // namespace tenon::protocol_native
