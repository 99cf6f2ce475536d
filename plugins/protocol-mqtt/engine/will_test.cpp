// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::PropertyId;
using mqtt::Publish;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;

/// One client with a will, one that sees it.
struct Scene {
  TestServer server;
  TestClient watcher{server, kV5};
  std::unique_ptr<TestClient> client;

  explicit Scene(mqtt::ProtocolVersion version = kV5, std::uint32_t delay_s = 0, std::uint32_t expiry_s = 0,
                 bool retain = false) {
    watcher.connect("watcher");
    watcher.subscribe("will/#", {.qos = 1});
    client = std::make_unique<TestClient>(server, version);
    mqtt::Connect connect;
    connect.client_id = "client";
    connect.keep_alive_s = 10;
    connect.clean_start = version == kV5 || expiry_s == 0;
    if (expiry_s > 0) connect.properties.set(PropertyId::session_expiry_interval, expiry_s);
    mqtt::Will& will = connect.will.emplace();
    will.topic = "will/client";
    will.payload = "gone";
    will.qos = 1;
    will.retain = retain;
    if (delay_s > 0) will.properties.set(PropertyId::will_delay_interval, delay_s);
    will.properties.set(PropertyId::message_expiry_interval, 100);
    client->connect(connect);
  }
  std::vector<std::string> seen() { return watcher.take_messages(); }
};

TEST(MqttWill, IsDroppedByANormalDisconnect) {
  for (const auto version : {kV4, kV5}) {
    Scene scene(version);
    scene.client->disconnect();
    EXPECT_THAT(scene.seen(), IsEmpty());
  }
}

TEST(MqttWill, IsPublishedByEveryOtherEnd) {
  for (const auto version : {kV4, kV5}) {
    {
      Scene scene(version);
      scene.client->lose();
      EXPECT_THAT(scene.seen(), ElementsAre("will/client=gone"));
    }
    {
      Scene scene(version);
      scene.server.pass_seconds(16);
      EXPECT_THAT(scene.seen(), ElementsAre("will/client=gone")) << "keep-alive";
    }
    {
      Scene scene(version);
      scene.client->send_raw(std::string_view("\0\0", 2));
      EXPECT_THAT(scene.seen(), ElementsAre("will/client=gone")) << "malformed packet";
    }
    {
      Scene scene(version);
      TestClient other(scene.server, kV4);
      other.connect("client");
      EXPECT_THAT(scene.seen(), ElementsAre("will/client=gone")) << "take-over";
    }
  }
  Scene scene;
  scene.client->disconnect(ReasonCode::disconnect_with_will);
  EXPECT_THAT(scene.seen(), ElementsAre("will/client=gone"));
}

TEST(MqttWill, WaitsForItsDelay) {
  Scene scene(kV5, 5, 100);
  scene.client->lose();
  scene.server.pass_seconds(4);
  EXPECT_THAT(scene.seen(), IsEmpty());
  scene.server.pass_seconds(1);
  EXPECT_THAT(scene.seen(), ElementsAre("will/client=gone"));
}

TEST(MqttWill, ComesNotAfterTheEndOfTheSession) {
  Scene scene(kV5, 50, 5);
  scene.client->lose();
  scene.server.pass_seconds(5);
  EXPECT_THAT(scene.seen(), ElementsAre("will/client=gone"));
}

TEST(MqttWill, IsForgottenWhenTheClientComesBackInTime) {
  Scene scene(kV5, 5, 100);
  scene.client->lose();
  scene.server.pass_seconds(3);
  TestClient again(scene.server, kV5);
  again.connect("client", false, 100);
  scene.server.pass_seconds(20);
  EXPECT_THAT(scene.seen(), IsEmpty());
}

TEST(MqttWill, IsPublishedAtOnceByACleanStart) {
  Scene scene(kV5, 50, 100);
  scene.client->lose();
  TestClient again(scene.server, kV5);
  again.connect("client", true, 100);
  EXPECT_THAT(scene.seen(), ElementsAre("will/client=gone"));
}

TEST(MqttWill, ExpiryBeginsWithThePublication) {
  Scene scene(kV5, 50, 100, true);
  scene.client->lose();
  scene.server.pass_seconds(50);
  const auto packet = scene.watcher.last();
  EXPECT_EQ(packet.as<Publish>().properties.number(PropertyId::message_expiry_interval), 100U);
  EXPECT_FALSE(packet.as<Publish>().properties.has(PropertyId::will_delay_interval));
  EXPECT_EQ(scene.server.engine.retained().count(), 1U);
}

TEST(MqttWill, NeedsTheRightToWrite) {
  Scene scene;
  scene.server.forbidden_topic = "will/client";
  scene.client->lose();
  EXPECT_TRUE(scene.server.log.empty());
}

TEST(MqttWill, DoesNotSpeakForTheServer) {
  TestServer server;
  TestClient client(server, kV5);
  mqtt::Connect connect;
  connect.client_id = "client";
  connect.will.emplace();
  connect.will->topic = "$SYS/broker/version";
  connect.will->payload = "mine";
  connect.will->retain = true;
  client.connect(connect);
  client.lose();
  EXPECT_TRUE(server.log.empty());
  EXPECT_EQ(server.engine.retained().count(), 0U);
}

TEST(MqttWill, OfARestoredSessionWaitsForTheClientALittle) {
  for (const std::uint32_t expiry_s : {0, 100}) {
    Scene scene;
    scene.client->disconnect();
    Session& session = scene.server.engine.restore_session("restored");
    session.expiry_s = expiry_s;
    session.will = std::make_unique<SessionWill>();
    session.will->message.topic = "will/restored";
    session.will->message.qos = 1;
    scene.server.engine.restored();
    scene.server.pass_seconds(4);
    EXPECT_THAT(scene.seen(), IsEmpty());
    scene.server.pass_seconds(1);
    EXPECT_THAT(scene.seen(), ElementsAre("will/restored="));
    EXPECT_EQ(scene.server.engine.find_session("restored") != nullptr, expiry_s > 0);
  }
}

TEST(MqttWill, OfASessionThatEndedWithTheProcessIsPublishedWhenTheClientIsBack) {
  Scene scene;
  scene.client->disconnect();
  Session& session = scene.server.engine.restore_session("restored");
  session.will = std::make_unique<SessionWill>();
  session.will->message.topic = "will/restored";
  scene.server.engine.restored();
  TestClient back(scene.server, kV5);
  EXPECT_FALSE(back.connect("restored", false, 100).session_present);
  EXPECT_THAT(scene.seen(), ElementsAre("will/restored="));
}

TEST(MqttWill, OfKeptSessionsWaitsOverAShutdown) {
  Scene scene(kV5, 5, 100);
  scene.server.engine.shut_down();
  EXPECT_TRUE(scene.server.log.empty());
  EXPECT_TRUE(scene.server.engine.find_session("client")->will != nullptr);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
