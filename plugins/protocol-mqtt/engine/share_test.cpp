// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::Publish;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(MqttShare, EachMessageGoesToOneMemberInTurn) {
  TestServer server;
  TestClient a(server, kV5);
  TestClient b(server, kV4);
  a.connect("a");
  b.connect("b");
  a.subscribe("$share/g/t/#", {.qos = 1}, 6);
  b.subscribe("$share/g/t/#", {.qos = 0});
  a.subscribe("$share/other/t/#");
  for (int i = 0; i < 4; ++i) server.put("t/x", std::to_string(i));
  EXPECT_EQ(a.take_messages().size(), 2U + 4U);
  EXPECT_EQ(b.take_messages().size(), 2U);
}

TEST(MqttShare, AMemberWithAFullWindowIsPassedOver) {
  TestServer server;
  TestClient busy(server, kV5);
  TestClient idle(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "busy";
  connect.properties.set(PropertyId::receive_maximum, 1);
  busy.connect(connect);
  idle.connect("idle");
  busy.subscribe("$share/g/t", {.qos = 1});
  idle.subscribe("$share/g/t", {.qos = 1});
  for (int i = 0; i < 5; ++i) server.put("t", std::to_string(i));
  EXPECT_EQ(busy.take_messages().size(), 1U);
  EXPECT_EQ(idle.take_messages().size(), 4U);
}

TEST(MqttShare, WhatNobodyCanTakeWaitsForTheFirstWhoCan) {
  TestServer server;
  TestClient member(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "m";
  connect.properties.set(PropertyId::receive_maximum, 1);
  member.connect(connect);
  member.subscribe("$share/g/t", {.qos = 1}, 3);
  server.put("t", "1");
  server.put("t", "2");
  const auto first = member.take();
  ASSERT_EQ(first.size(), 1U);
  member.answer(PacketType::puback, first[0].as<Publish>().packet_id);
  const auto second = member.last();
  EXPECT_EQ(second.as<Publish>().payload, "2");
  EXPECT_THAT(second.as<Publish>().properties.subscription_identifiers, ElementsAre(3));
}

TEST(MqttShare, WhatWaitsGoesOnlyToWhoMayReadIt) {
  TestServer server;
  TestClient member(server, kV5);
  member.connect("member");
  member.subscribe("$share/g/#", {.qos = 1});
  server.forbidden_topic = "secret";
  server.put("secret", "x");
  server.put("t", "y");
  member.take();
  member.subscribe("other", {.qos = 1});
  EXPECT_THAT(member.take_messages(), IsEmpty());
  server.forbidden_topic.clear();
  member.subscribe("another", {.qos = 1});
  EXPECT_THAT(member.take_messages(), ElementsAre("secret=x"));
}

TEST(MqttShare, Qos1OfAnEndedSessionGoesToAnother) {
  TestServer server;
  auto lost = std::make_unique<TestClient>(server, kV5);
  lost->connect("lost");
  lost->subscribe("$share/g/t", {.qos = 1});
  server.put("t", "1");
  server.put("t", "2");
  TestClient other(server, kV5);
  other.connect("other");
  other.subscribe("$share/g/t", {.qos = 1});
  lost.reset();
  EXPECT_THAT(other.take_messages(), ElementsAre("t=1", "t=2"));
}

TEST(MqttShare, Qos2StaysWithItsMember) {
  TestServer server;
  auto lost = std::make_unique<TestClient>(server, kV5);
  lost->connect("lost");
  lost->subscribe("$share/g/t", {.qos = 2});
  server.put("t", "1", 2);
  TestClient other(server, kV5);
  other.connect("other");
  other.subscribe("$share/g/t", {.qos = 2});
  lost.reset();
  EXPECT_THAT(other.take_messages(), IsEmpty());
}

TEST(MqttShare, SleepingMembersKeepQos1ForTheGroup) {
  TestServer server;
  {
    TestClient sleeper(server, kV5);
    sleeper.connect("sleeper", true, 100);
    sleeper.subscribe("$share/g/t", {.qos = 1});
  }
  server.put("t", "kept");
  server.put("t", "not kept", 0);
  TestClient again(server, kV5);
  again.connect("sleeper", false, 100);
  EXPECT_THAT(again.take_messages(), ElementsAre("t=kept"));
}

TEST(MqttShare, WhatASessionHasThatStopsOutlivingTheProcessIsLentToIt) {
  TestServer server;
  TestClient keeper(server, kV5);
  auto client = std::make_unique<TestClient>(server, kV5);
  client->connect("c", true, 100);
  client->subscribe("$share/g/t", {.qos = 1});
  server.put("t", "1");
  const auto packet_id = client->last().as<Publish>().packet_id;
  keeper.connect("keeper", true, 100);
  keeper.subscribe("$share/g/t", {.qos = 1});
  const ShareGroup& group = *server.engine.groups().begin()->second;
  EXPECT_TRUE(group.lent.empty()) << "the journal has it in the session's window";
  client = std::make_unique<TestClient>(server, kV5);
  client->connect("c", false, 0);
  EXPECT_EQ(group.lent.size(), 1U) << "after kill -9 the keeper gets it";
  client->answer(PacketType::puback, packet_id);
  EXPECT_TRUE(group.lent.empty());
}

TEST(MqttShare, SharedAndPlainAreTwoSubscriptions) {
  TestServer server;
  TestClient client(server, kV5);
  client.connect("c");
  client.subscribe("$share/g/t");
  client.subscribe("t");
  server.put("t", "x");
  EXPECT_EQ(client.take_messages().size(), 2U);
}

TEST(MqttShare, ANegativeAnswerIsFinal) {
  TestServer server;
  TestClient a(server, kV5);
  a.connect("a");
  a.subscribe("$share/g/t", {.qos = 1});
  TestClient b(server, kV5);
  b.connect("b");
  server.put("t", "x");
  const auto got = a.last();
  b.subscribe("$share/g/t", {.qos = 1});
  a.answer(PacketType::puback, got.as<Publish>().packet_id, ReasonCode::unspecified_error);
  EXPECT_THAT(b.take_messages(), IsEmpty());
}

}  // namespace
}  // namespace tenon::protocol_mqtt
