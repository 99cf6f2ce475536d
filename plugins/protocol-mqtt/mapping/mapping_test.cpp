// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "mqtt/properties.hpp"
#include "protocol-mqtt/base64url.hpp"
#include "protocol-mqtt/mapping/record_mapping.hpp"
#include "protocol-mqtt/mapping/topic_map.hpp"
#include "remoting/zlib_stream.hpp"

namespace tenon::protocol_mqtt {
namespace {

/// A table of topics, all it takes here.
class SomeTopics final : public Topics {
 public:
  std::shared_ptr<const TopicConfig> find(std::string_view topic) const override {
    if (topic != "orders" && topic != "SELF_TEST_TOPIC") return nullptr;
    auto config = std::make_shared<TopicConfig>();
    config->name = topic;
    return config;
  }
  std::vector<std::shared_ptr<const TopicConfig>> list() const override { return {}; }
  DataVersion version() const override { return {}; }
  bool is_system(std::string_view topic) const override { return topic == "SELF_TEST_TOPIC"; }
  void put(TopicConfig, Done done) override { done({}); }
  void remove(std::string_view, Done done) override { done({}); }
};

TopicMap make_map(std::string name_of_others = "{topic}") {
  return *TopicMap::make({"sensors/+/temperature -> iot-temperature", "sensors/#->iot-sensors"}, "MQTT_DEFAULT",
                         std::move(name_of_others));
}

TEST(TopicMap, RoutesByRuleThenFirstLevelThenDefault) {
  const SomeTopics topics;
  const TopicMap map = make_map();
  EXPECT_EQ(map.route_of("sensors/1/temperature", topics).topic, "iot-temperature");
  EXPECT_EQ(map.route_of("sensors/1/humidity", topics).topic, "iot-sensors");
  EXPECT_EQ(map.route_of("orders/new", topics).topic, "orders");
  EXPECT_EQ(map.route_of("orders", topics).topic, "orders");
  EXPECT_EQ(map.route_of("/orders", topics).topic, "MQTT_DEFAULT");
  EXPECT_EQ(map.route_of("elsewhere", topics).topic, "MQTT_DEFAULT");
  EXPECT_EQ(map.route_of("SELF_TEST_TOPIC/x", topics).topic, "MQTT_DEFAULT")
      << "the system's topics are not for devices";
  EXPECT_EQ(map.own_topics(), (std::vector<std::string>{"MQTT_DEFAULT", "iot-temperature", "iot-sensors"}));
}

TEST(TopicMap, ARuleMayNameLevelsForTagAndKeysAndTheOrder) {
  const SomeTopics topics;
  const TopicMap map =
      *TopicMap::make({"sensors/+/# -> iot  tag=3 keys=2 order=client", "plain/# -> iot order=topic"}, "D", "{topic}");
  const TopicMap::Route route = map.route_of("sensors/7/temperature", topics);
  EXPECT_EQ(route.topic, "iot");
  EXPECT_EQ(level_of("sensors/7/temperature", route.tag_level), "temperature");
  EXPECT_EQ(level_of("sensors/7/temperature", route.keys_level), "7");
  EXPECT_EQ(level_of("sensors/7", route.tag_level), "");
  EXPECT_TRUE(route.order_by_client);
  const TopicMap::Route plain = map.route_of("plain/x", topics);
  EXPECT_EQ(level_of("plain/x", plain.tag_level), "");
  EXPECT_FALSE(plain.order_by_client);
}

TEST(TopicMap, NamesMessagesOfOthers) {
  EXPECT_EQ(make_map().name_of("orders", "paid"), "orders");
  EXPECT_EQ(make_map("{topic}/{tag}").name_of("orders", "paid"), "orders/paid");
  EXPECT_EQ(make_map("{topic}/{tag}").name_of("orders", ""), "orders");
  EXPECT_EQ(make_map("{topic}/{tag}").name_of("orders", "a+b"), "") << "no name with wildcards";
}

/// A record as another protocol's producer could write it.
bool shown(const std::string& properties, const std::function<void(const Message&)>& use) {
  tenon::Message record;
  record.topic = "orders";
  record.properties = properties;
  return with_message_of(record, PhysicalOffset{0}, make_map(), use);
}

TEST(RecordMapping, OtherProtocolsDoNotSpeakForTheServer) {
  std::string wire;
  append_property(wire, mqtt_property::topic, "$SYS/broker/version");
  EXPECT_FALSE(shown(wire, [](const Message&) {}));
}

TEST(RecordMapping, WhatBelongsToOneConnectionIsNotTakenFromARecord) {
  mqtt::Properties properties;
  properties.set(mqtt::PropertyId::topic_alias, 9);
  properties.set(mqtt::PropertyId::message_expiry_interval, 9);
  properties.set(mqtt::PropertyId::content_type, "text/plain");
  properties.subscription_identifiers.push_back(9);
  std::string block;
  properties.encode_block(block);
  std::string wire;
  append_property(wire, mqtt_property::topic, "t");
  append_property(wire, mqtt_property::block, to_base64url(block));
  properties = {};
  properties.set(mqtt::PropertyId::content_type, "text/plain");
  std::string expected;
  properties.encode_block(expected);
  EXPECT_TRUE(shown(wire, [&](const Message& message) { EXPECT_EQ(message.properties, expected); }));
}

TEST(TopicMap, SaysWhatIsWrongWithARule) {
  for (const char* bad : {"a/#", "a/#/b -> t", "a -> bad!", " -> t", "a -> t tag", "a -> t tag=0", "a -> t tag=x",
                          "a -> t keys=2x", "a -> t order=", "a -> t order=client,", "a -> t color=red"}) {
    EXPECT_FALSE(TopicMap::make({bad}, "MQTT_DEFAULT", "{topic}").has_value()) << bad;
  }
  EXPECT_FALSE(TopicMap::make({}, "MQTT_DEFAULT", "{tag}").has_value());
}

TEST(TopicMap, QueuesAreStable) {
  EXPECT_EQ(queue_of("a/b", 1), 0);
  EXPECT_EQ(queue_of("sensors/1", 8), queue_of("sensors/1", 8));
  std::map<std::int32_t, int> used;
  for (int i = 0; i < 8000; ++i) ++used[queue_of(text("device/", i), 8)];
  ASSERT_EQ(used.size(), 8U);
  for (const auto& [queue, count] : used) EXPECT_GT(count, 800);
}

TEST(Base64, RoundTrip) {
  std::mt19937 random(std::random_device{}());
  for (std::size_t size = 0; size < 100; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(from_base64(to_base64url(bytes)), bytes);
  }
  EXPECT_EQ(to_base64url("\xff\xfe"), "__4");
  EXPECT_EQ(from_base64("//4="), "\xff\xfe");
  EXPECT_EQ(from_base64("a"), std::nullopt);
  EXPECT_EQ(from_base64("a b"), std::nullopt);
}

std::string block_with(const std::vector<mqtt::Properties::UserProperty>& user_properties) {
  mqtt::Properties properties;
  properties.set(mqtt::PropertyId::content_type, "text/plain");
  properties.user_properties = user_properties;
  std::string block;
  properties.encode_block(block);
  return block;
}

struct Seen {
  std::string topic, payload, properties, publisher;
  std::int64_t expires_at_ms = 0;
  int qos = -1;
  bool retain = false;
};

std::optional<Seen> seen(const tenon::Message& record, const TopicMap& map) {
  std::optional<Seen> result;
  with_message_of(record, PhysicalOffset{7}, map, [&](const Message& m) {
    result = Seen{std::string(m.topic),
                  std::string(m.payload),
                  std::string(m.properties),
                  std::string(m.publisher),
                  m.expires_at_ms,
                  m.qos,
                  m.retain};
    EXPECT_EQ(m.place.value, 7);
  });
  return result;
}

TEST(RecordMapping, KeepsEverythingOfAMessage) {
  const std::string block = block_with({{"unit", "C"}, {"unit", "K"}, {"TAGS", "hot"}, {"DELAY", "3"}});
  IncomingMessage incoming;
  incoming.message = {"sensors/1", "21.5", block, "device-1", 1'800'000'000'000, 2, true, PhysicalOffset{-1}, 0};
  incoming.user_name = "alice";
  incoming.qos2_packet_id = 9;
  const auto properties = record_properties(incoming, {});
  ASSERT_TRUE(properties.has_value());
  const PropertiesView view(*properties);
  EXPECT_EQ(view.find("TAGS"), "hot");
  EXPECT_EQ(view.find("unit"), "K");
  EXPECT_EQ(view.find("DELAY"), std::nullopt) << "a device does not command the broker";
  EXPECT_EQ(view.find("originMqttTopic"), "sensors/1");
  EXPECT_EQ(view.find("clientId"), "device-1");
  EXPECT_EQ(view.find("mqttUser"), "alice");

  tenon::Message record;
  record.topic = "iot-sensors";
  record.properties = *properties;
  record.body = std::as_bytes(std::span(incoming.message.payload));
  const auto back = seen(record, make_map());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->topic, "sensors/1");
  EXPECT_EQ(back->payload, "21.5");
  EXPECT_EQ(back->properties, block);
  EXPECT_EQ(back->publisher, "device-1");
  EXPECT_EQ(back->expires_at_ms, 1'800'000'000'000);
  EXPECT_EQ(back->qos, 2);
  EXPECT_TRUE(back->retain);
}

TEST(RecordMapping, TagAndKeysOfTheRuleCountUnlessTheDeviceHasSet) {
  IncomingMessage incoming;
  incoming.message.topic = "sensors/7/hot";
  const auto by_rule = record_properties(incoming, {.tag = "hot", .keys = "7"});
  EXPECT_EQ(PropertiesView(*by_rule).find("TAGS"), "hot");
  EXPECT_EQ(PropertiesView(*by_rule).find("KEYS"), "7");
  const std::string block = block_with({{"TAGS", "mine"}});
  incoming.message.properties = block;
  const auto by_device = record_properties(incoming, {.tag = "hot", .keys = "7"});
  EXPECT_EQ(PropertiesView(*by_device).find("TAGS"), "mine");
  EXPECT_EQ(PropertiesView(*by_device).find("KEYS"), "7");
  const auto without = record_properties(incoming, {.user_properties = false});
  EXPECT_EQ(PropertiesView(*without).find("TAGS"), kMqttTag);
  EXPECT_EQ(PropertiesView(*without).find("KEYS"), std::nullopt);
}

/// The name under which devices see what a producer for Apache rocketmq-mqtt sends to "orders".
std::string name_by_light_queues(const std::string& list) {
  std::string wire;
  append_property(wire, property::tags, "MQ2MQTT");
  append_property(wire, "INNER_MULTI_DISPATCH", list);
  std::string name;
  EXPECT_TRUE(shown(wire, [&](const Message& message) {
    name = message.topic;
    EXPECT_EQ(message.qos, 1);
    EXPECT_EQ(message.properties.find("LMQ"), std::string_view::npos) << "the broker's, not the devices'";
  }));
  return name;
}

TEST(RecordMapping, LightQueuesOfProducersForRocketMqMqttNameTheTopic) {
  EXPECT_EQ(name_by_light_queues("%LMQ%orders%r1%"), "orders/r1");
  EXPECT_EQ(name_by_light_queues("%LMQ%orders%r%+%,%LMQ%orders%r%wc%"), "orders/r/wc") << "filters match by themselves";
  EXPECT_EQ(name_by_light_queues("%LMQ%orders%p2p%device-1%"), "orders/p2p/device-1");
  EXPECT_EQ(name_by_light_queues("%LMQ%orders"), "orders");
  for (const char* none : {"", ",", "%LMQ%", "%LMQ%a%#", "other", "%LMQ%\xff"}) {
    EXPECT_EQ(name_by_light_queues(none), "orders") << none;
  }
}

TEST(RecordMapping, RefusesWhatARecordCannotHold) {
  IncomingMessage incoming;
  incoming.message.topic =
      "a\x01"
      "b";
  EXPECT_FALSE(record_properties(incoming, {}).has_value());
  const std::string block = block_with({{"k", std::string(30'000, 'v')}});
  incoming.message.topic = "a";
  incoming.message.properties = block;
  EXPECT_FALSE(record_properties(incoming, {}).has_value());
}

TEST(RecordMapping, ShowsRecordsOfOthers) {
  tenon::Message record;
  record.topic = "orders";
  std::string properties;
  append_property(properties, "TAGS", "paid");
  append_property(properties, "UNIQ_KEY", "7F00");
  append_property(properties, "amount", "5");
  record.properties = properties;
  const std::string body = "hello";
  record.body = std::as_bytes(std::span(body));
  const auto message = seen(record, make_map("{topic}/{tag}"));
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->topic, "orders/paid");
  EXPECT_EQ(message->payload, "hello");
  EXPECT_EQ(message->qos, 1);
  EXPECT_FALSE(message->retain);
  mqtt::Properties shown;
  mqtt::Reader reader(message->properties);
  shown.decode_block(reader, mqtt::PropertyPlace::publish);
  EXPECT_EQ(shown.user_properties, (std::vector<mqtt::Properties::UserProperty>{{"TAGS", "paid"}, {"amount", "5"}}));
}

TEST(RecordMapping, InflatesWhatJavaClientsCompress) {
  const std::string body(10'000, 'x');
  const auto compressed = remoting::deflate_all(std::as_bytes(std::span(body)), 5);
  tenon::Message record;
  record.topic = "orders";
  record.body = compressed;
  record.sys_flag = sys_flag::compressed;
  EXPECT_EQ(seen(record, make_map())->payload, body);
  record.sys_flag = sys_flag::compressed | 0x300;
  EXPECT_EQ(seen(record, make_map())->payload, body);
  record.sys_flag = sys_flag::compressed | 0x100;
  EXPECT_FALSE(seen(record, make_map()).has_value()) << "LZ4";
}

TEST(RecordMapping, SurvivesForeignProperties) {
  tenon::Message record;
  record.topic = "orders";
  for (const char* wire : {"originMqttTopic\x01"
                           "a/#\x02",
                           "originMqttTopic\x01\xff\x02",
                           "originMqttTopic\x01"
                           "a\x02mqtt5\x01!!\x02",
                           "originMqttTopic\x01"
                           "a\x02qosLevel\x01"
                           "9\x02mqttExpiry\x01x\x02"}) {
    record.properties = wire;
    const auto message = seen(record, make_map());
    EXPECT_LE(message ? message->qos : 0, 2);
  }
}

}  // namespace
}  // namespace tenon::protocol_mqtt
