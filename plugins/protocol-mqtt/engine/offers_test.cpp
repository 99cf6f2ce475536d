// SPDX-License-Identifier: Apache-2.0
// What a server may leave out: clients of 5.0 are told in CONNACK, and who asks for it all the same hears a code of its
// own. MQTT 5.0 sections 3.2.2.3 and 4.13.
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

mqtt::Connect with_will(std::uint8_t qos, bool retain) {
  mqtt::Connect connect;
  connect.client_id = "c";
  mqtt::Will& will = connect.will.emplace();
  will.topic = "will";
  will.qos = qos;
  will.retain = retain;
  return connect;
}

ReasonCode code_of(const mqtt::Connack& connack) { return static_cast<ReasonCode>(connack.code); }

// MQTT-3.2.2-9
TEST(MqttOffers, WhatIsLeftOutIsTold) {
  TestServer all,
      less(EngineSettings{
          .qos_max = 1, .retain_available = false, .wildcard_subscriptions = false, .shared_subscriptions = false});
  TestClient one(all, kV5), other(less, kV5);
  const auto everything = one.connect("c").properties;
  const auto told = other.connect("c").properties;
  for (const PropertyId id : {PropertyId::maximum_qos, PropertyId::retain_available,
                              PropertyId::wildcard_subscription_available, PropertyId::shared_subscription_available}) {
    EXPECT_FALSE(everything.has(id)) << "absent means that there is all of it";
    EXPECT_EQ(told.number(id), id == PropertyId::maximum_qos ? 1U : 0U);
  }
}

// MQTT-3.1.2-28
TEST(MqttOffers, ResponseTopicsAreToldToWhoAsks) {
  TestServer server(EngineSettings{.response_topics = "answers/{client}/"}), silent;
  const auto told = [](TestServer& by, std::string_view client_id, std::uint32_t ask) {
    TestClient client(by, kV5);
    mqtt::Connect connect;
    connect.client_id = client_id;
    connect.properties.set(PropertyId::request_response_information, ask);
    connect.version = kV5;
    client.send(connect);
    const Received answer = client.last();
    return std::string(
        answer.as<mqtt::Connack>().properties.text(PropertyId::response_information).value_or("nothing"));
  };
  EXPECT_EQ(told(server, "meter-7", 1), "answers/meter-7/");
  EXPECT_EQ(told(server, "meter-7", 0), "nothing");
  EXPECT_EQ(told(server, "a+b", 1), "nothing") << "no topic has such a level";
  EXPECT_EQ(told(silent, "meter-7", 1), "nothing");
}

// MQTT-3.2.2-10, MQTT-3.2.2-11, MQTT-3.2.2-12
TEST(MqttOffers, AboveTheMaximumQosNothingIsTaken) {
  TestServer server(EngineSettings{.qos_max = 1});
  TestClient client(server, kV5), willing(server, kV5), old(server, kV4);
  client.connect("a");
  EXPECT_THAT(client.subscribe("t", {.qos = 2}), ElementsAre(ReasonCode::granted_qos_1));
  client.publish("t", "x", 1);
  EXPECT_FALSE(client.closed());
  client.take();
  client.publish("t", "x", 2);
  EXPECT_EQ(client.last().as<Closing>().reason, ReasonCode::qos_not_supported);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(code_of(willing.connect(with_will(2, false))), ReasonCode::qos_not_supported);
  old.connect("old");
  old.publish("t", "x", 2);
  EXPECT_TRUE(old.closed());
  EXPECT_EQ(server.log.size(), 1U);
}

// MQTT-3.2.2-13, MQTT-3.2.2-14
TEST(MqttOffers, WhereNothingIsRetainedRetainIsRefused) {
  TestServer server(EngineSettings{.retain_available = false});
  TestClient client(server, kV5), willing(server, kV5);
  EXPECT_EQ(code_of(willing.connect(with_will(0, true))), ReasonCode::retain_not_supported);
  client.connect("a");
  client.publish("t", "x", 1, true);
  EXPECT_EQ(client.last().as<Closing>().reason, ReasonCode::retain_not_supported);
  server.engine.announce("$SYS/broker/version", "1");
  EXPECT_EQ(server.engine.retained().count(), 1U) << "the server's own are told";
}

TEST(MqttOffers, KindsOfSubscriptionsCanBeLeftOut) {
  TestServer server(EngineSettings{.wildcard_subscriptions = false, .shared_subscriptions = false});
  TestClient client(server, kV5), old(server, kV4);
  client.connect("a");
  EXPECT_THAT(client.subscribe("t/+"), ElementsAre(ReasonCode::wildcard_subscriptions_not_supported));
  EXPECT_THAT(client.subscribe("$share/g/t"), ElementsAre(ReasonCode::shared_subscriptions_not_supported));
  EXPECT_THAT(client.subscribe("t"), ElementsAre(ReasonCode::success));
  old.connect("old");
  EXPECT_THAT(old.subscribe("#"), ElementsAre(ReasonCode::unspecified_error));
}

Publish text_message(std::uint8_t qos, std::string_view payload) {
  Publish publish;
  publish.topic = "t";
  publish.payload = payload;
  publish.qos = qos;
  publish.packet_id = qos == 0 ? 0 : 7;
  publish.properties.set(PropertyId::payload_format_indicator, 1);
  return publish;
}

TEST(MqttOffers, APayloadIsTheUtf8ItSaysItIs) {
  TestServer server(EngineSettings{.check_payload_format = true});
  TestClient client(server, kV5);
  client.connect("a");
  client.send(text_message(1, "\xC3\xA4"));
  client.send(text_message(1, std::string_view("a\0b", 3)));
  EXPECT_EQ(server.log.size(), 2U) << "U+0000 is a character there";
  client.take();
  for (const std::uint8_t qos : {std::uint8_t{1}, std::uint8_t{2}}) {
    client.send(text_message(qos, "\xC3"));
    const Received answer = client.last();
    EXPECT_EQ(answer.type(), qos == 1 ? PacketType::puback : PacketType::pubrec);
    EXPECT_EQ(answer.as<PublishAnswer>().reason, ReasonCode::payload_format_invalid);
  }
  client.send(text_message(0, "\xC3"));
  EXPECT_EQ(client.last().as<Closing>().reason, ReasonCode::payload_format_invalid);
  TestClient willing(server, kV5);
  mqtt::Connect connect = with_will(0, false);
  connect.will->payload = "\xFF";
  connect.will->properties.set(PropertyId::payload_format_indicator, 1);
  EXPECT_EQ(code_of(willing.connect(connect)), ReasonCode::payload_format_invalid);
  EXPECT_EQ(server.log.size(), 2U);
}

TEST(MqttOffers, WithoutTheCheckNobodyLooksAtPayloads) {
  TestServer server;
  TestClient client(server, kV5);
  client.connect("a");
  client.send(text_message(1, "\xC3"));
  EXPECT_EQ(server.log.size(), 1U);
}

TEST(MqttOffers, WhoeverPublishesHearsWhetherAnybodyListens) {
  Pair pair;
  for (const std::uint8_t qos : {std::uint8_t{1}, std::uint8_t{2}}) {
    pair.from.publish("t", "x", qos, false, qos);
    EXPECT_EQ(pair.from.last().as<PublishAnswer>().reason, ReasonCode::no_matching_subscribers);
  }
  pair.to.subscribe("$share/g/t");
  pair.from.publish("t", "x", 1, false, 3);
  EXPECT_EQ(pair.from.last().as<PublishAnswer>().reason, ReasonCode::success);
}

TEST(MqttOffers, AnIdentifierThatIsInUseIsRefused) {
  TestServer server;
  TestClient client(server, kV5), old(server, kV4);
  client.connect("a");
  client.publish("t", "x", 2, false, 77);
  EXPECT_THAT(client.subscribe("t"), ElementsAre(ReasonCode::packet_identifier_in_use));
  mqtt::Unsubscribe unsubscribe;
  unsubscribe.packet_id = 77;
  unsubscribe.filters = {"t"};
  client.send(unsubscribe);
  EXPECT_THAT(client.last().as<mqtt::SubscribeAnswer>().codes, ElementsAre(ReasonCode::packet_identifier_in_use));
  client.publish("t", "y", 1, false, 77);
  EXPECT_EQ(client.last().as<PublishAnswer>().reason, ReasonCode::packet_identifier_in_use);
  EXPECT_EQ(server.log.size(), 1U);
  old.connect("old");
  old.publish("t", "x", 2, false, 77);
  EXPECT_THAT(old.subscribe("t"), ElementsAre(ReasonCode::success)) << "3.1.1 has no words for it";
}

}  // namespace
}  // namespace tenon::protocol_mqtt
