// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::Closing;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::Publish;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

/// A subscriber of "#" with this receive maximum.
void connect_with_window(TestClient& client, std::uint32_t window, std::uint8_t qos = 1) {
  mqtt::Connect connect;
  connect.client_id = "window";
  connect.clean_start = false;
  connect.properties.set(PropertyId::receive_maximum, window);
  connect.properties.set(PropertyId::session_expiry_interval, 1000);
  client.connect(connect);
  if (qos > 0) client.subscribe("#", {.qos = qos});
}

TEST(MqttFlow, TheClientsReceiveMaximumHolds) {
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 2);
  for (const char* payload : {"1", "2", "3", "4"}) server.put("t", payload);
  auto packets = client.take();
  ASSERT_EQ(packets.size(), 2U);
  const auto second = packets[1].as<Publish>().packet_id;
  client.answer(PacketType::puback, second);
  EXPECT_THAT(client.take_messages(), ElementsAre("t=3")) << "confirmed out of order";
  server.put("t", "0", 0);
  EXPECT_THAT(client.take_messages(), IsEmpty()) << "behind what waits, so that the order holds";
  client.answer(PacketType::puback, packets[0].as<Publish>().packet_id);
  EXPECT_THAT(client.take_messages(), ElementsAre("t=4", "t=0")) << "QoS 0 is not counted";
}

TEST(MqttFlow, OurReceiveMaximumIsEnforced) {
  TestServer server(EngineSettings{.receive_maximum = 2});
  TestClient client(server, kV5);
  client.connect("c");
  client.publish("t", "1", 2, false, 1);
  client.publish("t", "2", 2, false, 2);
  client.take();
  client.publish("t", "3", 2, false, 3);
  EXPECT_EQ(client.last().as<Closing>().reason, ReasonCode::receive_maximum_exceeded);
}

TEST(MqttFlow, Qos2ToTheClientTakesTheFullExchange) {
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 1, 2);
  server.put("t", "1", 2);
  server.put("t", "2", 2);
  const auto id = client.last().as<Publish>().packet_id;
  client.answer(PacketType::pubrec, id);
  EXPECT_EQ(client.last().type(), PacketType::pubrel);
  client.answer(PacketType::pubcomp, id);
  EXPECT_THAT(client.take_messages(), ElementsAre("t=2"));
}

TEST(MqttFlow, APubrecWithAnErrorEndsTheExchange) {
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 1, 2);
  server.put("t", "1", 2);
  server.put("t", "2", 2);
  client.answer(PacketType::pubrec, client.last().as<Publish>().packet_id, ReasonCode::quota_exceeded);
  EXPECT_THAT(client.take_messages(), ElementsAre("t=2"));
}

TEST(MqttFlow, AcknowledgementsOfTheWrongKindAreErrors) {
  for (const PacketType wrong : {PacketType::puback, PacketType::pubcomp}) {
    TestServer server;
    TestClient client(server, kV5);
    connect_with_window(client, 1, 2);
    server.put("t", "1", 2);
    client.answer(wrong, client.last().as<Publish>().packet_id);
    EXPECT_EQ(client.last().as<Closing>().reason, ReasonCode::protocol_error);
  }
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 1, 1);
  server.put("t", "1", 1);
  client.answer(PacketType::pubrec, client.last().as<Publish>().packet_id);
  EXPECT_EQ(client.last().as<Closing>().reason, ReasonCode::protocol_error);
}

TEST(MqttFlow, UnconfirmedMessagesComeAgainInOrderWithTheirIds) {
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 10, 2);
  server.put("t", "1", 1);
  server.put("t", "2", 2);
  server.put("t", "3", 2);
  server.put("t", "4", 1);
  const auto first = client.take();
  ASSERT_EQ(first.size(), 4U);
  client.answer(PacketType::pubrec, first[1].as<Publish>().packet_id);
  client.lose();
  server.put("t", "5", 1);
  TestClient again(server, kV5);
  connect_with_window(again, 10, 0);
  const auto packets = again.take();
  ASSERT_EQ(packets.size(), 5U);
  EXPECT_TRUE(packets[0].as<Publish>().dup);
  EXPECT_EQ(packets[0].as<Publish>().packet_id, first[0].as<Publish>().packet_id);
  EXPECT_EQ(packets[1].type(), PacketType::pubrel);
  EXPECT_EQ(packets[1].as<mqtt::PublishAnswer>().packet_id, first[1].as<Publish>().packet_id);
  EXPECT_EQ(packets[2].as<Publish>().payload, "3");
  EXPECT_EQ(packets[3].as<Publish>().payload, "4");
  EXPECT_EQ(packets[4].as<Publish>().payload, "5");
  EXPECT_FALSE(packets[4].as<Publish>().dup);
}

TEST(MqttFlow, ASmallerWindowHoldsForWhatComesAgain) {
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 5);
  for (const char* payload : {"1", "2", "3", "4", "5"}) server.put("t", payload);
  client.take();
  client.lose();
  TestClient again(server, kV5);
  connect_with_window(again, 2, 0);
  std::vector<std::string> seen;
  for (int round = 0; round < 10; ++round) {
    const auto packets = again.take();
    ASSERT_LE(packets.size(), 2U);
    for (const Received& packet : packets) {
      seen.emplace_back(packet.as<Publish>().payload);
      again.answer(PacketType::puback, packet.as<Publish>().packet_id);
    }
  }
  EXPECT_THAT(seen, ElementsAre("1", "2", "3", "4", "5"));
}

TEST(MqttFlow, ASmallerWindowHoldsAtEveryConfirmation) {
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 20);
  for (int i = 0; i < 20; ++i) server.put("t", std::to_string(i));
  client.take();
  client.lose();
  TestClient again(server, kV5);
  connect_with_window(again, 5, 0);
  std::deque<std::uint16_t> unconfirmed;
  std::vector<std::string> seen;
  do {
    for (const Received& packet : again.take()) {
      unconfirmed.push_back(packet.as<Publish>().packet_id);
      seen.emplace_back(packet.as<Publish>().payload);
    }
    ASSERT_LE(unconfirmed.size(), 5U);
    again.answer(PacketType::puback, unconfirmed.front());
    unconfirmed.pop_front();
  } while (!unconfirmed.empty());
  ASSERT_EQ(seen.size(), 20U);
  EXPECT_EQ(seen.back(), "19");
}

TEST(MqttFlow, WhatDoesNotFitTheNewConnectionHoldsNothingUp) {
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 2);
  server.put("t", std::string(500, 'x'));
  server.put("t", "small");
  client.take();
  client.lose();
  TestClient again(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "window";
  connect.clean_start = false;
  connect.properties.set(PropertyId::receive_maximum, 1);
  connect.properties.set(PropertyId::maximum_packet_size, 100);
  again.connect(connect);
  EXPECT_THAT(again.take_messages(), ElementsAre("t=small"));
}

TEST(MqttFlow, NothingNewOvertakesWhatComesAgain) {
  TestServer server(EngineSettings{.output_bytes_high = 300});
  TestClient client(server, kV5);
  connect_with_window(client, 10);
  for (const char payload : {'1', '2', '3'}) {
    server.put("t", std::string(200, payload));
    client.take();
    client.link().output_drained();
  }
  client.lose();
  TestClient again(server, kV5);
  connect_with_window(again, 10, 0);
  std::string order;
  server.put("t", "4");
  for (int round = 0; round < 5; ++round) {
    for (const Received& packet : again.take()) order += packet.as<Publish>().payload.front();
    again.link().output_drained();
  }
  EXPECT_EQ(order, "1234");
}

TEST(MqttFlow, EverNewSubscriptionIdentifiersCostNoMemory) {
  TestServer server(EngineSettings{.queued_messages_max = 10});
  TestClient client(server, kV5);
  connect_with_window(client, 1);
  server.put("t", "held");
  for (std::uint32_t id = 1; id <= 1'000; ++id) {
    client.subscribe("t", {.qos = 1}, id);
    server.put("t", std::to_string(id));
  }
  EXPECT_LE(server.engine.find_session("window")->outbound().identifier_set_count(), 32U);
  const auto first = client.take();
  client.answer(PacketType::puback, first.front().as<Publish>().packet_id);
  EXPECT_THAT(client.last().as<Publish>().properties.subscription_identifiers, ElementsAre(1U));
}

TEST(MqttFlow, PacketIdsWrapAround) {
  TestServer server;
  TestClient client(server, kV5);
  connect_with_window(client, 3);
  server.put("t", "held");
  const auto held = client.last().as<Publish>().packet_id;
  for (int i = 0; i < 70'000; ++i) {
    server.put("t", "x");
    const auto packets = client.take();
    ASSERT_EQ(packets.size(), 1U);
    const auto id = packets[0].as<Publish>().packet_id;
    ASSERT_NE(id, held);
    ASSERT_NE(id, 0);
    client.answer(PacketType::puback, id);
  }
}

TEST(MqttFlow, SleepersAreBounded) {
  TestServer server(EngineSettings{.queued_messages_max = 3});
  TestClient client(server, kV5);
  connect_with_window(client, 10);
  client.lose();
  for (int i = 0; i < 5; ++i) server.put("t", std::to_string(i));
  EXPECT_EQ(server.engine.counters().publishes_dropped, 2U);
  TestClient again(server, kV5);
  connect_with_window(again, 10, 0);
  EXPECT_THAT(again.take_messages(), ElementsAre("t=0", "t=1", "t=2"));
}

TEST(MqttFlow, SlowReadersLoseQos0AndKeepQos1) {
  TestServer server(EngineSettings{.output_bytes_high = 1000});
  TestClient client(server, kV5);
  connect_with_window(client, 100);
  for (int i = 0; i < 50; ++i) server.put("t", std::string(100, 'x'), 0);
  EXPECT_LT(client.link().output().size(), 1200U);
  EXPECT_GT(server.engine.counters().publishes_dropped, 30U);
  server.put("t", "kept", 1);
  client.take();
  client.link().output_drained();
  EXPECT_THAT(client.take_messages(), ElementsAre("t=kept"));
}

}  // namespace
}  // namespace tenon::protocol_mqtt
