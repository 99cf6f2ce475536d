// SPDX-License-Identifier: Apache-2.0
// Enhanced authentication with the method "COUNT" of TestServer: the client counts to three, the server answers.
#include <gtest/gtest.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::Closing;
using mqtt::Connack;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;

mqtt::Connect counting_connect(std::string_view number) {
  mqtt::Connect connect;
  connect.version = kV5;
  connect.client_id = "c";
  connect.properties.set(PropertyId::authentication_method, "COUNT");
  connect.properties.set(PropertyId::authentication_data, number);
  return connect;
}

Closing auth(ReasonCode reason, std::string_view number, std::string_view method = "COUNT") {
  Closing packet;
  packet.type = PacketType::auth;
  packet.reason = reason;
  packet.properties.set(PropertyId::authentication_method, method);
  packet.properties.set(PropertyId::authentication_data, number);
  return packet;
}

/// A client that has proved who it is.
struct LoggedIn {
  TestServer server;
  TestClient client{server, kV5};
  LoggedIn() {
    client.send(counting_connect("3"));
    client.take();
  }
};

TEST(MqttAuth, GoesOnUntilTheServerHasAVerdict) {
  TestServer server;
  TestClient client(server, kV5);
  client.send(counting_connect("1"));
  const auto challenge = client.last();
  EXPECT_EQ(challenge.type(), PacketType::auth);
  EXPECT_EQ(challenge.as<Closing>().reason, ReasonCode::continue_authentication);
  EXPECT_EQ(challenge.as<Closing>().properties.text(PropertyId::authentication_method), "COUNT");
  EXPECT_EQ(challenge.as<Closing>().properties.text(PropertyId::authentication_data), "2");
  client.send(auth(ReasonCode::continue_authentication, "3"));
  const auto packet = client.last();
  EXPECT_EQ(packet.as<Connack>().code, 0);
  EXPECT_EQ(packet.as<Connack>().properties.text(PropertyId::authentication_method), "COUNT");
  EXPECT_EQ(packet.as<Connack>().properties.text(PropertyId::authentication_data), "4");
  EXPECT_EQ(server.engine.find_session("c")->user_name, "three");
}

TEST(MqttAuth, RefusalIsConnack) {
  TestServer server;
  TestClient wrong(server, kV5);
  wrong.send(counting_connect("0"));
  EXPECT_EQ(wrong.last().as<Connack>().code, 0x86);
  TestClient other_method(server, kV5);
  other_method.send(counting_connect("1"));
  other_method.take();
  other_method.send(auth(ReasonCode::continue_authentication, "3", "OTHER"));
  EXPECT_EQ(other_method.last().as<Connack>().code, 0x82);
  EXPECT_TRUE(other_method.closed());
  EXPECT_TRUE(server.engine.sessions().empty());
}

TEST(MqttAuth, WhatWaitsForAVerdictIsBounded) {
  TestServer server(EngineSettings{.login_bytes_max = 40});
  const auto code_of = [&server](std::string_view number) {
    TestClient client(server, kV5);
    client.send(counting_connect(number));
    return client.last().as<Connack>().code;
  };
  auto undecided = std::make_unique<TestClient>(server, kV5);
  undecided->send(counting_connect("1"));
  EXPECT_EQ(undecided->last().type(), PacketType::auth);
  EXPECT_GT(server.engine.login_bytes(), 20U);
  EXPECT_EQ(code_of("3"), 0x89) << "server busy";
  undecided.reset();
  EXPECT_EQ(code_of("3"), 0);
  EXPECT_EQ(server.engine.login_bytes(), 0U);
}

TEST(MqttAuth, NothingElseComesBeforeConnack) {
  TestServer server;
  TestClient client(server, kV5);
  client.send(counting_connect("1"));
  client.take();
  client.send(mqtt::Ping{});
  EXPECT_EQ(client.last().as<Connack>().code, 0x82);
  EXPECT_TRUE(client.closed());
  TestClient leaving(server, kV5);
  leaving.send(counting_connect("1"));
  leaving.take();
  leaving.disconnect();
  EXPECT_TRUE(leaving.closed());
  TestClient silent(server, kV5);
  silent.send(counting_connect("1"));
  server.pass_seconds(11);
  EXPECT_TRUE(silent.closed()) << "a half login is no way to stay";
}

TEST(MqttAuth, WithoutAMethodThereIsNoAuth) {
  TestServer server;
  TestClient client(server, kV5);
  client.connect("c");
  client.send(auth(ReasonCode::re_authenticate, "3"));
  EXPECT_EQ(client.last().as<Closing>().reason, ReasonCode::protocol_error);
}

TEST(MqttAuth, AgainWhileTrafficGoesOn) {
  LoggedIn it;
  it.client.send(auth(ReasonCode::re_authenticate, "1"));
  EXPECT_EQ(it.client.last().as<Closing>().reason, ReasonCode::continue_authentication);
  it.client.send(mqtt::Ping{});
  EXPECT_EQ(it.client.last().type(), PacketType::pingresp);
  it.client.send(auth(ReasonCode::continue_authentication, "3"));
  const auto verdict = it.client.last();
  EXPECT_EQ(verdict.type(), PacketType::auth);
  EXPECT_EQ(verdict.as<Closing>().reason, ReasonCode::success);
  EXPECT_FALSE(it.client.closed());
}

TEST(MqttAuth, AgainWithoutSuccessEndsTheConnection) {
  for (const auto& [packet, expected] :
       {std::pair(auth(ReasonCode::re_authenticate, "0"), ReasonCode::not_authorized),
        std::pair(auth(ReasonCode::continue_authentication, "3"), ReasonCode::protocol_error),
        std::pair(auth(ReasonCode::re_authenticate, "3", "OTHER"), ReasonCode::protocol_error)}) {
    LoggedIn it;
    it.client.send(packet);
    const auto end = it.client.last();
    EXPECT_EQ(end.type(), PacketType::disconnect);
    EXPECT_EQ(end.as<Closing>().reason, expected);
    EXPECT_TRUE(it.client.closed());
  }
}

}  // namespace
}  // namespace tenon::protocol_mqtt
