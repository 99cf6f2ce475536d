// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(MqttSession, OfV311LastsUntilItIsCleaned) {
  TestServer server;
  {
    TestClient client(server, kV4);
    EXPECT_FALSE(client.connect("c", false).session_present);
    client.subscribe("t", {.qos = 1});
  }
  server.pass_seconds(10'000);
  server.put("t", "while away");
  server.put("t", "QoS 0 is not kept", 0);
  {
    TestClient client(server, kV4);
    EXPECT_TRUE(client.connect("c", false).session_present);
    EXPECT_THAT(client.take_messages(), ElementsAre("t=while away"));
  }
  {
    TestClient client(server, kV4);
    EXPECT_FALSE(client.connect("c", true).session_present);
    server.put("t", "not subscribed any more");
    EXPECT_THAT(client.take_messages(), IsEmpty());
  }
  EXPECT_TRUE(server.engine.sessions().empty());
}

TEST(MqttSession, OfV5EndsWithItsExpiry) {
  TestServer server;
  {
    TestClient client(server, kV5);
    client.connect("c", true, 10);
    client.subscribe("t", {.qos = 1});
  }
  server.pass_seconds(9);
  {
    TestClient client(server, kV5);
    EXPECT_TRUE(client.connect("c", false, 10).session_present);
  }
  server.pass_seconds(10);
  EXPECT_TRUE(server.engine.sessions().empty());
  EXPECT_EQ(server.engine.counters().sessions_expired, 1U);
  TestClient client(server, kV5);
  EXPECT_FALSE(client.connect("c", false, 10).session_present);
}

TEST(MqttSession, WithoutExpiryEndsWithTheConnection) {
  TestServer server;
  {
    TestClient client(server, kV5);
    client.connect("c", false, 0);
    client.subscribe("t");
  }
  EXPECT_TRUE(server.engine.sessions().empty());
  EXPECT_FALSE(server.engine.has_subscriptions());
}

TEST(MqttSession, DisconnectMayChangeTheExpiry) {
  TestServer server;
  TestClient client(server, kV5);
  client.connect("c", true, 10);
  mqtt::Closing closing;
  closing.properties.set(PropertyId::session_expiry_interval, 0);
  client.send(closing);
  EXPECT_TRUE(server.engine.sessions().empty());

  TestClient zero(server, kV5);
  zero.connect("zero", true, 0);
  closing.properties.set(PropertyId::session_expiry_interval, 10);
  zero.send(closing);
  EXPECT_EQ(zero.last().as<mqtt::Closing>().reason, ReasonCode::protocol_error);
}

TEST(MqttSession, ExpiryIsCappedAndTheClientIsTold) {
  TestServer server(EngineSettings{.session_expiry_max_s = 60});
  TestClient client(server, kV5);
  EXPECT_EQ(client.connect("c", true, 100).properties.number(PropertyId::session_expiry_interval), 60U);
}

TEST(MqttSession, HoldsInboundQos2AcrossConnections) {
  TestServer server;
  {
    TestClient client(server, kV5);
    client.connect("c", false, 100);
    client.publish("t", "once", 2, false, 5);
  }
  TestClient client(server, kV5);
  client.connect("c", false, 100);
  client.publish("t", "once", 2, false, 5);
  EXPECT_EQ(server.log.size(), 1U);
  EXPECT_EQ(client.last().type(), PacketType::pubrec);
  client.answer(PacketType::pubrel, 5);
  EXPECT_EQ(client.last().as<mqtt::PublishAnswer>().reason, ReasonCode::success);
}

TEST(MqttSession, Qos2ThatIsStoredAfterTheClientCameBackIsAnswered) {
  for (const ReasonCode outcome : {ReasonCode::success, ReasonCode::quota_exceeded}) {
    TestServer server;
    TestClient first(server, kV5);
    first.connect("c", true, 100);
    server.hold = true;
    first.publish("t", "once", 2, false, 5);
    first.lose();
    TestClient again(server, kV5);
    again.connect("c", false, 100);
    again.publish("t", "once", 2, false, 5);
    EXPECT_TRUE(again.take().empty()) << "not stored yet";
    server.outcome = outcome;
    server.release();
    const auto answer = again.last();
    EXPECT_EQ(answer.type(), PacketType::pubrec);
    EXPECT_EQ(answer.as<mqtt::PublishAnswer>().reason, outcome);
    EXPECT_EQ(server.log.size(), 1U);
  }
}

TEST(MqttSession, TakeOverAcrossVersionsKeepsTheSession) {
  TestServer server;
  TestClient first(server, kV4);
  first.connect("c", false);
  first.subscribe("t", {.qos = 1});
  server.put("t", "1");
  TestClient second(server, kV5);
  EXPECT_TRUE(second.connect("c", false, 100).session_present);
  EXPECT_TRUE(first.closed());
  EXPECT_THAT(second.take_messages(), ElementsAre("t=1"));
}

TEST(MqttSession, ChangedOnesAreListedForTheJournal) {
  TestServer server;
  TestClient passing(server, kV5);
  passing.connect("passing");
  passing.subscribe("t");
  EXPECT_THAT(server.engine.take_changed(), IsEmpty()) << "what ends with its connection is nobody's business";
  TestClient kept(server, kV5);
  kept.connect("kept", true, 100);
  EXPECT_EQ(server.engine.take_changed().size(), 1U);
  EXPECT_THAT(server.engine.take_changed(), IsEmpty());
  kept.subscribe("t");
  EXPECT_EQ(server.engine.take_changed().size(), 1U);
  TestClient clean(server, kV5);
  clean.connect("kept", true, 0);
  const auto changed = server.engine.take_changed();
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_FALSE(changed[0]->kept());
}

TEST(MqttSession, KickEndsConnectionAndSession) {
  TestServer server;
  TestClient client(server, kV5);
  client.connect("c", true, 100);
  EXPECT_TRUE(server.engine.kick("c"));
  EXPECT_EQ(client.last().as<mqtt::Closing>().reason, ReasonCode::administrative_action);
  EXPECT_TRUE(server.engine.sessions().empty());
  EXPECT_FALSE(server.engine.kick("c"));
}

TEST(MqttSession, TakeOversInALoopLeaveNothingBehind) {
  TestServer server;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 1000; ++i) {
    clients.push_back(std::make_unique<TestClient>(server, i % 2 == 0 ? kV4 : kV5));
    clients.back()->connect("c", i % 3 == 0, 100);
    clients.back()->subscribe("t", {.qos = 1});
  }
  EXPECT_EQ(server.engine.connection_count(), 1U);
  EXPECT_EQ(server.engine.sessions().size(), 1U);
  EXPECT_EQ(server.engine.subscription_count(), 1U);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
