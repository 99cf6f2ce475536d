// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::PropertyId;
using mqtt::Publish;
using mqtt::RetainHandling;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(MqttRetained, NewSubscriptionsGetTheLastOfEachTopic) {
  Pair pair;
  pair.from.publish("a/x", "old", 1, true);
  pair.from.publish("a/x", "new", 1, true);
  pair.from.publish("a/y", "other", 0, true);
  pair.from.publish("a/z", "not kept", 1, false);
  pair.to.subscribe("a/+", {.qos = 1}, 4);
  const auto packets = pair.to.take();
  ASSERT_EQ(packets.size(), 2U);
  for (const Received& packet : packets) {
    EXPECT_TRUE(packet.as<Publish>().retain);
    EXPECT_THAT(packet.as<Publish>().properties.subscription_identifiers, ElementsAre(4));
  }
  EXPECT_EQ(packets[0].as<Publish>().payload, "new");
  EXPECT_EQ(packets[0].as<Publish>().qos, 1);
  EXPECT_EQ(packets[1].as<Publish>().qos, 0);
}

TEST(MqttRetained, AnEmptyPayloadDeletesAndIsDelivered) {
  Pair pair;
  pair.from.publish("t", "x", 0, true);
  pair.to.subscribe("t");
  pair.to.take();
  pair.from.publish("t", "", 0, true);
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("t="));
  EXPECT_EQ(pair.server.engine.retained().count(), 0U);
  EXPECT_EQ(pair.server.engine.retained().bytes(), 0U);
}

TEST(MqttRetained, RetainHandling) {
  Pair pair;
  pair.from.publish("t", "x", 0, true);
  pair.to.subscribe("t", {.retain_handling = RetainHandling::do_not_send});
  EXPECT_THAT(pair.to.take_messages(), IsEmpty());
  pair.to.subscribe("t", {.retain_handling = RetainHandling::send_if_new});
  EXPECT_THAT(pair.to.take_messages(), IsEmpty());
  pair.to.subscribe("t", {.retain_handling = RetainHandling::send});
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("t=x"));
  pair.to.subscribe("+", {.retain_handling = RetainHandling::send_if_new});
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("t=x"));
}

TEST(MqttRetained, ExpireAndTellWhatIsLeft) {
  Pair pair;
  Publish publish;
  publish.topic = "t";
  publish.payload = "x";
  publish.retain = true;
  publish.properties.set(PropertyId::message_expiry_interval, 10);
  pair.from.send(publish);
  pair.server.pass_seconds(4);
  pair.to.subscribe("t");
  EXPECT_EQ(pair.to.last().as<Publish>().properties.number(PropertyId::message_expiry_interval), 6U);
  pair.server.pass_seconds(6);
  pair.to.subscribe("t");
  EXPECT_THAT(pair.to.take_messages(), IsEmpty());
  pair.server.pass_seconds(61);
  EXPECT_EQ(pair.server.engine.retained().count(), 0U);
}

TEST(MqttRetained, ManyMatchesArePacedByTheWindow) {
  TestServer server;
  TestClient from(server, kV4);
  from.connect("from");
  for (int i = 0; i < 10'000; ++i) from.publish(text("many/", i), "x", 1, true);
  TestClient slow(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "slow";
  connect.properties.set(PropertyId::receive_maximum, 10);
  slow.connect(connect);
  slow.subscribe("many/#", {.qos = 1});
  std::size_t count = 0;
  while (true) {
    const auto packets = slow.take();
    if (packets.empty()) break;
    ASSERT_LE(packets.size(), 10U);
    count += packets.size();
    for (const auto& packet : packets) slow.answer(mqtt::PacketType::puback, packet.as<Publish>().packet_id);
  }
  EXPECT_EQ(count, 10'000U);
}

TEST(MqttRetained, AskingAgainAndAgainIsBounded) {
  TestServer server(EngineSettings{.inflight_max = 1, .queued_messages_max = 50});
  TestClient from(server, kV5);
  from.connect("from");
  for (int i = 0; i < 100; ++i) from.publish("many/" + std::to_string(i), "x", 1, true);
  TestClient slow(server, kV5);
  slow.connect("slow");
  for (int i = 0; i < 100; ++i) slow.subscribe("many/#", {.qos = 1});
  EXPECT_LE(server.engine.find_session("slow")->outbound().waiting.size(), 150U);
}

TEST(MqttRetained, DeepNamesCountWithTheirLevels) {
  TestServer server(EngineSettings{.retained_bytes_max = 100'000});
  TestClient from(server, kV5);
  from.connect("from");
  std::string deep;
  for (int i = 0; i < 198; ++i) deep += "/a";
  for (int i = 0; i < 20; ++i) from.publish(std::to_string(i) + deep, "x", 0, true);
  EXPECT_LT(server.engine.retained().count(), 5U);
  for (int i = 0; i < 20; ++i) from.publish(std::to_string(i) + deep, "", 0, true);
  EXPECT_EQ(server.engine.retained().bytes(), 0U);
}

TEST(MqttRetained, AreNotSentToSharedSubscriptionsAndHideDollar) {
  Pair pair;
  pair.from.publish("t", "x", 0, true);
  pair.server.engine.announce("$SYS/broker/version", "1");
  pair.to.subscribe("$share/g/t");
  EXPECT_THAT(pair.to.take_messages(), IsEmpty());
  pair.to.subscribe("#");
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("t=x"));
  pair.to.subscribe("$SYS/#");
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("$SYS/broker/version=1"));
}

TEST(MqttRetained, AFilterLooksOnlyWhereItCanMatch) {
  RetainedMessages retained(1'000'000, std::size_t{1} << 30);
  for (int i = 0; i < 100'000; ++i) {
    OwnedMessage message;
    message.topic = text("site/", i, "/state");
    message.payload = "x";
    retained.put(std::make_shared<const OwnedMessage>(message));
  }
  std::size_t seen = 0;
  const auto count = [&](const OwnedMessagePtr&) { ++seen; };
  for (int i = 0; i < 100'000; ++i) {  // would take minutes if each looked at everything
    retained.match("other/#", 0, count);
    retained.match(text("site/", i, "/+"), 0, count);
  }
  EXPECT_EQ(seen, 100'000U);
}

TEST(MqttRetained, ParentsMatchTheirHash) {
  Pair pair;
  for (const char* topic : {"a", "a/b", "a/b/c", "b"}) pair.from.publish(topic, "x", 0, true);
  pair.to.subscribe("a/#");
  EXPECT_THAT(pair.to.take_messages(), UnorderedElementsAre("a=x", "a/b=x", "a/b/c=x"));
}

TEST(MqttRetained, AreBounded) {
  TestServer server(EngineSettings{.retained_max = 1});
  TestClient from(server, kV5);
  from.connect("from");
  from.publish("a", "x", 0, true);
  from.publish("b", "x", 0, true);
  EXPECT_EQ(server.engine.retained().count(), 1U);
  EXPECT_EQ(server.engine.counters().publishes_dropped, 1U);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
