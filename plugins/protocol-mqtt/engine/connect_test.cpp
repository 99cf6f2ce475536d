// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::Closing;
using mqtt::Connack;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;

TEST(MqttConnect, IsAnsweredWithTheLimits) {
  TestServer server;
  TestClient client(server, kV5);
  const Connack connack = client.connect("c");
  EXPECT_EQ(connack.code, 0);
  EXPECT_FALSE(connack.session_present);
  EXPECT_EQ(connack.properties.number(PropertyId::receive_maximum), server.engine.settings().receive_maximum);
  EXPECT_EQ(connack.properties.number(PropertyId::topic_alias_maximum), server.engine.settings().topic_alias_maximum);
  EXPECT_FALSE(connack.properties.has(PropertyId::assigned_client_identifier));
}

TEST(MqttConnect, AssignsAnIdToWhoHasNone) {
  TestServer server;
  TestClient v5(server, kV5);
  mqtt::Connect connect;
  connect.clean_start = false;
  v5.send([&] {
    connect.version = kV5;
    return connect;
  }());
  const auto packet = v5.last();
  EXPECT_TRUE(packet.as<Connack>().properties.text(PropertyId::assigned_client_identifier).has_value());

  TestClient v4(server, kV4);
  EXPECT_EQ(v4.connect("", false).code, 2) << "3.1.1 asks for a clean session then";
  EXPECT_TRUE(v4.closed());
  TestClient clean(server, kV4);
  EXPECT_EQ(clean.connect("", true).code, 0);
}

TEST(MqttConnect, RefusesWhomTheDoorkeeperRefuses) {
  TestServer server;
  mqtt::Connect connect;
  connect.client_id = "c";
  connect.user_name = "mallory";
  TestClient v5(server, kV5);
  EXPECT_EQ(v5.connect(connect).code, 0x86);
  EXPECT_TRUE(v5.closed());
  TestClient v4(server, kV4);
  EXPECT_EQ(v4.connect(connect).code, 4);
  EXPECT_TRUE(v4.closed());
  EXPECT_TRUE(server.engine.sessions().empty());
}

/// CONNECT and PUBLISH in one go.
std::string connect_and_publish(std::string_view user_name) {
  mqtt::Connect connect;
  connect.version = kV4;
  connect.client_id = "c";
  connect.user_name = user_name;
  std::string bytes;
  mqtt::encode(mqtt::Packet(connect), kV4, bytes);
  mqtt::Publish publish;
  publish.topic = "a";
  mqtt::encode(publish, kV4, bytes);
  return bytes;
}

TEST(MqttConnect, PacketsBehindItAreServedUnlessItIsRefused) {
  TestServer server;
  TestClient refused(server, kV4);
  refused.send_raw(connect_and_publish("mallory"));
  EXPECT_TRUE(server.log.empty());
  TestClient accepted(server, kV4);
  accepted.send_raw(connect_and_publish("alice"));
  EXPECT_EQ(server.log.size(), 1U);
}

TEST(MqttConnect, UnsupportedVersionsAreToldSoInTheirForm) {
  TestServer server;
  TestClient v3(server, kV4);
  v3.send_raw(
      std::string("\x10\x0d\0\x04MQTT\x03\x02\0\0\0\x01"
                  "c",
                  15));
  EXPECT_EQ(v3.last().as<Connack>().code, 1);
  EXPECT_TRUE(v3.closed());
  TestClient v6(server, kV5);
  v6.send_raw(
      std::string("\x10\x0d\0\x04MQTT\x06\x02\0\0\0\x01"
                  "c",
                  15));
  EXPECT_EQ(v6.last().as<Connack>().code, 0x84);
  EXPECT_TRUE(v6.closed());
}

TEST(MqttConnect, EnhancedAuthenticationIsRefusedAsUnknown) {
  TestServer server;
  TestClient client(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "c";
  connect.properties.set(PropertyId::authentication_method, "SCRAM-SHA-256");
  EXPECT_EQ(client.connect(connect).code, 0x8C);
  EXPECT_TRUE(client.closed());
}

TEST(MqttConnect, TheFirstPacketMustBeConnectAndTheSecondMustNot) {
  TestServer server;
  TestClient early(server, kV4);
  early.send(mqtt::Ping{});
  EXPECT_TRUE(early.closed());
  EXPECT_TRUE(early.take().empty());

  TestClient twice(server, kV5);
  twice.connect("c");
  mqtt::Connect again;
  again.version = kV5;
  twice.send(again);
  EXPECT_EQ(twice.last().as<Closing>().reason, ReasonCode::protocol_error);
  EXPECT_TRUE(twice.closed());
}

TEST(MqttConnect, ANewConnectionTakesTheClientOver) {
  TestServer server;
  TestClient first(server, kV5);
  first.connect("c");
  TestClient second(server, kV4);
  second.connect("c");
  EXPECT_TRUE(first.closed());
  EXPECT_EQ(first.last().as<Closing>().reason, ReasonCode::session_taken_over);
  EXPECT_EQ(server.engine.connection_count(), 1U);
  TestClient third(server, kV5);
  third.connect("c");
  EXPECT_TRUE(second.closed());
  EXPECT_TRUE(second.take().empty()) << "3.1.1 has no DISCONNECT from the server";
}

TEST(MqttConnect, SilentConnectionsAreClosed) {
  TestServer server;
  TestClient client(server, kV4);
  server.pass_seconds(11);
  EXPECT_TRUE(client.closed());
}

TEST(MqttKeepAlive, EndsAfterOneAndAHalf) {
  TestServer server;
  TestClient v5(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "a";
  connect.keep_alive_s = 10;
  v5.connect(connect);
  server.pass_seconds(14);
  v5.send(mqtt::Ping{});
  EXPECT_EQ(v5.last().type(), PacketType::pingresp);
  server.pass_seconds(15);
  EXPECT_FALSE(v5.closed());
  server.pass_seconds(1);
  EXPECT_TRUE(v5.closed());
  EXPECT_EQ(v5.last().as<Closing>().reason, ReasonCode::keep_alive_timeout);
}

TEST(MqttKeepAlive, SettingTheClockEndsNobody) {
  TestServer server;
  TestClient client(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "c";
  connect.keep_alive_s = 10;
  client.connect(connect);
  for (const std::int64_t hours : {1, -2}) {
    server.now += hours * 3'600'000;
    server.pass_seconds(5);
    EXPECT_FALSE(client.closed());
  }
}

TEST(MqttKeepAlive, NobodyIsSilentWhileTheStoreKeepsHimWaiting) {
  TestServer server(EngineSettings{.stores_pending_max = 1});
  TestClient client(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "c";
  connect.keep_alive_s = 10;
  client.connect(connect);
  server.hold = true;
  client.publish("t", "x", 1);
  server.pass_seconds(60);
  EXPECT_FALSE(client.closed()) << "its pings are not read";
  server.release();
  server.pass_seconds(40);
  EXPECT_TRUE(client.closed());
}

TEST(MqttKeepAlive, TheServersLimitIsToldAndHolds) {
  TestServer server(EngineSettings{.keep_alive_max_s = 10});
  TestClient v5(server, kV5);
  EXPECT_EQ(v5.connect("a").properties.number(PropertyId::server_keep_alive), 10U) << "0 would be never";
  mqtt::Connect connect;
  connect.client_id = "b";
  connect.keep_alive_s = 5;
  TestClient shorter(server, kV5);
  EXPECT_FALSE(shorter.connect(connect).properties.has(PropertyId::server_keep_alive));
  TestClient old(server, kV4);
  old.connect("c");
  server.pass_seconds(17);
  EXPECT_TRUE(v5.closed());
  EXPECT_FALSE(old.closed()) << "3.1.1 cannot be told";
}

TEST(MqttKeepAlive, PartsOfPacketsDoNotCountAndZeroIsNever) {
  TestServer server;
  TestClient forever(server, kV4);
  forever.connect("forever");
  TestClient slow(server, kV4);
  mqtt::Connect connect;
  connect.client_id = "slow";
  connect.keep_alive_s = 2;
  slow.connect(connect);
  for (int i = 0; i < 4; ++i) {
    slow.send_raw(std::string_view("\x30\x7F", 2));
    server.pass_seconds(1);
  }
  EXPECT_TRUE(slow.closed());
  server.pass_seconds(1000);
  EXPECT_FALSE(forever.closed());
}

TEST(MqttConnect, ShutDownTellsWhoCanHear) {
  TestServer server;
  TestClient v5(server, kV5);
  v5.connect("a");
  TestClient v4(server, kV4);
  v4.connect("b");
  server.engine.shut_down();
  EXPECT_EQ(v5.last().as<Closing>().reason, ReasonCode::server_shutting_down);
  EXPECT_TRUE(v4.closed());
}

}  // namespace
}  // namespace tenon::protocol_mqtt
