// SPDX-License-Identifier: Apache-2.0
// Clients whose password takes long to check: the verdict comes after the call that asked for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::Connack;
using mqtt::PacketType;
using mqtt::ReasonCode;
using testing::IsEmpty;

std::string bytes_of_connect(mqtt::ProtocolVersion version) {
  mqtt::Connect connect;
  connect.version = version;
  connect.client_id = "c";
  connect.user_name = "slow";
  connect.password = "p";
  std::string bytes;
  mqtt::encode(connect, version, bytes);
  return bytes;
}

TEST(MqttJudgement, NothingIsServedBeforeTheVerdict) {
  TestServer server;
  TestClient client(server, kV5);
  const std::string connect = bytes_of_connect(kV5);
  const std::string both = connect + std::string("\xC0\0", 2);
  EXPECT_EQ(client.link().receive(both), connect.size()) << "the PINGREQ waits";
  EXPECT_TRUE(client.link().must_rest());
  EXPECT_THAT(client.take(), IsEmpty());
  server.engine.judged(server.judgements.at(0), ReasonCode::success);
  EXPECT_EQ(client.last().as<Connack>().code, 0);
  EXPECT_FALSE(client.link().must_rest());
  client.send_raw(std::string_view(both).substr(connect.size()));
  EXPECT_EQ(client.last().type(), PacketType::pingresp);
  EXPECT_EQ(server.engine.login_bytes(), 0U);
}

TEST(MqttJudgement, ARefusalIsSaidInTheClientsVersion) {
  for (const auto version : {kV4, kV5}) {
    TestServer server;
    TestClient client(server, version);
    client.send_raw(bytes_of_connect(version));
    server.engine.judged(server.judgements.at(0), ReasonCode::bad_user_name_or_password);
    EXPECT_EQ(client.last().as<Connack>().code, version == kV5 ? 0x86 : 4);
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(server.engine.find_session("c"), nullptr);
  }
}

TEST(MqttJudgement, AClientThatIsGoneIsNotLetIn) {
  TestServer server;
  TestClient client(server, kV5);
  client.send_raw(bytes_of_connect(kV5));
  EXPECT_FALSE(server.askers.at(0).expired());
  client.lose();
  EXPECT_TRUE(server.askers.at(0).expired()) << "its password need not be checked any more";
  server.engine.judged(server.judgements.at(0), ReasonCode::success);
  EXPECT_EQ(server.engine.find_session("c"), nullptr);
  EXPECT_EQ(server.engine.login_bytes(), 0U);
}

TEST(MqttJudgement, WaitingForTheVerdictIsNoSilence) {
  TestServer server;
  TestClient client(server, kV5);
  client.send_raw(bytes_of_connect(kV5));
  server.pass_seconds(30);
  EXPECT_FALSE(client.closed());
  server.pass_seconds(60);
  EXPECT_TRUE(client.closed()) << "nobody comes to a verdict";
}

TEST(MqttJudgement, WaitingForOurPartOfTheHandshakeIsNoSilence) {
  TestServer server;
  TestClient client(server, kV5), helped(server, kV5);
  client.shaking = helped.shaking = true;
  server.pass_seconds(30);
  EXPECT_FALSE(client.closed());
  helped.shaking = false;
  helped.link().excuse(30'000);
  server.pass_seconds(5);
  EXPECT_FALSE(helped.closed()) << "it has had five seconds of its ten";
  server.pass_seconds(30);
  EXPECT_TRUE(helped.closed());
  EXPECT_TRUE(client.closed()) << "nobody goes on with it";
}

TEST(MqttJudgement, AVerdictThatCannotBeServedEndsTheConnection) {
  TestServer server;
  TestClient before(server, kV5), client(server, kV5);
  before.connect("c");
  client.send_raw(bytes_of_connect(kV5));
  server.before_clock = [&server] {
    server.before_clock = nullptr;
    throw std::bad_alloc();
  };
  server.engine.judged(server.judgements.at(0), ReasonCode::success);
  EXPECT_TRUE(client.link().failed()) << "its transport closes it";
}

TEST(MqttJudgement, HeldConnectsAreBounded) {
  TestServer server(EngineSettings{.login_bytes_max = 10});
  TestClient client(server, kV5);
  client.send_raw(bytes_of_connect(kV5));
  EXPECT_EQ(client.last().as<Connack>().code, 0x89);
  EXPECT_THAT(server.judgements, IsEmpty());
}

}  // namespace
}  // namespace tenon::protocol_mqtt
