// SPDX-License-Identifier: Apache-2.0
// Clients that subscribe to more than anybody needs: bounded, answered filter by filter, and nobody else suffers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "mqtt_listeners.hpp"

namespace tenon::e2e {
namespace {

using mqtt::PacketType;
using mqtt::ReasonCode;

constexpr std::size_t kMany = 65'535;

/// SUBSCRIBE to `kMany` filters in one packet; the codes of its answer.
std::vector<ReasonCode> subscribe_to_many(MqttClient& client) {
  std::vector<std::string> filters;
  for (std::size_t i = 0; i < kMany; ++i) filters.push_back(text("many/", i, "/+"));
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  for (const std::string& filter : filters) subscribe.requests.push_back({filter, {.qos = 1}});
  EXPECT_TRUE(client.send(subscribe));
  const auto answer = client.receive(std::chrono::seconds(60));
  if (!answer || answer->type() != PacketType::suback) return {};
  return answer->as<mqtt::SubscribeAnswer>().codes;
}

TEST(MqttSubscriptions, WhatIsTooManyIsRefusedFilterByFilter) {
  ManyListeners server;  // max_subscriptions = 1000
  MqttClient greedy(server.open(Way::tcp), kV5), other(server.open(Way::tcp), kV5);
  ASSERT_EQ(greedy.connect("greedy", true).code, 0);
  ASSERT_EQ(other.connect("other", true).code, 0);
  const std::vector<ReasonCode> codes = subscribe_to_many(greedy);
  ASSERT_EQ(codes.size(), kMany);
  EXPECT_EQ(std::ranges::count(codes, ReasonCode::granted_qos_1), 1'000);
  EXPECT_EQ(std::ranges::count(codes, ReasonCode::quota_exceeded), static_cast<std::ptrdiff_t>(kMany) - 1'000);
  ASSERT_TRUE(other.publish("many/7/x", "granted", 0));
  const auto got = greedy.receive();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->as<mqtt::Publish>().payload, "granted");
}

TEST(MqttSubscriptions, ManyAreServedWhereTheyAreAllowed) {
  ManyListeners server("max_subscriptions = 100000\n");
  MqttClient greedy(server.open(Way::tcp), kV5), other(server.open(Way::tcp), kV5);
  ASSERT_EQ(greedy.connect("greedy", true).code, 0);
  ASSERT_EQ(other.connect("other", true).code, 0);
  const std::vector<ReasonCode> codes = subscribe_to_many(greedy);
  ASSERT_EQ(codes.size(), kMany);
  const auto granted = static_cast<std::size_t>(std::ranges::count(codes, ReasonCode::granted_qos_1));
  EXPECT_GT(granted, kMany / 2) << "1 MiB of filters is the other bound";
  for (const std::size_t one : {std::size_t{0}, granted / 2, granted - 1}) {
    ASSERT_TRUE(other.publish(text("many/", one, "/x"), "served", 0));
    ASSERT_TRUE(greedy.receive().has_value()) << one;
  }
}

TEST(MqttSubscriptions, ATopicOfTooManyLevelsEndsItsPublisherAndNobodyElse) {
  ManyListeners server;
  MqttClient all(server.open(Way::tcp), kV5), deep(server.open(Way::tcp), kV5), good(server.open(Way::tcp), kV5);
  ASSERT_EQ(all.connect("all", true).code, 0);
  ASSERT_EQ(all.subscribe("#", 1), ReasonCode::granted_qos_1);
  ASSERT_EQ(deep.connect("deep", true).code, 0);
  EXPECT_EQ(deep.subscribe(std::string(60'000, '/'), 0), ReasonCode::topic_filter_invalid);
  ASSERT_TRUE(deep.publish(std::string(65'535, '/'), "x", 1));
  const auto farewell = deep.receive();
  ASSERT_TRUE(farewell.has_value());
  ASSERT_EQ(farewell->type(), PacketType::disconnect);
  EXPECT_EQ(farewell->as<mqtt::Closing>().reason, ReasonCode::topic_name_invalid);
  ASSERT_EQ(good.connect("good", true).code, 0);
  const std::string deepest(199, '/');  // 200 levels
  ASSERT_TRUE(good.publish(deepest, "y", 0));
  const auto got = all.receive();
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->as<mqtt::Publish>().topic, deepest);
}

TEST(MqttSubscriptions, SubscribersOfEverythingGetEverythingUnderLoad) {
  ManyListeners server;
  constexpr int kReaders = 10, kSources = 4, kEach = 100;
  std::vector<std::unique_ptr<MqttClient>> readers, sources;
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(std::make_unique<MqttClient>(server.open(Way::tcp), kV5));
    ASSERT_EQ(readers.back()->connect(text("reader-", i), true).code, 0);
    ASSERT_EQ(readers.back()->subscribe("#", 0), ReasonCode::success);
  }
  for (int i = 0; i < kSources; ++i) {
    sources.push_back(std::make_unique<MqttClient>(server.open(Way::tcp), kV5));
    ASSERT_EQ(sources.back()->connect(text("source-", i), true).code, 0);
  }
  for (int n = 0; n < kEach; ++n) {
    for (int i = 0; i < kSources; ++i) {
      ASSERT_TRUE(sources[static_cast<std::size_t>(i)]->publish(text("load/", i, "/", n), std::string(100, 'x'),
                                                                static_cast<std::uint8_t>(n % 2), 1));
    }
    if (n % 2 == 0) continue;
    for (const auto& source : sources) ASSERT_TRUE(source->receive().has_value()) << "PUBACK";
  }
  for (const auto& reader : readers) {
    for (int n = 0; n < kSources * kEach; ++n) {
      const auto got = reader->receive();
      ASSERT_TRUE(got && got->type() == PacketType::publish) << n;
      ASSERT_FALSE(got->as<mqtt::Publish>().topic.starts_with("$"));
    }
  }
}

}  // namespace
}  // namespace tenon::e2e
