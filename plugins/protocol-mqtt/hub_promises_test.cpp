// SPDX-License-Identifier: Apache-2.0
// What clients are told only when a crash, or another master, cannot make it untrue.
#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include "protocol-mqtt/mapping/record_mapping.hpp"
#include "protocol-mqtt/testing/hub_scene.hpp"

namespace tenon::protocol_mqtt {
namespace {

TEST(MqttPromises, WhatTheJournalCouldNotSayNobodyIsTold) {
  Scene scene;
  const auto kept = connected(scene, "kept", 600), passing = connected(scene, "passing", 0);
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.requests.push_back({"t", {.qos = 1}});
  scene.store.journal_writes_that_throw = 1;
  kept->give(subscribe);
  passing->give(subscribe);
  EXPECT_TRUE(kept->sent.empty()) << "after kill -9 the subscription would be missing";
  EXPECT_FALSE(passing->sent.empty()) << "its session ends with the process anyway";
  scene.host.context.restart();
  while (kept->sent.empty() && scene.host.context.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  EXPECT_FALSE(kept->sent.empty()) << "everything is written within a second or two";
}

TEST(MqttPromises, AQos2MessageThatIsHeldBackAtTheStartIsKnownAndConfirmedWhenItIsSafe) {
  Scene scene;
  scene.replicate();
  connected(scene, "kept", 600);
  scene.hub->stop();
  IncomingMessage incoming;
  incoming.message.topic = "t";
  incoming.message.publisher = "kept";
  incoming.message.qos = 2;
  incoming.qos2_packet_id = 9;
  const std::string properties = record_properties(incoming, {}).value();
  tenon::Message record;
  record.topic = "MQTT_DEFAULT";
  record.properties = properties;
  ASSERT_TRUE(scene.store.append(record)) << "as if the process was killed before the journal was told";
  scene.hub = scene.make_hub();
  scene.hub->start();
  const auto client = connected(scene, "kept", 600);
  mqtt::Publish publish;
  publish.topic = "t";
  publish.qos = 2;
  publish.packet_id = 9;
  client->give(publish);
  EXPECT_EQ(scene.memory.whole_log().bounds("MQTT_DEFAULT", 0).max.value, 1) << "not stored twice";
  EXPECT_TRUE(client->sent.empty()) << "a failover could still take it away";
  scene.hold_back_what_comes();
  {
    const Hub::Turn turn(*scene.hub);
    scene.hub->readable("MQTT_DEFAULT", 0, {0});
  }
  const auto frame = mqtt::next_frame(client->sent, client->sent.size(), kV5);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->type, mqtt::PacketType::pubrec);
}

/// Opens when it is told to.
class ManualGate final : public CommitGate {
 public:
  bool is_safe(PhysicalOffset end) const noexcept override { return !(safe < end); }
  void wait_for(PhysicalOffset end, std::chrono::steady_clock::time_point, Passed passed) override {
    asked = end;
    waiting = std::move(passed);
  }
  void answer(Status status) { std::exchange(waiting, nullptr)(std::move(status)); }
  PhysicalOffset safe{INT64_MAX}, asked{0};
  Passed waiting;
};

/// A broker that may lose the right to be the master.
class LosableRole final : public BrokerRole {
 public:
  bool is_master() const noexcept override { return master_now; }
  void when_master(std::function<void()> begin) override { begin(); }
  MasterAddresses master() const override { return {}; }
  Result<std::int64_t> promote(std::int64_t) override { return std::int64_t{0}; }
  Result<std::int64_t> promote_for_good() override { return std::int64_t{0}; }
  void hold_until(LeaseClock::time_point) override {}
  void fence(std::string_view) override { master_now = false; }
  bool master_now = true;
};

mqtt::PacketType first_of(const std::string& bytes) {
  const auto frame = mqtt::next_frame(bytes, bytes.size(), kV5);
  return frame && *frame ? (*frame)->type : mqtt::PacketType::connect;
}

mqtt::Subscribe subscribe_to(std::string_view filter) {
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.requests.push_back({filter, {.qos = 1}});
  return subscribe;
}

TEST(MqttPromises, WhoseSessionIsKeptIsToldWhenTheLogIsSafe) {
  ManualGate gate;
  Scene scene;
  scene.pass_by(gate);
  const auto kept = connected(scene, "kept", 600), passing = connected(scene, "passing", 0);
  gate.safe = scene.store.status().max_physical_offset;
  kept->give(subscribe_to("t"));
  passing->give(subscribe_to("t"));
  EXPECT_TRUE(kept->sent.empty());
  EXPECT_EQ(first_of(passing->sent), mqtt::PacketType::suback) << "its session ends with the process anyway";
  ASSERT_TRUE(gate.waiting);
  kept->give(mqtt::Ping{mqtt::PacketType::pingreq});
  kept->give(subscribe_to("u"));
  const PhysicalOffset first = gate.asked;
  gate.safe = first;
  gate.answer({});
  scene.run();
  EXPECT_EQ(first_of(kept->sent), mqtt::PacketType::suback);
  EXPECT_EQ(kept->sent.size(), 6U) << "what came since waits for the next answer";
  ASSERT_TRUE(gate.waiting);
  EXPECT_LT(first, gate.asked);
  kept->sent.clear();
  gate.answer(Error(Errc::flush_disk_timeout, "slow"));
  scene.run();
  EXPECT_EQ(first_of(kept->sent), mqtt::PacketType::pingresp) << "told all the same, in order";
}

TEST(MqttPromises, ARetainedMessageIsConfirmedWhenTheJournalIsSafe) {
  ManualGate gate;
  Scene scene;
  scene.pass_by(gate);
  const auto passing = connected(scene, "passing", 0);
  gate.safe = scene.store.status().max_physical_offset;
  mqtt::Publish publish;
  publish.topic = "t";
  publish.payload = "on";
  publish.qos = 1;
  publish.packet_id = 5;
  passing->give(publish);
  EXPECT_EQ(first_of(std::exchange(passing->sent, {})), mqtt::PacketType::puback) << "the kernel has asked the gate";
  publish.retain = true;
  passing->give(publish);
  EXPECT_TRUE(passing->sent.empty());
  ASSERT_TRUE(gate.waiting);
  gate.safe = gate.asked;
  gate.answer({});
  scene.run();
  EXPECT_EQ(first_of(passing->sent), mqtt::PacketType::puback);
}

TEST(MqttPromises, ABrokerThatIsNotTheMasterAnyMoreSendsItsClientsAway) {
  LosableRole role;
  Scene scene;
  scene.hub->stop();
  scene.role = &role;
  scene.hub = scene.make_hub();
  int told = 0;
  scene.hub->on_fenced([&] { ++told; });
  scene.hub->start();
  const auto kept = connected(scene, "kept", 600);
  const std::int64_t written = scene.store.status().max_physical_offset.value;
  role.fence("by a test");
  scene.host.context.restart();
  while (kept->sent.empty() && scene.host.context.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  const auto frame = mqtt::next_frame(kept->sent, kept->sent.size(), kV5);
  const auto packet = mqtt::decode(**frame, kV5);
  ASSERT_TRUE(std::holds_alternative<mqtt::Closing>(*packet));
  EXPECT_EQ(std::get<mqtt::Closing>(*packet).reason, mqtt::ReasonCode::use_another_server);
  EXPECT_EQ(told, 1);
  scene.hub->stop();
  EXPECT_EQ(scene.store.status().max_physical_offset.value, written) << "the log is another's by now";
}

TEST(MqttPromises, WhoIsNotTheMasterAnyMoreTellsNobodyWhatIsNotSafe) {
  ManualGate gate;
  LosableRole role;
  Scene scene;
  scene.role = &role;
  scene.pass_by(gate);
  const auto waits = connected(scene, "waits", 600), other = connected(scene, "other", 600);
  gate.safe = scene.store.status().max_physical_offset;
  waits->give(subscribe_to("t"));
  ASSERT_TRUE(gate.waiting);
  role.fence("by a test");
  gate.answer(Error(Errc::flush_slave_timeout, "the slaves follow another"));
  scene.run();
  EXPECT_TRUE(waits->sent.empty()) << "the next master does not have the subscription";
  EXPECT_TRUE(waits->closed());
  EXPECT_EQ(first_of(other->sent), mqtt::PacketType::disconnect) << "at once, whatever is not safe";
}

TEST(MqttPromises, AStartThatFailedForgetsNoSession) {
  Scene scene;
  connected(scene, "kept", 600);
  scene.hub->stop();
  scene.hub = scene.make_hub();
  scene.store.reads_that_throw = 1;
  EXPECT_THROW(scene.hub->start(), std::bad_alloc);
  scene.hub->stop();
  scene.hub = scene.make_hub();
  scene.hub->start();
  EXPECT_NE(scene.hub->engine().find_session("kept"), nullptr);
}

TEST(MqttPromises, WhoLeavesAtOnceIsNotToldEither) {
  Scene scene;
  const auto kept = connected(scene, "kept", 600);
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.requests.push_back({"t", {.qos = 1}});
  scene.store.journal_writes_that_throw = 1;
  std::string both;
  mqtt::encode(subscribe, kV5, both);
  mqtt::encode(mqtt::Closing{}, kV5, both);
  kept->give_bytes(both);
  EXPECT_TRUE(kept->sent.empty()) << "after kill -9 the subscription would be missing";
  scene.host.context.restart();
  while (kept->sent.empty() && scene.host.context.run_one_for(std::chrono::seconds(10)) > 0) {
  }
  EXPECT_FALSE(kept->sent.empty()) << "SUBACK, when everything is written";
}

}  // namespace
}  // namespace tenon::protocol_mqtt
