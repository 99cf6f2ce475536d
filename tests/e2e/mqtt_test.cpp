// SPDX-License-Identifier: Apache-2.0
// MQTT devices and RocketMQ clients on one log, and what of MQTT survives kill -9.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>
#include <thread>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "mqtt_client.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using mqtt::PacketType;
using mqtt::Publish;
using mqtt::ReasonCode;
using protocol_native::RawClient;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kV4 = mqtt::ProtocolVersion::v3_1_1;
constexpr std::uint32_t kHour = 3600;

/// A broker that speaks both protocols.
struct Both {
  explicit Both(std::string_view more = {}, std::vector<std::string> settings = {})
      : broker(setup(mqtt, more, std::move(settings))) {}

  HostAddress mqtt = HostAddress::v4({127, 0, 0, 1}, free_port());
  BrokerProcess broker;

  static BrokerSetup setup(const HostAddress& address, std::string_view more, std::vector<std::string> settings) {
    BrokerSetup setup;
    setup.settings = std::move(settings);
    setup.config = text(kStandalone, "\n[plugins.mqtt]\ntype = \"protocol-mqtt\"\nlisten = \"", address, "\"\n",
                        "default_topic_queues = 1\n", more);
    return setup;
  }
};

/// Tries until the server takes the client; false when it does not within 15 seconds.
bool admitted(const HostAddress& address, std::string_view client_id, std::optional<MqttClient>& client) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
  while (std::chrono::steady_clock::now() < deadline) {
    try {
      client.emplace(address, kV5);
      if (client->connect(client_id, true).code == 0) return true;
    } catch (const std::runtime_error&) {  // closed at once: the server is full
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  return false;
}

TEST(Mqtt, DevicesAndRocketMqClientsMeetInOneLog) {
  Both both;
  RawClient native(both.broker.address());
  MqttClient device(both.mqtt, kV5);
  ASSERT_EQ(device.connect("device-1", true).code, 0);
  ASSERT_EQ(device.subscribe("#", 1), ReasonCode::granted_qos_1);
  ASSERT_TRUE(device.publish("sensors/1", "21.5", 1, 7));
  std::multiset<std::string> seen;
  for (int i = 0; i < 2; ++i) {
    const auto packet = device.receive();
    ASSERT_TRUE(packet.has_value());
    if (packet->type() == PacketType::publish) seen.insert(std::string(packet->as<Publish>().payload));
    if (packet->type() == PacketType::puback) seen.insert("acknowledged");
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAre("21.5", "acknowledged"));

  const auto stored = all_messages(native, "MQTT_DEFAULT");
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored[0].body, "21.5");
  EXPECT_THAT(stored[0].properties, HasSubstr(std::string("originMqttTopic\x01") + "sensors/1\x02"));
  EXPECT_THAT(stored[0].properties, HasSubstr(std::string("TAGS\x01") + "MQTT_COMMON\x02"));

  ASSERT_EQ(send_message(native, "orders", "from RocketMQ").code, 0);
  const auto packet = device.receive();
  ASSERT_TRUE(packet.has_value());
  EXPECT_EQ(packet->as<Publish>().topic, "orders");
  EXPECT_EQ(packet->as<Publish>().payload, "from RocketMQ");
  // The first level is a RocketMQ topic now: what devices publish below it goes there.
  ASSERT_TRUE(device.publish("orders/confirmed", "yes", 0));
  ASSERT_TRUE(device.receive().has_value());
  EXPECT_EQ(both.broker.end(SIGTERM), 0);
}

TEST(Mqtt, RetainedMessagesSurviveACrash) {
  Both both;
  {
    MqttClient device(both.mqtt, kV4);
    device.connect("device-1", true);
    for (const char* payload : {"old", "new"}) {
      device.publish("state/1", payload, 1, 1, true);
      ASSERT_EQ(device.receive()->type(), PacketType::puback);
    }
    device.publish("state/2", "gone", 1, 1, true);
    ASSERT_TRUE(device.receive().has_value());
    device.publish("state/2", "", 1, 1, true);
    ASSERT_TRUE(device.receive().has_value());
  }
  for (const int signal : {SIGKILL, SIGTERM}) {
    both.broker.end(signal);
    both.broker.start_again();
    MqttClient reader(both.mqtt, kV5);
    reader.connect("reader", true);
    reader.subscribe("state/#", 1);
    const auto packet = reader.receive();
    ASSERT_TRUE(packet.has_value());
    EXPECT_EQ(packet->as<Publish>().topic, "state/1");
    EXPECT_EQ(packet->as<Publish>().payload, "new");
    EXPECT_TRUE(packet->as<Publish>().retain);
  }
}

std::string retained_packet(std::string_view topic, std::string_view payload) {
  Publish publish;
  publish.topic = topic;
  publish.payload = payload;
  publish.retain = true;
  std::string bytes;
  mqtt::encode(publish, kV5, bytes);
  return bytes;
}

TEST(Mqtt, RetainedMessagesThatComeTogetherBeforeAnySubscriberAreAllKept) {
  Both both;
  MqttClient device(both.mqtt, kV5);
  device.connect("device-1", true);
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += retained_packet(text("state/", i), "x");
  ASSERT_TRUE(device.send_bytes(bytes));
  device.subscribe("state/#", 0);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(device.receive(std::chrono::seconds(2)).has_value()) << i;
}

TEST(Mqtt, AClientThatDoesNotReadItsFarewellIsDropped) {
  Both both("max_connections = 2\n");
  MqttClient deaf(both.mqtt, kV5);
  deaf.connect("deaf", true);
  deaf.subscribe("big", 1);
  {
    MqttClient publisher(both.mqtt, kV5);
    publisher.connect("publisher", true);
    for (int i = 0; i < 16; ++i) {
      publisher.publish("big", std::string(1 << 20, 'x'), 1, 1);
      ASSERT_TRUE(publisher.receive().has_value());
    }
  }
  std::optional<MqttClient> again;
  ASSERT_TRUE(admitted(both.mqtt, "deaf", again));
  std::optional<MqttClient> third;
  EXPECT_TRUE(admitted(both.mqtt, "third", third)) << "the place of the first one is free again";
}

/// Many QoS 2 messages are under way when the broker is killed, in every state. Each must be answered afterwards, and
/// none may be in the log twice.
TEST(Mqtt, Qos2MessagesUnderWayAtACrashAreAnsweredAndStoredOnce) {
  constexpr int kCycles = 4;
  constexpr std::uint16_t kUnderWay = 200;
  Both both({}, {"plugins.store.flush=sync"});  // so that storing takes its time
  for (int cycle = 0; cycle < kCycles; ++cycle) {
    {
      MqttClient client(both.mqtt, kV5);
      client.connect("publisher", false, kHour);
      for (std::uint16_t id = 1; id <= kUnderWay; ++id) client.publish("work", text(cycle, "-", id), 2, id);
      for (int i = 0; i <= cycle * 10; ++i) client.receive(std::chrono::milliseconds(100));
      both.broker.end(SIGKILL);
    }
    both.broker.start_again();
    MqttClient client(both.mqtt, kV5);
    EXPECT_TRUE(client.connect("publisher", false, kHour).session_present);
    for (std::uint16_t id = 1; id <= kUnderWay; ++id) client.publish("work", text(cycle, "-", id), 2, id);
    for (std::uint16_t id = 1; id <= kUnderWay; ++id) {
      const auto answer = client.receive(std::chrono::seconds(3));
      ASSERT_TRUE(answer && answer->type() == PacketType::pubrec) << "cycle " << cycle << ", answer " << id;
    }
    for (std::uint16_t id = 1; id <= kUnderWay; ++id) client.answer(PacketType::pubrel, id);
    for (std::uint16_t id = 1; id <= kUnderWay; ++id) ASSERT_TRUE(client.receive().has_value());
  }
  RawClient native(both.broker.address());
  std::map<std::string, int> stored;
  for (const auto& message : all_messages(native, "MQTT_DEFAULT")) ++stored[message.body];
  EXPECT_EQ(stored.size(), std::size_t{kCycles} * kUnderWay);
  for (const auto& [payload, count] : stored) EXPECT_EQ(count, 1) << payload;
}

/// A client that keeps its session, and what it has got: each payload by how often it was new to the application.
struct Subscriber {
  std::map<std::string, int> got;
  std::set<std::uint16_t> received;  ///< QoS 2 identifiers whose PUBREL has not come.

  void take(MqttClient& client, const MqttPacket& packet) {
    if (packet.type() == PacketType::pubrel) {
      const auto id = packet.as<mqtt::PublishAnswer>().packet_id;
      received.erase(id);
      client.answer(PacketType::pubcomp, id);
      return;
    }
    if (packet.type() != PacketType::publish) return;
    const auto& publish = packet.as<Publish>();
    const bool is_new = publish.qos < 2 || received.insert(publish.packet_id).second;
    if (is_new) ++got[std::string(publish.payload)];
    client.answer(publish.qos == 1 ? PacketType::puback : PacketType::pubrec, publish.packet_id);
  }
};

/// Publishes with one QoS 2 message under way at a time; knows what it must repeat after a break.
struct Qos2Publisher {
  std::uint16_t id = 0;
  std::string payload;
  bool released = false;

  /// One step of the exchange; false when the connection is gone.
  bool publish_one(MqttClient& client, const std::string& next) {
    if (id == 0) {
      payload = next;
      id = static_cast<std::uint16_t>(std::hash<std::string>{}(next) % 60'000 + 1);
      released = false;
    }
    if (!released) {
      client.publish("work/2", payload, 2, id);
      if (!await(client, PacketType::pubrec)) return false;
      released = true;
    }
    client.answer(PacketType::pubrel, id);
    if (!await(client, PacketType::pubcomp)) return false;
    id = 0;
    return true;
  }
  static bool await(MqttClient& client, PacketType type) {
    const auto packet = client.receive();
    return packet && packet->type() == type;
  }
};

void expect_nothing_lost_through_crashes(std::vector<std::string> settings) {
  constexpr int kCycles = 4;
  Both both({}, std::move(settings));
  Subscriber subscriber;
  Qos2Publisher twice;
  std::vector<std::string> acknowledged_1, acknowledged_2;
  for (int cycle = 0; cycle <= kCycles; ++cycle) {
    MqttClient sub(both.mqtt, kV5);
    const auto connack = sub.connect("subscriber", false, kHour);
    EXPECT_EQ(connack.session_present, cycle > 0) << "cycle " << cycle;
    const ReasonCode granted = cycle == 0 ? sub.subscribe("work/#", 2) : ReasonCode::granted_qos_2;
    ASSERT_EQ(granted, ReasonCode::granted_qos_2);
    if (cycle == kCycles) {
      while (const auto packet = sub.receive(std::chrono::milliseconds(500))) subscriber.take(sub, *packet);
      break;
    }
    MqttClient pub1(both.mqtt, kV5);
    MqttClient pub2(both.mqtt, kV5);
    pub1.connect("publisher-1", true);
    pub2.connect("publisher-2", false, kHour);
    std::thread killer;
    for (int i = 0;; ++i) {
      const std::string one = text("q1-", cycle, "-", i);
      pub1.publish("work/1", one, 1, static_cast<std::uint16_t>(i % 60'000 + 1));
      const auto answer = pub1.receive();
      if (answer) acknowledged_1.push_back(one);
      if (!answer || !twice.publish_one(pub2, text("q2-", cycle, "-", i))) break;
      acknowledged_2.push_back(twice.payload);
      // The subscriber reads a part only, so that the window, the queue and half exchanges are there at the end.
      if (const auto packet = sub.receive(std::chrono::milliseconds(0)); packet && i % 3 != 0) {
        subscriber.take(sub, *packet);
      }
      if (i == 40 + 13 * cycle) killer = std::thread([&] { both.broker.signal(SIGKILL); });
    }
    if (killer.joinable()) killer.join();
    both.broker.end(SIGKILL);
    both.broker.start_again();
  }
  for (const std::string& payload : acknowledged_1) EXPECT_GE(subscriber.got[payload], 1) << payload;
  for (const std::string& payload : acknowledged_2) EXPECT_EQ(subscriber.got[payload], 1) << payload;
  for (const auto& [payload, count] : subscriber.got) {
    EXPECT_TRUE(count == 1 || !payload.starts_with("q2-")) << payload << " came " << count << " times";
  }
  EXPECT_GT(acknowledged_2.size(), 100U);
}

TEST(Mqtt, NothingAcknowledgedIsLostAndQos2ComesOnceThroughCrashes) { expect_nothing_lost_through_crashes({}); }

TEST(Mqtt, NothingAcknowledgedIsLostWithSynchronousFlushEither) {
  expect_nothing_lost_through_crashes({"plugins.store.flush=sync"});
}

}  // namespace
}  // namespace tenon::e2e
