// SPDX-License-Identifier: Apache-2.0
// Bodies as Apache RocketMQ 5.4.0 and 4.9.7 wrote them, recorded on the wire (../shared/golden/wire), shortened by hand
// to one entry each. What Java writes without quotes around integer keys, a name server of ours writes with them.
#include <gtest/gtest.h>

#include "broker_json/group_config.hpp"
#include "fastjson/reader.hpp"
#include "protocol-native/bodies/client_bodies.hpp"
#include "protocol-native/bodies/group_config_body.hpp"
#include "protocol-native/bodies/message_queue_body.hpp"
#include "protocol-native/bodies/register_broker_body.hpp"
#include "protocol-native/bodies/route_bodies.hpp"
#include "protocol-native/bodies/statistics_bodies.hpp"

namespace tenon::protocol_native {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// broker-5.4.0-register: the single-topic registration after UPDATE_AND_CREATE_TOPIC.
constexpr std::string_view kRegister540 =
    R"({"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"stateVersion":0,"timestamp":1795264110355},"mappingDataVersion":{"counter":0,"stateVersion":0,"timestamp":1795264110355},"topicConfigTable":{"WireProducer_Register":{"attributes":{},"order":false,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"WireProducer_Register","topicSysFlag":0,"writeQueueNums":4}},"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{}}})";
// broker-4.9.7-register: no attributes, no mappings, no stateVersion.
constexpr std::string_view kRegister497 =
    R"({"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":3,"timestamp":1795264110355},"topicConfigTable":{"SELF_TEST_TOPIC":{"order":false,"perm":6,"readQueueNums":1,"topicFilterType":"SINGLE_TAG","topicName":"SELF_TEST_TOPIC","topicSysFlag":0,"writeQueueNums":1}}}})";

TEST(RegisterBrokerBodyGolden, OfJava5IsReadAndWrittenBackByteForByte) {
  const auto body = read_register_broker_body(bytes_of(kRegister540), {.compressed = false, .broker_version = 493});
  ASSERT_TRUE(body) << body.error().message();
  EXPECT_EQ(body->version, (DataVersion{0, 1795264110355, 1}));
  ASSERT_EQ(body->topics.size(), 1u);
  EXPECT_EQ(body->topics[0]->name, "WireProducer_Register");
  EXPECT_EQ(body->topics[0]->write_queue_nums, 4);
  BrokerRegistration registration;
  registration.version = body->version;
  registration.topics = body->topics;
  EXPECT_EQ(register_broker_body(registration), kRegister540);
}

TEST(RegisterBrokerBodyGolden, OfJava4IsRead) {
  const auto body = read_register_broker_body(bytes_of(kRegister497), {.compressed = false, .broker_version = 407});
  ASSERT_TRUE(body) << body.error().message();
  EXPECT_EQ(body->version.counter, 3);
  ASSERT_EQ(body->topics.size(), 1u);
  EXPECT_EQ(body->topics[0]->read_queue_nums, 1);
}

TEST(RegisterBrokerBodyGolden, CompressedComesBackWithoutWhatTheFormCannotHold) {
  BrokerRegistration registration;
  registration.version = {1, 2, 3};
  TopicConfig topic;
  topic.name = "T";
  topic.read_queue_nums = 3;
  topic.perm = 4;
  topic.attributes["message.type"] = "FIFO";
  registration.topics.push_back(std::make_shared<TopicConfig>(topic));
  const auto packed = compressed_register_broker_body(registration);
  const auto body = read_register_broker_body(packed, {.compressed = true, .broker_version = 493});
  ASSERT_TRUE(body) << body.error().message();
  EXPECT_EQ(body->version, registration.version);
  topic.attributes.clear();
  EXPECT_EQ(*body->topics.at(0), topic);
}

TEST(RegisterBrokerBodyGolden, DamagedBodiesAreErrors) {
  for (const RegisterBodyForm form :
       {RegisterBodyForm{false, 493}, RegisterBodyForm{true, 493}, RegisterBodyForm{true, 407}}) {
    EXPECT_FALSE(read_register_broker_body(bytes_of("{\"topicConfig"), form));
  }
  EXPECT_TRUE(read_register_broker_body({}, {.compressed = false, .broker_version = 493})->topics.empty());
}

TEST(TopicConfigText, ReadsFiveFieldsAndSix) {
  EXPECT_EQ(decode_topic_config("TopicTest 16 8 6 SINGLE_TAG")->write_queue_nums, 8);
  EXPECT_EQ(decode_topic_config(R"(TopicTest 16 8 6 MULTI_TAG {"message.type":"NORMAL"})")->filter_type,
            TopicFilterType::multi_tag);
  for (const char* bad : {"", "T", "T 1 2 3", "T one 2 3 SINGLE_TAG", "T 99999999999 2 3 SINGLE_TAG", " 1 2 3 X"}) {
    EXPECT_FALSE(decode_topic_config(bad)) << bad;
  }
}

TEST(RouteBodies, AreStrictJsonInJavasOrder) {
  TopicRoute route;
  route.queues.push_back({"broker-a", 4, 4, 6, 0});
  route.brokers.push_back({"DefaultCluster", "broker-a", {{0, "127.0.0.1:20210"}, {1, "127.0.0.1:20220"}}, false, ""});
  EXPECT_EQ(
      topic_route_body(route),
      R"({"brokerDatas":[{"brokerAddrs":{"0":"127.0.0.1:20210","1":"127.0.0.1:20220"},"brokerName":"broker-a","cluster":"DefaultCluster","enableActingMaster":false}],"filterServerTable":{},"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]})");
  ClusterInfo info;
  info.brokers["broker-a"] = route.brokers[0];
  info.clusters["DefaultCluster"] = {"broker-a"};
  EXPECT_EQ(
      cluster_info_body(info),
      R"({"brokerAddrTable":{"broker-a":{"brokerAddrs":{"0":"127.0.0.1:20210","1":"127.0.0.1:20220"},"brokerName":"broker-a","cluster":"DefaultCluster","enableActingMaster":false}},"clusterAddrTable":{"DefaultCluster":["broker-a"]}})");
  EXPECT_EQ(
      broker_member_group_body(route.brokers[0]),
      R"({"brokerMemberGroup":{"brokerAddrs":{"0":"127.0.0.1:20210","1":"127.0.0.1:20220"},"brokerName":"broker-a","cluster":"DefaultCluster"}})");
  EXPECT_EQ(topic_list_body({"broker-a", "DefaultCluster"}, "127.0.0.1:20210"),
            R"({"brokerAddr":"127.0.0.1:20210","topicList":["broker-a","DefaultCluster"]})");
  EXPECT_EQ(key_value_table_body({{"k", "v"}}), R"({"table":{"k":"v"}})");
}

TEST(RouteBodies, QueuesOfARouteAreRead) {
  const auto queues = read_queue_routes(bytes_of(
      R"({"brokerDatas":[],"queueDatas":[{"brokerName":"b","perm":6,"readQueueNums":4,"writeQueueNums":2}]})"));
  ASSERT_TRUE(queues);
  EXPECT_EQ(queues->at(0).write_queue_nums, 2);
  EXPECT_FALSE(read_queue_routes(bytes_of("[")));
}

TEST(StatisticsBodies, KeysThatAreObjectsStayRaw) {
  EXPECT_EQ(
      topic_stats_body({{{"T", "broker-a", 2}, {0, 2, 1795265258402}}}, 0.4),
      R"({"offsetTable":{{"brokerName":"broker-a","queueId":2,"topic":"T"}:{"lastUpdateTimestamp":1795265258402,"maxOffset":2,"minOffset":0}},"topicPutTps":0.4})");
  ConsumeStats stats;
  stats.queues[{"T", "broker-a", 1}] = {5, 1, 1, 1795264816029};
  EXPECT_EQ(
      consume_stats_body(stats),
      R"({"consumeTps":0.0,"offsetTable":{{"brokerName":"broker-a","queueId":1,"topic":"T"}:{"brokerOffset":5,"consumerOffset":1,"lastTimestamp":1795264816029,"pullOffset":1}}})");
  EXPECT_EQ(consume_stats_list_body("127.0.0.1:20210", {{"g", {stats}}, {"none", {}}}),
            R"({"brokerAddr":"127.0.0.1:20210","consumeStatsList":[{"g":[)" + consume_stats_body(stats) +
                R"(]},{"none":[]}],"totalDiff":4,"totalInflightDiff":0})");
}

TEST(StatisticsBodies, CountersOfABroker) {
  CounterStatistics counter;
  counter.hour = {14, 0.011666666666666667, 1.0};
  EXPECT_EQ(
      broker_stats_data_body(counter),
      R"({"statsDay":{"avgpt":0.0,"sum":0,"tps":0.0},"statsHour":{"avgpt":1.0,"sum":14,"tps":0.011666666666666667},"statsMinute":{"avgpt":0.0,"sum":0,"tps":0.0}})");
}

TEST(OffsetBodies, ResetInBothForms) {
  const OffsetsByQueue offsets{{{"T", "broker-a", 3}, QueueOffset{7}}};
  EXPECT_EQ(reset_offset_body(offsets), R"({"offsetTable":{{"brokerName":"broker-a","queueId":3,"topic":"T"}:7}})");
  EXPECT_EQ(reset_offset_body_for_cpp(offsets),
            R"({"offsetTable":[{"brokerName":"broker-a","offset":7,"queueId":3,"topic":"T"}]})");
}

TEST(OffsetBodies, StatusOfClientsIsReadFromTheirsAndJoined) {
  const auto said = fastjson::parse(
      R"({"consumerTable":{},"messageQueueTable":{{"brokerName":"broker-a","queueId":3,"topic":"T"}:2}})");
  ASSERT_TRUE(said);
  EXPECT_EQ(
      consumer_status_body({{"127.0.0.1@consumer", *said->find("messageQueueTable")}}),
      R"({"consumerTable":{"127.0.0.1@consumer":{{"brokerName":"broker-a","queueId":3,"topic":"T"}:2}},"messageQueueTable":{}})");
}

TEST(GroupConfigBody, RoundTripOfJavasDefaults) {
  constexpr std::string_view kGroup =
      R"({"attributes":{},"brokerId":0,"consumeBroadcastEnable":true,"consumeEnable":true,"consumeFromMinEnable":true,"consumeMessageOrderly":false,"consumeTimeoutMinute":15,"groupName":"wire_pop_J540B","groupRetryPolicy":{"type":"CUSTOMIZED"},"groupSysFlag":0,"notifyConsumerIdsChangedEnable":true,"retryMaxTimes":16,"retryQueueNums":1,"whichBrokerWhenConsumeSlowly":1})";
  const auto json = fastjson::parse(kGroup);
  ASSERT_TRUE(json);
  SubscriptionGroupConfig defaults;
  defaults.name = "wire_pop_J540B";
  EXPECT_EQ(broker_json::read_group_config(*json), defaults);
  EXPECT_EQ(group_config_body(defaults), kGroup);
}

TEST(ClientBodies, SubscriptionOfAGroup) {
  ConsumerGroupState group;
  group.consume_from_where = ConsumeFromWhere::first_offset;
  Subscription subscription;
  subscription.topic = "T";
  subscription.version = 1795265153252;
  group.subscriptions.push_back(subscription);
  EXPECT_EQ(
      consumer_connection_body(group),
      R"({"connectionSet":[],"consumeFromWhere":"CONSUME_FROM_FIRST_OFFSET","consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING","subscriptionTable":{"T":{"classFilterMode":false,"codeSet":[],"expressionType":"TAG","subString":"*","subVersion":1795265153252,"tagsSet":[],"topic":"T"}}})");
}

TEST(AssignmentBody, NamesTheModeOfEveryQueue) {
  EXPECT_EQ(
      assignment_body({{"T", "broker-a", 0}}, "PULL"),
      R"({"messageQueueAssignments":[{"messageQueue":{"brokerName":"broker-a","queueId":0,"topic":"T"},"mode":"PULL"}]})");
  EXPECT_EQ(
      assignment_body({{"WirePop_J540", "broker-a", -1}}, "POP"),
      R"({"messageQueueAssignments":[{"messageQueue":{"brokerName":"broker-a","queueId":-1,"topic":"WirePop_J540"},"mode":"POP"}]})");
}

}  // namespace
}  // namespace tenon::protocol_native
