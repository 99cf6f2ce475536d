// SPDX-License-Identifier: Apache-2.0
// What bounds hold, and what clients with small limits of their own get.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <new>

#include "protocol-mqtt/engine/testing/test_server.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::Closing;
using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::ReasonCode;
using testing::ElementsAre;

mqtt::Connect small_client(std::uint32_t packet_bytes_max) {
  mqtt::Connect connect;
  connect.client_id = "small";
  connect.version = kV5;
  connect.properties.set(PropertyId::maximum_packet_size, packet_bytes_max);
  return connect;
}

TEST(MqttBounds, ASubackThatTheClientDoesNotTakeEndsTheConnection) {
  TestServer server;
  TestClient client(server, kV5);
  client.connect(small_client(40));
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  for (int i = 0; i < 100; ++i) subscribe.requests.push_back({"a", {}});
  client.send(subscribe);
  const auto packets = client.take();
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].as<Closing>().reason, ReasonCode::packet_too_large);
  EXPECT_TRUE(client.closed());
}

TEST(MqttBounds, NoPacketIsLargerThanTheClientTakes) {
  for (std::uint32_t limit = 1; limit < 40; ++limit) {
    TestServer server;
    TestClient client(server, kV5);
    client.send(small_client(limit));
    client.send_raw(std::string_view("\x30\x05\0\x03t/+", 7));
    for (const Received& packet : client.take()) {
      std::string bytes;
      mqtt::encode(packet.packet, kV5, bytes);
      EXPECT_LE(bytes.size(), limit);
    }
    EXPECT_TRUE(client.closed());
  }
}

TEST(MqttBounds, Qos2OfOldClientsIsLimitedToo) {
  TestServer server(EngineSettings{.inbound_unannounced_max = 10});
  TestClient client(server, kV4);
  client.connect("c", false);
  for (std::uint16_t id = 1; id <= 10; ++id) client.publish("t", "x", 2, false, id);
  EXPECT_FALSE(client.closed());
  client.publish("t", "x", 2, false, 10);
  EXPECT_FALSE(client.closed()) << "it was sent before";
  client.publish("t", "x", 2, false, 11);
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(server.log.size(), 10U);
}

TEST(MqttBounds, AllThatWaitsTogetherIsBounded) {
  TestServer server(EngineSettings{.waiting_bytes_max = 100 * sizeof(Delivery)});
  for (int i = 0; i < 10; ++i) {
    TestClient client(server, kV5);
    client.connect(text("sleeper-", i), true, 1000);
    client.subscribe("t", {.qos = 1});
    client.subscribe("$share/g/t", {.qos = 1});
  }
  for (int i = 0; i < 50; ++i) server.put("t", "x");
  EXPECT_EQ(server.engine.waiting_memory().count(), 100U);
  EXPECT_EQ(server.engine.counters().publishes_dropped, 50U * 11U - 100U);
  for (int i = 0; i < 10; ++i) server.engine.kick(text("sleeper-", i));
  EXPECT_EQ(server.engine.waiting_memory().count(), 0U);
}

/// What the heap has given out; 0 where a sanitizer has a heap of its own.
std::size_t heap_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#else
  const auto heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
#endif
}

TEST(MqttBounds, TenThousandSleepersHoldNoMoreThanTheyMay) {
  constexpr std::size_t kSleepers = 10'000, kMessages = 60, kBytes = std::size_t{4} << 20;
  TestServer server(EngineSettings{.queued_messages_max = 40, .waiting_bytes_max = kBytes});
  for (std::size_t i = 0; i < kSleepers; ++i) {
    TestClient client(server, kV5);
    client.connect(text("sleeper-", i), true, 1000);
    client.subscribe(i % 2 == 0 ? "t" : "t/#", {.qos = 1});
  }
  server.engine.take_changed();
  const std::size_t before = heap_bytes();
  for (std::size_t i = 0; i < kMessages; ++i) {
    server.put("t", text(i));
    server.engine.take_changed();
    EXPECT_LE(server.engine.waiting_memory().bytes(), kBytes);
  }
  // A queue that holds something has a head of its own, and each message lies in the log of this test.
  constexpr std::size_t kHeads = kSleepers * (sizeof(Outbound) + 64);
  EXPECT_LE(heap_bytes(), before + kBytes + kBytes / 4 + kHeads + kMessages * 1024);
  const std::size_t waiting = server.engine.waiting_memory().count();
  EXPECT_GT(waiting, kBytes / sizeof(Delivery) / 2);
  EXPECT_EQ(server.engine.counters().publishes_dropped, kSleepers * kMessages - waiting);
  TestClient first(server, kV5);
  first.connect("sleeper-0", false, 1000);
  EXPECT_EQ(first.take_messages().front(), "t=0") << "the newest are dropped, not what waits";
}

TEST(MqttBounds, ARetainedMessageThatWasReplacedMeanwhileIsNotSent) {
  TestServer server;
  TestClient from(server, kV5);
  from.connect("from");
  from.publish("a", "first", 1, true);
  from.publish("b", "old", 1, true);
  mqtt::Connect connect;
  connect.client_id = "slow";
  connect.properties.set(PropertyId::receive_maximum, 1);
  TestClient slow(server, kV5);
  slow.connect(connect);
  slow.subscribe("+", {.qos = 1});
  const auto first = slow.take();
  server.log[1].message.payload = "gone from the log";
  from.publish("b", "new", 1, true);
  slow.answer(PacketType::puback, first[0].as<mqtt::Publish>().packet_id);
  const auto next = slow.take();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_NE(next[0].as<mqtt::Publish>().payload, "old");
}

TEST(MqttBounds, WhatIsStoredUnsafelyIsNotAcknowledgedAndNotStoredTwice) {
  for (const auto version : {kV4, kV5}) {
    TestServer server;
    TestClient client(server, version);
    client.connect("c", version == kV5, 100);
    server.hold = true;
    client.publish("t", "x", 2, false, 5);
    server.engine.stored_unsafely(server.held.at(0));
    EXPECT_TRUE(client.closed());
    for (const Received& packet : client.take()) EXPECT_EQ(packet.type(), PacketType::disconnect);
    TestClient again(server, version);
    EXPECT_TRUE(again.connect("c", false, 100).session_present);
    again.publish("t", "x", 2, false, 5);
    EXPECT_EQ(again.last().type(), PacketType::pubrec);
    EXPECT_EQ(server.log.size(), 1U);
  }
}

TEST(MqttBounds, IdleClientsHoldNoQueue) {
  TestServer server;
  TestClient from(server, kV5);
  from.connect("from");
  from.publish("t", "x", 1, true);
  TestClient client(server, kV5);
  client.connect("c");
  client.subscribe("other");
  EXPECT_EQ(server.engine.find_session("c")->outbound_if_any(), nullptr);
  client.subscribe("t", {.qos = 1});
  const auto got = client.last();
  EXPECT_NE(server.engine.find_session("c")->outbound_if_any(), nullptr);
  client.answer(PacketType::puback, got.as<mqtt::Publish>().packet_id);
  server.pass_seconds(200);
  EXPECT_EQ(server.engine.find_session("c")->outbound_if_any(), nullptr);
}

TEST(MqttBounds, WhatFailsForOneClientReachesTheOthers) {
  TestServer server;
  TestClient first(server, kV5), second(server, kV5), shared(server, kV5);
  first.connect("first", false, 100);
  second.connect("second");
  shared.connect("shared");
  first.subscribe("t", {.qos = 1});
  second.subscribe("t", {.qos = 1});
  shared.subscribe("$share/g/t", {.qos = 1});
  for (TestClient* client : {&first, &second, &shared}) client->take();
  server.before_clock = [&server] {
    server.before_clock = nullptr;
    throw std::bad_alloc();
  };
  server.put("t", "one");
  server.put("t", "two");
  EXPECT_TRUE(first.link().failed()) << "its transport closes it";
  EXPECT_FALSE(second.link().failed());
  EXPECT_THAT(second.take_messages(), ElementsAre("t=one", "t=two"));
  EXPECT_THAT(shared.take_messages(), ElementsAre("t=one", "t=two"));
  first.lose();
  TestClient again(server, kV5);
  again.connect("first", false, 100);
  EXPECT_THAT(again.take_messages(), ElementsAre("t=one", "t=two")) << "the session has kept them";
}

}  // namespace
}  // namespace tenon::protocol_mqtt
