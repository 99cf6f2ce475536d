// SPDX-License-Identifier: Apache-2.0
// Sessions, retained messages and QoS 2 exchanges go on with the slave that becomes the master.
#include <gtest/gtest.h>

#include <csignal>
#include <stdexcept>

#include "mqtt_client.hpp"
#include "replicated_brokers.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using mqtt::PacketType;
using mqtt::ReasonCode;

class MqttFailoverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        becomes_true([&] { return has_everything(slave_.address()) && has_a_slave_in_sync(master_.address()); }));
  }

  static std::vector<std::string> settings(const HostAddress& mqtt) {
    return {"plugins.ha.replication=sync", "plugins.ha.in_sync_replicas=2", "plugins.mqtt.type=protocol-mqtt",
            text("plugins.mqtt.listen=[\"", mqtt, "\"]")};
  }
  static mqtt::Publish qos2_message() {
    mqtt::Publish publish;
    publish.topic = "commands/7";
    publish.payload = "two";
    publish.qos = 2;
    publish.packet_id = 9;
    return publish;
  }
  static PacketType answer_to(MqttClient& client, const mqtt::Packet& packet) {
    if (!client.send(packet)) return PacketType::disconnect;
    const auto answer = client.receive();
    return answer ? answer->type() : PacketType::disconnect;
  }

  const HostAddress at_master_ = HostAddress::v4({127, 0, 0, 1}, free_port());
  const HostAddress at_slave_ = HostAddress::v4({127, 0, 0, 1}, free_port());
  BrokerProcess name_server_{{.config = kNameServer}};
  BrokerProcess master_{replicated_broker(name_server_.address(), 0, settings(at_master_))};
  BrokerProcess slave_{replicated_broker(name_server_.address(), 1, settings(at_slave_))};
};

TEST_F(MqttFailoverTest, WhatClientsWereToldIsTrueAtTheNextMaster) {
  EXPECT_THROW(MqttClient(at_slave_, kV5), std::runtime_error) << "a slave does not listen";
  {
    MqttClient device(at_master_, kV5);
    ASSERT_EQ(device.connect("device-7", false, 3600).code, 0);
    ASSERT_EQ(device.subscribe("commands/7", 2), ReasonCode::granted_qos_2);
    ASSERT_TRUE(device.send(mqtt::Closing{}));
  }
  {
    MqttClient source(at_master_, kV5);
    ASSERT_EQ(source.connect("source", false, 3600).code, 0);
    mqtt::Publish publish = qos2_message();
    EXPECT_EQ(answer_to(source, publish), PacketType::pubrec);
    publish.topic = "state/7";
    publish.payload = "on";
    publish.qos = 1;
    publish.packet_id = 1;
    publish.retain = true;
    EXPECT_EQ(answer_to(source, publish), PacketType::puback);
  }
  master_.end(SIGKILL);
  admin_command(slave_.address(), "ha.promote", R"({"force":true})");

  MqttClient source(at_slave_, kV5);
  const auto back = source.connect("source", false, 3600);
  ASSERT_EQ(back.code, 0);
  EXPECT_TRUE(back.session_present);
  mqtt::Publish again = qos2_message();
  again.dup = true;
  EXPECT_EQ(answer_to(source, again), PacketType::pubrec);
  mqtt::PublishAnswer release;
  release.type = PacketType::pubrel;
  release.packet_id = again.packet_id;
  EXPECT_EQ(answer_to(source, release), PacketType::pubcomp);

  MqttClient device(at_slave_, kV5);
  EXPECT_TRUE(device.connect("device-7", false, 3600).session_present);
  const auto waited = device.receive();
  ASSERT_TRUE(waited && waited->type() == PacketType::publish);
  EXPECT_EQ(waited->as<mqtt::Publish>().payload, "two");
  ASSERT_TRUE(device.answer(PacketType::pubrec, waited->as<mqtt::Publish>().packet_id));
  ASSERT_TRUE(device.receive().has_value()) << "PUBREL";
  EXPECT_FALSE(device.receive(std::chrono::milliseconds(300)).has_value()) << "it was sent twice, and comes once";

  MqttClient young(at_slave_, kV5);
  ASSERT_EQ(young.connect("young", true).code, 0);
  ASSERT_EQ(young.subscribe("state/#", 0), ReasonCode::success);
  const auto retained = young.receive();
  ASSERT_TRUE(retained && retained->type() == PacketType::publish);
  EXPECT_EQ(retained->as<mqtt::Publish>().payload, "on");
  EXPECT_TRUE(retained->as<mqtt::Publish>().retain);
}

}  // namespace
}  // namespace tenon::e2e
