// SPDX-License-Identifier: Apache-2.0
// Clients that mean no good, on every transport of MQTT: the broker stays up, small, and serves the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <exception>
#include <thread>

#include "mqtt_listeners.hpp"

namespace tenon::e2e {
namespace {

using mqtt::PacketType;
using mqtt::ReasonCode;

constexpr std::size_t kMiB = std::size_t{1} << 20;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kMemoryFactor = 20;  // red zones and shadows
#else
constexpr std::size_t kMemoryFactor = 1;
#endif

/// Passes when an honest client gets in and is served.
void expect_served(ManyListeners& server, Way way = Way::tcp) {
  MqttClient client(server.open(way), kV5);
  ASSERT_EQ(client.connect("honest", true).code, 0);
  ASSERT_EQ(client.subscribe("honest", 1), ReasonCode::granted_qos_1);
  ASSERT_TRUE(client.publish("honest", "hello", 0));
  EXPECT_TRUE(client.receive().has_value());
}

/// Passes when the server closes the connection.
void expect_closed(Stream& stream, const char* what) {
  std::string rest;
  const auto begin = std::chrono::steady_clock::now();
  while (stream.receive(rest, std::chrono::seconds(8))) continue;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8)) << what;
}

TEST(MqttHostile, TheWrongLanguageAtAnyPortEndsTheConnection) {
  ManyListeners server;
  std::string connect;
  mqtt::Connect packet;
  packet.version = kV5;
  packet.client_id = "lost";
  mqtt::encode(packet, kV5, connect);
  const std::string http = "GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string tls_hello = std::string("\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03", 10) + std::string(300, '\x03');
  for (const Way way : kWays) {
    for (const std::string& bytes : {connect, http, tls_hello, std::string(50'000, '\0')}) {
      if (way == Way::tcp && bytes == connect) continue;
      const auto stream = open_tcp(server.address(way));
      stream->send(bytes);
      if (way == Way::ws && bytes == connect) stream->send("\r\n\r\n");
      expect_closed(*stream, bytes.substr(0, 10).c_str());
    }
  }
  for (const Way way : kWays) expect_served(server, way);
}

TEST(MqttHostile, OversizedPacketsAreRefusedByTheirHeader) {
  ManyListeners server("max_packet_size = \"64KiB\"\n");
  for (const Way way : kWays) {
    MqttClient client(server.open(way), kV5);
    ASSERT_EQ(client.connect("big", true).code, 0);
    ASSERT_TRUE(client.send_bytes(std::string("\x30\xff\xff\xff\x7f", 5)));
    const auto packet = client.receive();
    ASSERT_TRUE(packet.has_value());
    ASSERT_EQ(packet->type(), PacketType::disconnect);
    EXPECT_EQ(packet->as<mqtt::Closing>().reason, ReasonCode::packet_too_large);
    EXPECT_FALSE(client.receive().has_value());
  }
  expect_served(server);
}

TEST(MqttHostile, HalfPacketsCostWhatTheyAreLongAndNoMore) {
  ManyListeners server;
  const std::size_t before = server.broker.anonymous_memory();
  std::vector<std::unique_ptr<MqttClient>> clients;
  for (const Way way : kWays) {
    for (int i = 0; i < 40; ++i) {
      clients.push_back(std::make_unique<MqttClient>(server.open(way), kV5));
      ASSERT_EQ(clients.back()->connect(text("half-", static_cast<int>(way), "-", i), true).code, 0);
      ASSERT_TRUE(clients.back()->send_bytes(std::string("\x30\x80\x80\x80\x01", 5)));  // 2 MiB are to come
      ASSERT_TRUE(clients.back()->send_bytes(std::string(1'000, 'x')));
    }
  }
  expect_served(server);
  EXPECT_LT(server.broker.anonymous_memory(), before + 24 * kMiB * kMemoryFactor) << "200 times 2 MiB were announced";
  clients.clear();
  expect_served(server);
}

TEST(MqttHostile, AReaderThatNeverReadsIsBoundedAndHoldsNobodyUp) {
  ManyListeners server("max_unsent = \"256KiB\"\nmax_queued_messages = 100\n");
  std::vector<std::unique_ptr<MqttClient>> deaf;
  for (const Way way : kWays) {
    deaf.push_back(std::make_unique<MqttClient>(server.open(way), kV5));
    ASSERT_EQ(deaf.back()->connect(text("deaf-", static_cast<int>(way)), true).code, 0);
    ASSERT_EQ(deaf.back()->subscribe("flood", 1), ReasonCode::granted_qos_1);
  }
  MqttClient reader(server.open(Way::tcp), kV5);
  ASSERT_EQ(reader.connect("reader", true).code, 0);
  ASSERT_EQ(reader.subscribe("flood", 0), ReasonCode::success);
  const std::size_t before = server.broker.anonymous_memory();
  MqttClient source(server.open(Way::tcp), kV5);
  ASSERT_EQ(source.connect("source", true).code, 0);
  const std::string payload(64 * 1024, 'x');
  constexpr int kMessages = 400;  // 25 MiB, for each of them
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(source.publish("flood", payload, static_cast<std::uint8_t>(i % 2), 1));
    ASSERT_TRUE(i % 2 == 0 || source.receive().has_value()) << i;
    ASSERT_TRUE(reader.receive().has_value()) << i;
  }
  EXPECT_LT(server.broker.anonymous_memory(), before + 40 * kMiB * kMemoryFactor);
  expect_served(server, Way::wss);
}

TEST(MqttHostile, ThoseWhoSayNothingDoNotKeepOthersOut) {
  ManyListeners server("max_openings = 20\n");
  std::vector<std::unique_ptr<Stream>> silent;
  for (int round = 0; round < 16; ++round) {
    for (const Way way : {Way::tcp, Way::tls, Way::ws}) silent.push_back(open_tcp(server.address(way)));
  }
  expect_served(server);
  expect_served(server, Way::wss);
}

TEST(MqttHostile, ClientsThatTakeEachOtherOverLeaveOneSession) {
  ManyListeners server;
  std::atomic<int> connected{0};
  std::vector<std::thread> rivals;
  for (const Way way : {Way::tcp, Way::tls, Way::ws}) {
    rivals.emplace_back([&server, &connected, way] {
      for (int i = 0; i < 60; ++i) {
        try {
          MqttClient client(server.open(way), kV5);
          if (client.connect("the-one", false, 600).code == 0) ++connected;
          client.subscribe("mine", 1);
        } catch (const std::exception&) {  // taken over: closed, or told so
        }
      }
    });
  }
  for (std::thread& rival : rivals) rival.join();
  EXPECT_GT(connected, 60);
  MqttClient last(server.open(Way::tcp), kV5);
  const auto answer = last.connect("the-one", false, 600);
  EXPECT_EQ(answer.code, 0);
  EXPECT_TRUE(answer.session_present);
  ASSERT_EQ(last.subscribe("mine", 0), ReasonCode::success);
  ASSERT_TRUE(last.publish("mine", "once", 0));
  ASSERT_TRUE(last.receive().has_value());
  EXPECT_FALSE(last.receive(std::chrono::milliseconds(300)).has_value()) << "one session, one copy";
}

TEST(MqttHostile, AConnectionStormIsServed) {
  ManyListeners server("max_openings = 50\n");
  std::atomic<int> served{0};
  std::vector<std::thread> crowd;
  for (int i = 0; i < 8; ++i) {
    crowd.emplace_back([&server, &served, i] {
      std::vector<std::unique_ptr<MqttClient>> clients;
      for (int k = 0; k < 150; ++k) {
        clients.push_back(std::make_unique<MqttClient>(open_tcp(server.address(Way::tcp)), kV5));
        if (clients.back()->connect(text("storm-", i, "-", k), true).code == 0) ++served;
      }
    });
  }
  for (std::thread& one : crowd) one.join();
  EXPECT_EQ(served, 8 * 150);
}

}  // namespace
}  // namespace tenon::e2e
