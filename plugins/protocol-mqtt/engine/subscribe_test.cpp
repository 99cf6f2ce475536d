// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol-mqtt/engine/testing/test_server.hpp"

namespace tenon::protocol_mqtt {
namespace {

using mqtt::PacketType;
using mqtt::Publish;
using mqtt::ReasonCode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(MqttSubscribe, FiltersAreJudgedOneByOne) {
  Pair pair;
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 5;
  for (const char* filter : {"a", "a/#/b", "$share/g/a", "$share/g", "b+"}) {
    subscribe.requests.push_back({filter, {.qos = 1}});
  }
  pair.to.send(subscribe);
  const auto packet = pair.to.last();
  EXPECT_EQ(packet.as<mqtt::SubscribeAnswer>().packet_id, 5);
  EXPECT_THAT(packet.as<mqtt::SubscribeAnswer>().codes,
              ElementsAre(ReasonCode::granted_qos_1, ReasonCode::topic_filter_invalid, ReasonCode::granted_qos_1,
                          ReasonCode::topic_filter_invalid, ReasonCode::topic_filter_invalid));
}

TEST(MqttSubscribe, OverlappingSubscriptionsGiveOneCopyAtTheBestQosWithAllIds) {
  Pair pair;
  pair.to.subscribe("a/#", {.qos = 0}, 1);
  pair.to.subscribe("a/+", {.qos = 2}, 2);
  pair.to.subscribe("a/b", {.qos = 1}, 3);
  pair.from.publish("a/b", "x", 2);
  const auto packets = pair.to.take();
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].as<Publish>().qos, 2);
  EXPECT_THAT(packets[0].as<Publish>().properties.subscription_identifiers, UnorderedElementsAre(1, 2, 3));
}

TEST(MqttSubscribe, TheSameFilterAgainReplacesOptionsAndIdentifier) {
  Pair pair;
  pair.to.subscribe("t", {.qos = 2}, 9);
  pair.to.subscribe("t", {.qos = 0});
  pair.from.publish("t", "x", 2);
  const auto packets = pair.to.take();
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].as<Publish>().qos, 0);
  EXPECT_THAT(packets[0].as<Publish>().properties.subscription_identifiers, IsEmpty());
}

TEST(MqttSubscribe, NoLocalComparesClientIds) {
  Pair pair;
  pair.to.subscribe("t", {.no_local = true});
  pair.to.publish("t", "own");
  pair.from.publish("t", "other");
  pair.server.put("t", "by another protocol");
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("t=other", "t=by another protocol"));
}

TEST(MqttSubscribe, RetainAsPublished) {
  Pair pair;
  pair.to.subscribe("keep/#", {.retain_as_published = true});
  pair.to.subscribe("clear/#", {});
  pair.from.publish("keep/x", "1", 0, true);
  EXPECT_TRUE(pair.to.last().as<Publish>().retain);
  pair.from.publish("clear/x", "1", 0, true);
  EXPECT_FALSE(pair.to.last().as<Publish>().retain);
}

TEST(MqttSubscribe, DollarTopicsAreHiddenFromWildcards) {
  Pair pair;
  pair.to.subscribe("#");
  pair.to.subscribe("+/x");
  pair.from.publish("$other/x", "hidden");
  EXPECT_THAT(pair.to.take_messages(), IsEmpty());
  pair.to.subscribe("$other/#");
  pair.from.publish("$other/x", "seen");
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("$other/x=seen"));
}

TEST(MqttSubscribe, UnsubscribeSaysWhatItFound) {
  Pair pair;
  pair.to.subscribe("a/+", {});
  mqtt::Unsubscribe unsubscribe;
  unsubscribe.packet_id = 3;
  unsubscribe.filters = {"a/+", "a/b", "a#"};
  pair.to.send(unsubscribe);
  const auto packet = pair.to.last();
  EXPECT_EQ(packet.type(), PacketType::unsuback);
  EXPECT_THAT(packet.as<mqtt::SubscribeAnswer>().codes,
              ElementsAre(ReasonCode::success, ReasonCode::no_subscription_existed, ReasonCode::topic_filter_invalid));
  pair.from.publish("a/b", "x");
  EXPECT_THAT(pair.to.take_messages(), IsEmpty());
  EXPECT_FALSE(pair.server.engine.has_subscriptions());
}

TEST(MqttSubscribe, ManyAreRefusedBeyondTheLimit) {
  TestServer server(EngineSettings{.subscriptions_max = 2});
  TestClient client(server, kV5);
  client.connect("c");
  client.subscribe("a");
  client.subscribe("b");
  EXPECT_THAT(client.subscribe("c"), ElementsAre(ReasonCode::quota_exceeded));
  EXPECT_THAT(client.subscribe("b", {.qos = 1}), ElementsAre(ReasonCode::granted_qos_1)) << "known already";
}

TEST(MqttSubscribe, LongFiltersAreRefusedBeyondTheLimit) {
  TestServer server;
  TestClient client(server, kV5);
  client.connect("c");
  std::size_t granted = 0;
  for (int i = 0; i < 40; ++i) {
    const auto codes = client.subscribe(std::string(60'000, 'x') + std::to_string(i), {.qos = 1});
    granted += codes.front() == ReasonCode::quota_exceeded ? 0U : 1U;
  }
  EXPECT_EQ(granted, 17U);
}

TEST(MqttSubscribe, V311GetsItsOwnCodes) {
  TestServer server;
  TestClient client(server, kV4);
  client.connect("c");
  EXPECT_THAT(client.subscribe("a#"), ElementsAre(ReasonCode::unspecified_error));
  EXPECT_THAT(client.subscribe("a", {.qos = 2}), ElementsAre(ReasonCode::granted_qos_2));
}

TEST(MqttSubscribe, ReadRightsAreCheckedAtDelivery) {
  Pair pair;
  pair.to.subscribe("#");
  pair.server.put("t", "1");
  pair.server.forbidden_topic = std::string("t");
  pair.server.put("t", "2");
  EXPECT_THAT(pair.to.take_messages(), ElementsAre("t=1"));
}

}  // namespace
}  // namespace tenon::protocol_mqtt
