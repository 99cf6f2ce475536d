// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::Closing;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::Publish;
using mqtt::PublishAnswer;
using mqtt::ReasonCode;
using testing::ElementsAre;

TEST(MqttPublish, EachQosIsAcknowledgedItsWay) {
  Pair pair;
  pair.from.publish("t", "0");
  EXPECT_TRUE(pair.from.take().empty());
  pair.from.publish("t", "1", 1, false, 7);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().type, PacketType::puback);
  pair.from.publish("t", "2", 2, false, 8);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().type, PacketType::pubrec);
  pair.from.answer(PacketType::pubrel, 8);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().type, PacketType::pubcomp);
  EXPECT_EQ(pair.server.log.size(), 3U);
}

TEST(MqttPublish, NothingIsAcknowledgedBeforeItIsStored) {
  Pair pair;
  pair.server.hold = true;
  pair.from.publish("t", "1", 1, false, 7);
  pair.from.publish("t", "2", 2, false, 8);
  pair.from.publish("t", "2", 2, false, 8);
  EXPECT_TRUE(pair.from.take().empty());
  EXPECT_EQ(pair.server.log.size(), 2U);
  pair.server.release();
  EXPECT_EQ(pair.from.take().size(), 2U);
}

TEST(MqttPublish, ARefusingStoreIsPassedOn) {
  Pair pair;
  pair.server.outcome = ReasonCode::quota_exceeded;
  pair.from.publish("t", "1", 1);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().reason, ReasonCode::quota_exceeded);
  pair.from.publish("t", "2", 2, false, 5);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().reason, ReasonCode::quota_exceeded);
  pair.server.outcome = ReasonCode::success;
  pair.from.publish("t", "2", 2, false, 5);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().reason, ReasonCode::no_matching_subscribers) << "the id was free";
  pair.server.outcome = ReasonCode::quota_exceeded;
  TestClient old(pair.server, kV4);
  old.connect("old");
  old.publish("t", "1", 1);
  EXPECT_TRUE(old.closed()) << "3.1.1 has no other way to say it";
  EXPECT_TRUE(old.take().empty());
}

TEST(MqttPublish, Qos2IsStoredOnceUntilItIsReleased) {
  Pair pair;
  pair.from.publish("t", "x", 2, false, 9);
  pair.from.publish("t", "x", 2, false, 9);
  EXPECT_EQ(pair.server.log.size(), 1U);
  EXPECT_EQ(pair.from.take().size(), 2U);
  pair.from.answer(PacketType::pubrel, 9);
  pair.from.publish("t", "y", 2, false, 9);
  EXPECT_EQ(pair.server.log.size(), 2U) << "after PUBREL the same id is a new message";
}

TEST(MqttPublish, UnknownPubrelIsAnsweredAsTheVersionSays) {
  Pair pair;
  pair.from.answer(PacketType::pubrel, 99);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().reason, ReasonCode::packet_identifier_not_found);
  pair.from.answer(PacketType::pubrec, 99);
  const auto answer = pair.from.last();
  EXPECT_EQ(answer.as<PublishAnswer>().type, PacketType::pubrel);
  EXPECT_EQ(answer.as<PublishAnswer>().reason, ReasonCode::packet_identifier_not_found);
}

TEST(MqttPublish, DeliveredQosIsTheSmaller) {
  Pair pair;
  pair.to.subscribe("q0", {.qos = 0});
  pair.to.subscribe("q2", {.qos = 2});
  pair.from.publish("q0", "x", 2);
  EXPECT_EQ(pair.to.last().as<Publish>().qos, 0);
  pair.from.publish("q2", "x", 1, false, 2);
  EXPECT_EQ(pair.to.last().as<Publish>().qos, 1);
  pair.from.publish("q2", "x", 2, false, 3);
  EXPECT_EQ(pair.to.last().as<Publish>().qos, 2);
}

TEST(MqttPublish, PropertiesPassUnchangedAndInOrder) {
  Pair pair;
  pair.to.subscribe("t", {.qos = 1}, 268'435'455);
  Publish publish;
  publish.topic = "t";
  publish.payload = "p";
  auto& properties = publish.properties;
  properties.set(PropertyId::payload_format_indicator, 1);
  properties.set(PropertyId::content_type, "text/plain");
  properties.set(PropertyId::response_topic, "reply");
  properties.set(PropertyId::correlation_data, std::string_view("\0\1", 2));
  properties.set(PropertyId::message_expiry_interval, 100);
  properties.user_properties = {{"b", "1"}, {"a", "2"}, {"b", "3"}};
  pair.server.hold = true;
  pair.from.send(publish);
  pair.server.now += 30'000;
  const auto got = pair.to.last();
  const auto& it = got.as<Publish>().properties;
  EXPECT_EQ(it.number(PropertyId::payload_format_indicator), 1U);
  EXPECT_EQ(it.text(PropertyId::content_type), "text/plain");
  EXPECT_EQ(it.text(PropertyId::response_topic), "reply");
  EXPECT_EQ(it.text(PropertyId::correlation_data), std::string_view("\0\1", 2));
  EXPECT_EQ(it.number(PropertyId::message_expiry_interval), 100U);
  EXPECT_THAT(it.subscription_identifiers, ElementsAre(268'435'455));
  EXPECT_EQ(it.user_properties, properties.user_properties);
  TestClient old(pair.server, kV4);
  old.connect("old");
  old.subscribe("t", {.qos = 1});
  pair.from.send(publish);
  EXPECT_EQ(old.last().as<Publish>().payload, "p");
}

TEST(MqttPublish, AliasesOfTheClient) {
  Pair pair;
  pair.to.subscribe("#");
  Publish publish;
  publish.topic = "long/topic";
  publish.payload = "1";
  publish.properties.set(PropertyId::topic_alias, 16);
  pair.from.send(publish);
  publish.topic = "";
  publish.payload = "2";
  pair.from.send(publish);
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("long/topic=1", "long/topic=2"));
  publish.properties.set(PropertyId::topic_alias, 15);
  pair.from.send(publish);
  EXPECT_EQ(pair.from.last().as<Closing>().reason, ReasonCode::protocol_error);
  TestClient high(pair.server, kV5);
  high.connect("high");
  publish.topic = "t";
  publish.properties.set(PropertyId::topic_alias, 17);
  high.send(publish);
  EXPECT_EQ(high.last().as<Closing>().reason, ReasonCode::topic_alias_invalid);
}

TEST(MqttPublish, AliasesToTheClient) {
  Pair pair;
  TestClient client(pair.server, kV5);
  mqtt::Connect connect;
  connect.client_id = "aliases";
  connect.properties.set(PropertyId::topic_alias_maximum, 1);
  client.connect(connect);
  client.subscribe("#");
  for (const char* topic : {"a", "a", "b", "a"}) pair.from.publish(topic, "x");
  const auto packets = client.take();
  ASSERT_EQ(packets.size(), 4U);
  EXPECT_EQ(packets[0].as<Publish>().topic, "a");
  EXPECT_EQ(packets[0].as<Publish>().properties.number(PropertyId::topic_alias), 1U);
  EXPECT_EQ(packets[1].as<Publish>().topic, "");
  EXPECT_EQ(packets[1].as<Publish>().properties.number(PropertyId::topic_alias), 1U);
  EXPECT_EQ(packets[2].as<Publish>().topic, "b");
  EXPECT_FALSE(packets[2].as<Publish>().properties.has(PropertyId::topic_alias));
  EXPECT_EQ(packets[3].as<Publish>().topic, "");
}

TEST(MqttPublish, WhatAClientMayNotSendEndsTheConnection) {
  Pair pair;
  Publish publish;
  publish.topic = "t";
  publish.properties.subscription_identifiers.push_back(1);
  pair.from.send(publish);
  EXPECT_EQ(pair.from.last().as<Closing>().reason, ReasonCode::protocol_error);
  pair.to.send(mqtt::Connack{});
  EXPECT_EQ(pair.to.last().as<Closing>().reason, ReasonCode::protocol_error);
}

TEST(MqttPublish, ForbiddenTopicsGoNowhere) {
  Pair pair;
  pair.server.forbidden_topic = "secret";
  pair.to.subscribe("#");
  pair.from.publish("secret", "x", 1);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().reason, ReasonCode::not_authorized);
  pair.from.publish("$SYS/broker/version", "x", 1);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().reason, ReasonCode::not_authorized);
  TestClient old(pair.server, kV4);
  old.connect("old");
  old.publish("secret", "x", 1);
  EXPECT_EQ(old.last().as<PublishAnswer>().type, PacketType::puback);
  EXPECT_TRUE(pair.server.log.empty());
}

TEST(MqttPublish, MessagesTooLargeForTheClientAreDropped) {
  Pair pair;
  TestClient small(pair.server, kV5);
  mqtt::Connect connect;
  connect.client_id = "small";
  connect.properties.set(PropertyId::maximum_packet_size, 40);
  small.connect(connect);
  small.subscribe("#", {.qos = 1});
  pair.from.publish("t", std::string(100, 'x'), 1, false, 1);
  pair.from.publish("t", "fits", 1, false, 2);
  EXPECT_THAT(small.take_messages(), ElementsAre("t=fits"));
  EXPECT_EQ(pair.server.engine.counters().publishes_dropped, 1U);
}

TEST(MqttPublish, PacketsAboveOurLimitEndTheConnection) {
  TestServer server(EngineSettings{.packet_bytes_max = 100});
  TestClient client(server, kV5);
  client.connect("c");
  client.publish("t", std::string(200, 'x'));
  EXPECT_EQ(client.last().as<Closing>().reason, ReasonCode::packet_too_large);
}

TEST(MqttPublish, ExpiredMessagesAreNotDelivered) {
  Pair pair;
  TestClient sleeper(pair.server, kV5);
  sleeper.connect("sleeper", true, 1000);
  sleeper.subscribe("t", {.qos = 1});
  sleeper.lose();
  Publish publish;
  publish.topic = "t";
  publish.qos = 1;
  publish.packet_id = 1;
  publish.payload = "soon";
  publish.properties.set(PropertyId::message_expiry_interval, 5);
  pair.from.send(publish);
  publish.payload = "later";
  publish.properties.set(PropertyId::message_expiry_interval, 60);
  pair.from.send(publish);
  pair.server.pass_seconds(10);
  TestClient again(pair.server, kV5);
  EXPECT_TRUE(again.connect("sleeper", false, 1000).session_present);
  const auto packets = again.take();
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].as<Publish>().payload, "later");
  EXPECT_EQ(packets[0].as<Publish>().properties.number(PropertyId::message_expiry_interval), 50U);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
