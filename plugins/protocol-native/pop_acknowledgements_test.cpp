// SPDX-License-Identifier: Apache-2.0
// What becomes of popped messages. Fields: golden/wire/broker-5.4.0/java-5.4.0-pop; body of 200151:
// remoting-protocol.md 3.9.
#include <gmock/gmock.h>

#include "protocol-native/testing/fake_pop.hpp"
#include "protocol-native/testing/server_fixture.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using testing::ElementsAre;
using testing::HasSubstr;
using FieldMap = std::map<std::string, std::string>;

const RawClient::FieldList kAck{{"queueId", "0"},
                                {"offset", "0"},
                                {"bname", "broker-a"},
                                {"topic", "%RETRY%wire_pop_J540_WirePop_J540"},
                                {"consumerGroup", "wire_pop_J540"},
                                {"extraInfo", "0 1795264367674 60000 6 1 broker-a 0 0"}};
const RawClient::FieldList kChange{{"invisibleTime", "10000"},
                                   {"queueId", "2"},
                                   {"offset", "1"},
                                   {"bname", "broker-a"},
                                   {"topic", "WirePop_J540"},
                                   {"consumerGroup", "wire_pop_J540"},
                                   {"extraInfo", "1 1795264355602 60000 4 0 broker-a 2 1"}};

/// An entry of a batch: two messages, 10 and 12; `changes` replaces one member, a value of "" leaves it out.
std::string entry(std::string_view changed = {}, std::string_view value = {}) {
  const std::pair<std::string_view, std::string_view> members[] = {
      {"b", R"("BQ==")"}, {"c", R"("g1")"}, {"it", "60000"}, {"pt", "1700000000000"}, {"q", "1"},
      {"r", R"("0")"},    {"rq", "3"},      {"so", "10"},    {"t", R"("TopicTest")"}};
  std::string json = "{";
  for (const auto& [name, usual] : members) {
    const std::string_view written = name == changed ? value : usual;
    if (written.empty()) continue;
    json += text(json.size() > 1 ? "," : "", '"', name, "\":", written);
  }
  return json + "}";
}
std::string batch(const std::string& entries) { return text(R"({"acks":[)", entries, R"(],"brokerName":"broker-a"})"); }

class PopAcknowledgementsTest : public ServerFixture {
 protected:
  void SetUp() override {
    with_broker();
    services.pop = &pop;
    open();
    client.emplace(address());
  }
  ReceivedFrame acknowledge(const std::string& body) { return client->call(RequestCode::batch_ack_message, {}, body); }

  FakePop pop;
  std::optional<RawClient> client;
};

TEST_F(PopAcknowledgementsTest, AnAckNamesTheTopicThatTheMessageLiesIn) {
  const auto answer = client->call(RequestCode::ack_message, kAck);
  EXPECT_EQ(answer.code, 0);
  EXPECT_FALSE(answer.has_fields);
  ASSERT_EQ(pop.acknowledged.size(), 1u);
  const auto& [group, topic, receipt, queue_id, offset] = pop.acknowledged[0];
  EXPECT_EQ(group, "wire_pop_J540");
  EXPECT_EQ(topic, "%RETRY%wire_pop_J540_WirePop_J540");
  EXPECT_EQ(receipt, "0 1795264367674 60000 6 1 broker-a 0 0");
  EXPECT_EQ(queue_id, 0);
  EXPECT_EQ(offset, 0);
}

TEST_F(PopAcknowledgementsTest, AChangedInvisibleTimeIsAnsweredWithTheNewReceipt) {
  const auto answer = client->call(RequestCode::change_message_invisibletime, kChange);
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.fields, (FieldMap{{"invisibleTime", "10000"}, {"popTime", "1795264355623"}, {"reviveQid", "4"}}));
  ASSERT_EQ(pop.acknowledged.size(), 1u);
  EXPECT_EQ(pop.acknowledged[0].receipt, "1 1795264355602 60000 4 0 broker-a 2 1");
  EXPECT_EQ(pop.acknowledged[0].queue_id, 2);
  EXPECT_EQ(pop.acknowledged[0].offset, 1);
}

TEST_F(PopAcknowledgementsTest, ErrorsAreMapped) {
  const std::pair<Errc, int> cases[] = {{Errc::query_not_found, 208}, {Errc::message_illegal, 13},
                                        {Errc::topic_not_exist, 17},  {Errc::no_permission, 16},
                                        {Errc::internal, 1},          {Errc::service_not_available, 14}};
  for (const auto& [error, code] : cases) {
    pop.refuse_with = Error(error, "why");
    pop.batches.clear();
    const ReceivedFrame answers[] = {client->call(RequestCode::ack_message, kAck),
                                     client->call(RequestCode::change_message_invisibletime, kChange),
                                     acknowledge(batch(entry()))};
    for (const ReceivedFrame& answer : answers) {
      EXPECT_EQ(answer.code, code);
      EXPECT_EQ(answer.remark, "why");
    }
  }
}

TEST_F(PopAcknowledgementsTest, WhatCannotBeReadIsRefused) {
  for (const auto& [code, all] :
       {std::pair(RequestCode::ack_message, kAck), std::pair(RequestCode::change_message_invisibletime, kChange)}) {
    for (const auto& [left_out, value] : all) {
      if (left_out == "bname") continue;
      RawClient::FieldList fields = all;
      std::erase_if(fields, [name = left_out](const auto& field) { return field.first == name; });
      const auto answer = client->call(code, fields);
      EXPECT_EQ(answer.code, 29) << left_out;
      EXPECT_THAT(answer.remark.value_or(""), HasSubstr(std::string(left_out)));
    }
  }
  EXPECT_TRUE(pop.acknowledged.empty());
}

TEST_F(PopAcknowledgementsTest, ABatchNamesMessagesByBits) {
  EXPECT_EQ(acknowledge(batch(entry())).code, 0);
  ASSERT_EQ(pop.batches.size(), 1u);
  const PoppedBatch& got = pop.batches[0];
  EXPECT_EQ(got.group, "g1");
  EXPECT_EQ(got.topic, "TopicTest");
  EXPECT_EQ(got.source, PopSource::topic);
  EXPECT_EQ(got.queue_id, 1);
  EXPECT_EQ(got.revive_queue_id, 3);
  EXPECT_EQ(got.start_offset.value, 10);
  EXPECT_EQ(got.pop_time_ms, 1700000000000);
  EXPECT_EQ(got.invisible_time, std::chrono::minutes(1));
  EXPECT_THAT(got.offsets, ElementsAre(QueueOffset{10}, QueueOffset{12}));
}

TEST_F(PopAcknowledgementsTest, ABatchHasManyForms) {
  const std::string entries =
      text(entry("r", R"("1")"), ',', entry("r", "2"), ',', entry("b", R"("gAE=")"), ',', entry("b", R"("gAE")"), ',',
           entry("b", R"("AAAA")"), ',', entry("b", R"("")"), ',', entry("rq", "999"));
  EXPECT_EQ(acknowledge(batch(entries)).code, 0);
  ASSERT_EQ(pop.batches.size(), 7u);
  EXPECT_EQ(pop.batches[0].source, PopSource::retry_topic);
  EXPECT_EQ(pop.batches[1].source, PopSource::retry_topic_v2);
  EXPECT_THAT(pop.batches[2].offsets, ElementsAre(QueueOffset{17}, QueueOffset{18}));  // bit 7 and, of the next byte, 0
  EXPECT_THAT(pop.batches[3].offsets, ElementsAre(QueueOffset{17}, QueueOffset{18}));
  EXPECT_TRUE(pop.batches[4].offsets.empty());
  EXPECT_TRUE(pop.batches[5].offsets.empty());
  EXPECT_EQ(pop.batches[6].revive_queue_id, 999);
}

TEST_F(PopAcknowledgementsTest, ABatchOfNothingFindsNoMessage) {
  for (const std::string_view body : {"", "{}", R"({"acks":[]})", R"({"acks":null})", R"({"acks":7})"}) {
    EXPECT_EQ(acknowledge(std::string(body)).code, 208) << body;
  }
}

TEST_F(PopAcknowledgementsTest, AWrongBatchIsRefusedWhole) {
  for (const std::string_view name : {"c", "t", "q", "r", "rq", "so", "pt", "it"}) {
    const auto answer = acknowledge(batch(text(entry(), ',', entry(name, ""))));
    EXPECT_EQ(answer.code, 29) << name;
    EXPECT_THAT(answer.remark.value_or(""), HasSubstr(text('\'', name, '\'')));
  }
  const std::pair<std::string_view, std::string_view> wrong[] = {{"b", R"("B*==")"},
                                                                 {"b", R"("BQ==BQ==")"},
                                                                 {"b", R"("BQ===")"},
                                                                 {"b", R"("BQAAA")"},
                                                                 {"q", "-1"},
                                                                 {"q", "2147483648"},
                                                                 {"rq", "2147483648"},
                                                                 {"so", "-1"},
                                                                 {"so", "9223372036854775807"},
                                                                 {"so", R"("ten")"},
                                                                 {"r", R"("3")"},
                                                                 {"it", "-5"},
                                                                 {"pt", "1.5"},
                                                                 {"t", "{}"}};
  for (const auto& [name, value] : wrong) {
    EXPECT_EQ(acknowledge(batch(text(entry(), ',', entry(name, value)))).code, 29) << name << ' ' << value;
  }
  for (const std::string_view body : {"{", "]", R"({"acks":[{]})"}) {
    EXPECT_EQ(acknowledge(std::string(body)).code, 13) << body;
  }
  EXPECT_EQ(acknowledge(batch("7")).code, 29);
  EXPECT_EQ(acknowledge(batch(entry("c", std::string(9, '[')))).code, 13);
  EXPECT_TRUE(pop.batches.empty());
}

TEST_F(PopAcknowledgementsTest, ABatchIsBounded) {
  const std::string many = text('"', std::string(10'928, '/'), '"');  // 8196 bytes of ones: 65568 messages
  const auto answer = acknowledge(batch(entry("b", many)));
  EXPECT_EQ(answer.code, 29);
  EXPECT_THAT(answer.remark.value_or(""), HasSubstr("more than 65536 messages"));
  const std::string half = text('"', std::string(5'464, '/'), '"');  // 4098 bytes each: too many together
  EXPECT_EQ(acknowledge(batch(text(entry("b", half), ',', entry("b", half)))).code, 29);
  EXPECT_TRUE(pop.batches.empty());
  EXPECT_EQ(acknowledge(batch(entry("b", half))).code, 0);
  EXPECT_EQ(pop.batches.at(0).offsets.size(), 32'784u);
  EXPECT_EQ(acknowledge(batch(entry("b", text('"', std::string(5 << 20, 'A'), '"')))).code, 13);
}

TEST_F(PopAcknowledgementsTest, TheEntriesBehindARefusedOneAreAcknowledged) {
  pop.refuse_with = Error(Errc::topic_not_exist, "gone");
  EXPECT_EQ(acknowledge(batch(text(entry(), ',', entry("q", "2")))).code, 17);
  ASSERT_EQ(pop.batches.size(), 2u);
  EXPECT_EQ(pop.batches[1].queue_id, 2);
}

}  // namespace
}  // namespace tenon::protocol_native
