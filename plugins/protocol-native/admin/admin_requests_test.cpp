// SPDX-License-Identifier: Apache-2.0
// The requests of tools over a socket.
#include <gmock/gmock.h>

#include "fastjson/reader.hpp"
#include "protocol-native/admin/admin_fixture.hpp"
#include "protocol-native/admin/topic_attributes.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;
using testing::HasSubstr;

class AdminRequests : public AdminFixture {
 protected:
  void SetUp() override {
    AdminFixture::SetUp();
    TopicConfig topic;
    topic.name = "T";
    topic.read_queue_nums = topic.write_queue_nums = 1;
    topics.table["T"] = std::make_shared<const TopicConfig>(topic);
    topic.name = "TBW102";
    topics.table["TBW102"] = std::make_shared<const TopicConfig>(topic);
    SubscriptionGroupConfig group;
    group.name = "g";
    groups.table["g"] = std::make_shared<const SubscriptionGroupConfig>(group);
    open();
    client.emplace(address());
  }
  ReceivedFrame call(RequestCode code, const RawClient::FieldList& fields, std::string_view body = {}) {
    return client->call(code, fields, body);
  }
  ReceivedFrame create(std::string_view topic, std::string_view attributes, std::string_view read_queues = "4") {
    return call(RequestCode::update_and_create_topic, {{"readQueueNums", read_queues},
                                                       {"perm", "6"},
                                                       {"writeQueueNums", "4"},
                                                       {"topicFilterType", "SINGLE_TAG"},
                                                       {"topic", topic},
                                                       {"attributes", attributes},
                                                       {"force", "false"},
                                                       {"defaultTopic", "TBW102"},
                                                       {"order", "false"},
                                                       {"topicSysFlag", "0"}});
  }

  std::optional<RawClient> client;
};

TEST_F(AdminRequests, TopicIsCreatedOnceAndChangedWhenItDiffers) {
  EXPECT_EQ(create("WireVerb", "").code, 0);
  EXPECT_EQ(topics.table.at("WireVerb")->read_queue_nums, 4);
  EXPECT_EQ(create("WireVerb", "").code, 0);
  EXPECT_EQ(topics.puts, 1);
  EXPECT_EQ(create("WireVerb", "+message.type=FIFO").code, 0);
  EXPECT_EQ(topics.table.at("WireVerb")->attributes.at("message.type"), "FIFO");
}

TEST_F(AdminRequests, TopicsThatMayNotBe) {
  EXPECT_EQ(create("TBW102", "").code, 29);
  EXPECT_EQ(create("a b", "").code, 29);
  EXPECT_EQ(create("Mixed", "+message.type=MIXED").code, 29);
  EXPECT_EQ(create("V", "", "many").code, 29);
  const auto unknown = create("V", "+no.such.attribute=1");
  EXPECT_EQ(unknown.code, 1);
  EXPECT_EQ(unknown.remark, "unsupported key: no.such.attribute");
  EXPECT_EQ(call(RequestCode::delete_topic_in_broker, {{"topic", "TBW102"}}).code, 29);
}

TEST_F(AdminRequests, ListOfTopicsIsAppliedWhole) {
  const auto done = call(
      RequestCode::update_and_create_topic_list, {},
      R"({"topicConfigList":[{"topicName":"A"},{"topicName":"T","readQueueNums":1,"writeQueueNums":1},{"topicName":"B"}]})");
  EXPECT_EQ(done.code, 0) << done.remark.value_or("");
  EXPECT_TRUE(topics.table.contains("A"));
  EXPECT_TRUE(topics.table.contains("B"));
  EXPECT_EQ(topics.puts, 2);
  EXPECT_EQ(call(RequestCode::update_and_create_topic_list, {}, "{").code, 13);
}

TEST_F(AdminRequests, ListOfTopicsChangesAttributesAsOneTopicDoes) {
  const auto list = [&](std::string_view attributes) {
    const std::string body = text(R"({"topicConfigList":[{"topicName":"A","attributes":{)", attributes, "}}]}");
    return call(RequestCode::update_and_create_topic_list, {}, body);
  };
  EXPECT_EQ(list(R"("+message.type":"FIFO")").code, 0);
  EXPECT_EQ(topics.table.at("A")->attributes, (Attributes{{"message.type", "FIFO"}}));
  EXPECT_EQ(list(R"("-message.type":"")").code, 0);
  EXPECT_TRUE(topics.table.at("A")->attributes.empty());
  EXPECT_EQ(list(R"("+no.such.attribute":"1")").code, 1);
  EXPECT_NE(list(R"("+queue.type":"BatchCQ")").code, 0);
}

TEST_F(AdminRequests, TopicTablesAreWholeOrPaged) {
  const auto all = call(RequestCode::get_all_topic_config, {});
  EXPECT_EQ(all.field("totalTopicNum"), "2");
  EXPECT_EQ(fastjson::parse(all.body)->find("topicConfigTable")->members().size(), 2u);
  const auto page =
      call(RequestCode::get_all_topic_config, {{"topicSeq", "1"}, {"maxTopicNum", "2000"}, {"dataVersion", ""}});
  EXPECT_EQ(fastjson::parse(page.body)->find("topicConfigTable")->members().size(), 1u);
  const auto beyond = call(RequestCode::get_all_topic_config, {{"topicSeq", "99"}, {"maxTopicNum", "-5"}});
  EXPECT_EQ(fastjson::parse(beyond.body)->find("topicConfigTable")->members().size(), 0u);
  EXPECT_THAT(call(RequestCode::get_topic_config, {{"topic", "T"}}).body, HasSubstr(R"("topicName":"T")"));
  const auto none = call(RequestCode::get_topic_config, {{"topic", "N"}});
  EXPECT_EQ(none.code, 17);
  EXPECT_EQ(none.remark, "No topic in this broker. topic: N");
}

TEST_F(AdminRequests, TopicStats) {
  EXPECT_EQ(
      call(RequestCode::get_topic_stats_info, {{"topic", "T"}}).body,
      R"({"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"T"}:{"lastUpdateTimestamp":1009,"maxOffset":10,"minOffset":0}},"topicPutTps":0.4})");
  const auto none = call(RequestCode::get_topic_stats_info, {{"topic", "NoSuchTopic"}});
  EXPECT_EQ(none.code, 17);
  EXPECT_EQ(none.remark, "topic[NoSuchTopic] not exist");
}

TEST_F(AdminRequests, ConsumeStatsShowTheLag) {
  ASSERT_TRUE(offsets.commit("g", "T", 0, {4}));
  EXPECT_EQ(
      call(RequestCode::get_consume_stats, {{"consumerGroup", "g"}, {"topic", "T"}}).body,
      R"({"consumeTps":0.0,"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"T"}:{"brokerOffset":10,"consumerOffset":4,"lastTimestamp":1003,"pullOffset":4}}})");
  EXPECT_EQ(call(RequestCode::get_consume_stats, {{"consumerGroup", "none"}}).body,
            R"({"consumeTps":0.0,"offsetTable":{}})");
  EXPECT_EQ(call(RequestCode::get_consume_stats, {{"consumerGroup", "none"}, {"topicList", ";N;;"}}).body,
            R"({"consumeTps":0.0,"offsetTable":{}})");
}

TEST_F(AdminRequests, AnOffsetNeedsAGroupAndATopicThatExist) {
  const auto commit = [&](std::string_view group, std::string_view topic) {
    return call(RequestCode::update_consumer_offset,
                {{"consumerGroup", group}, {"topic", topic}, {"queueId", "0"}, {"commitOffset", "5"}});
  };
  EXPECT_EQ(commit("g", "T").code, 0);
  EXPECT_EQ(commit("nobody", "T").code, 26);
  EXPECT_EQ(commit("nobody", "NoSuchTopic").code, 26);
  EXPECT_EQ(commit("g", "NoSuchTopic").code, 17);
  EXPECT_EQ(groups.find("nobody"), nullptr) << "asked of Java 5.4.0: no group is made for it";
}

TEST_F(AdminRequests, ResetIsByTimeToTheEndOrToAnOffset) {
  const auto reset = [&](std::string_view timestamp, std::string_view queue, std::string_view offset) {
    return call(RequestCode::invoke_broker_to_reset_offset, {{"topic", "T"},
                                                             {"group", "g"},
                                                             {"timestamp", timestamp},
                                                             {"isForce", "true"},
                                                             {"queueId", queue},
                                                             {"offset", offset}});
  };
  EXPECT_EQ(reset("1005", "-1", "-1").body, R"({"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"T"}:5}})");
  EXPECT_EQ(offsets.find("g", "T", 0), QueueOffset{5});
  EXPECT_THAT(reset("-1", "-1", "-1").body, HasSubstr("}:10}"));
  EXPECT_THAT(reset("0", "0", "7").body, HasSubstr("}:7}"));
  EXPECT_EQ(reset("0", "0", "12").code, 1);
  EXPECT_EQ(call(RequestCode::invoke_broker_to_reset_offset, {{"topic", "N"}, {"group", "g"}, {"timestamp", "0"}}).code,
            17);
  EXPECT_EQ(call(RequestCode::invoke_broker_to_reset_offset, {{"topic", "T"}, {"group", "N"}, {"timestamp", "0"}}).code,
            26);
  identity.id = 1;
  const auto at_a_slave = reset("1005", "-1", "-1");
  EXPECT_EQ(at_a_slave.code, 1);
  EXPECT_THAT(at_a_slave.remark.value_or(""), HasSubstr("slave"));
}

TEST_F(AdminRequests, GroupsComeAndGo) {
  EXPECT_EQ(call(RequestCode::update_and_create_subscriptiongroup, {}, R"({"groupName":"new","retryMaxTimes":3})").code,
            0);
  EXPECT_EQ(groups.find("new")->retry_max_times, 3);
  EXPECT_EQ(call(RequestCode::update_and_create_subscriptiongroup, {}, R"({"groupName":"a b"})").code, 29);
  EXPECT_EQ(call(RequestCode::get_all_subscriptiongroup_config, {}).field("totalGroupNum"), "2");
  EXPECT_EQ(call(RequestCode::delete_subscriptiongroup, {{"groupName", "new"}, {"cleanOffset", "false"}}).code, 0);
  EXPECT_EQ(call(RequestCode::get_subscriptiongroup_config, {{"group", "new"}}).code, 26);
  EXPECT_EQ(call(RequestCode::update_and_get_group_forbidden, {{"group", "g"}, {"topic", "T"}}).body,
            R"({"group":"g","readable":true,"topic":"T"})");
}

TEST_F(AdminRequests, RuntimeInfoHasEveryKeyThatToolsRead) {
  const auto answer = call(RequestCode::get_broker_runtime_info, {});
  const auto json = fastjson::parse(answer.body);
  ASSERT_TRUE(json);
  for (const char* key : {"brokerVersionDesc",
                          "brokerActive",
                          "putTps",
                          "getTransferredTps",
                          "msgPutTotalYesterdayMorning",
                          "msgPutTotalTodayMorning",
                          "msgPutTotalTodayNow",
                          "msgGetTotalYesterdayMorning",
                          "msgGetTotalTodayMorning",
                          "msgGetTotalTodayNow",
                          "sendThreadPoolQueueSize",
                          "sendThreadPoolQueueHeadWaitTimeMills",
                          "pullThreadPoolQueueSize",
                          "pullThreadPoolQueueHeadWaitTimeMills",
                          "pageCacheLockTimeMills",
                          "earliestMessageTimeStamp",
                          "commitLogDiskRatio",
                          "timerReadBehind",
                          "timerOffsetBehind",
                          "timerCongestNum",
                          "timerEnqueueTps",
                          "timerDequeueTps",
                          "brokerVersion",  // from here on: what RocketMQ's exporter for Prometheus ends without
                          "dispatchMaxBuffer",
                          "getMessageEntireTimeMax",
                          "getTransferedTps",
                          "putMessageDistributeTime",
                          "putMessageEntireTimeMax"}) {
    const auto* value = json->find("table")->find(key);
    ASSERT_NE(value, nullptr) << key;
    EXPECT_TRUE(value->is_string()) << key;
  }
  EXPECT_EQ(json->find("table")->text_or("brokerVersionDesc", ""), "V5_4_0");
  EXPECT_EQ(json->find("table")->text_or("runtime", ""), "[ 0 days, 0 hours, 16 minutes, 40 seconds ]");
}

TEST_F(AdminRequests, ABrokerWithoutReplicationIsAMasterWithoutSlaves) {
  const auto answer = call(RequestCode::get_broker_ha_status, {});
  ASSERT_EQ(answer.code, 0) << answer.remark.value_or("");
  const auto json = fastjson::parse(answer.body);
  ASSERT_TRUE(json);
  EXPECT_TRUE(json->bool_or("master", false));
  EXPECT_EQ(json->i64_or("inSyncSlaveNums", -1), 0);
  EXPECT_GT(json->i64_or("masterCommitLogMaxOffset", -1), -1);
  ASSERT_NE(json->find("haConnectionInfo"), nullptr);
  EXPECT_TRUE(json->find("haConnectionInfo")->is_array());
  identity.id = 1;
  EXPECT_FALSE(fastjson::parse(call(RequestCode::get_broker_ha_status, {}).body)->bool_or("master", true));
}

TEST_F(AdminRequests, EveryOffsetIsHandedOut) {
  offsets.table[{"g", "T", 3}] = {7};
  offsets.table[{"no such group", "U", 0}] = {9};
  offsets.table[{"%LMQ%client", "%LMQ%a", 0}] = {11};
  offsets.table[{"%LMQ%client", "T", 1}] = {12};
  const auto answer = call(RequestCode::get_all_consumer_offset, {});
  EXPECT_THAT(answer.body, HasSubstr(R"("T@g":{3:7})"));
  EXPECT_THAT(answer.body, HasSubstr(R"("U@no such group":{0:9})"));
  EXPECT_THAT(answer.body, HasSubstr(R"("lmqOffsetTable":{"%LMQ%a@%LMQ%client":11})"));
  EXPECT_THAT(answer.body, HasSubstr(R"("T@%LMQ%client":{1:12})"));
}

TEST_F(AdminRequests, ASlaveIsToldWhatHasChanged) {
  const auto first = call(RequestCode::tenon_metadata_changes, {{"origin", "0"}, {"position", "0"}});
  ASSERT_EQ(first.code, 0) << first.remark.value_or("");
  EXPECT_THAT(first.body, HasSubstr(R"({"origin":77,"position":12,"complete":false,)"));
  EXPECT_THAT(first.body, HasSubstr(R"("topics":{"dataVersion":{"counter":2,"stateVersion":0,"timestamp":1}})"));
  EXPECT_THAT(first.body, HasSubstr(R"("groups":{"dataVersion":{"counter":4,"stateVersion":0,"timestamp":3}})"));
  EXPECT_THAT(first.body, HasSubstr(R"("offsetTable":{"T@g":{3:7}})"));
  const auto second = call(RequestCode::tenon_metadata_changes, {{"origin", "77"}, {"position", "12"}});
  EXPECT_THAT(second.body, HasSubstr(R"("offsetTable":{})"));
  EXPECT_EQ(call(RequestCode::tenon_metadata_changes, {}).code, 29);
}

TEST_F(AdminRequests, WhatIsNotOnlineIsSaidSo) {
  EXPECT_EQ(call(RequestCode::get_consumer_connection_list, {{"consumerGroup", "nobody"}}).remark,
            "the consumer group[nobody] not online");
  EXPECT_EQ(call(RequestCode::get_consumer_connection_list, {{"consumerGroup", "nobody"}}).code, 206);
  EXPECT_EQ(call(RequestCode::get_producer_connection_list, {{"producerGroup", "nobody"}}).code, 1);
  EXPECT_EQ(call(RequestCode::get_consumer_running_info, {{"consumerGroup", "g"}, {"clientId", "c"}}).code, 1);
  EXPECT_EQ(call(RequestCode::invoke_broker_to_get_consumer_status, {{"group", "g"}, {"topic", "T"}}).code, 1);
  EXPECT_EQ(
      call(RequestCode::view_broker_stats_data, {{"statsName", "TOPIC_PUT_NUMS"}, {"statsKey", "NoSuchTopic"}}).remark,
      "The stats <TOPIC_PUT_NUMS> <NoSuchTopic> not exist");
  EXPECT_THAT(call(RequestCode::view_broker_stats_data, {{"statsName", "TOPIC_PUT_NUMS"}, {"statsKey", "T"}}).body,
              HasSubstr(R"("statsMinute":{"avgpt":1.0,"sum":24,"tps":0.4})"));
}

TEST_F(AdminRequests, ConfigurationIsShownAndNotChanged) {
  const auto config = call(RequestCode::get_broker_config, {});
  EXPECT_THAT(config.body, HasSubstr("brokerName=broker-a\n"));
  EXPECT_THAT(config.body, HasSubstr("autoCreateTopicEnable=true\n"));
  EXPECT_THAT(config.field("version"), HasSubstr("counter"));
  EXPECT_EQ(call(RequestCode::update_broker_config, {}, "a=b\n").code, 16);
  EXPECT_EQ(call(RequestCode::clean_unused_topic, {}).code, 3);
}

TEST_F(AdminRequests, CorrectionOffsetsAreTheSmallestOfTheGroups) {
  for (const auto& [group, offset] : {std::pair("g", 7), {"h", 5}, {"old", 2}}) {
    ASSERT_TRUE(offsets.commit(group, "T", 0, {offset}));
  }
  const auto ask = [&](std::string_view left_out, std::string_view compared) {
    return call(RequestCode::query_correction_offset,
                {{"topic", "T"}, {"filterGroups", left_out}, {"compareGroup", compared}})
        .body;
  };
  EXPECT_EQ(ask("", "g"), R"({"correctionOffsets":{0:2}})");
  EXPECT_EQ(ask("old,none", "g"), R"({"correctionOffsets":{0:5}})");
  EXPECT_EQ(ask("old", "old"), R"({"correctionOffsets":{0:9223372036854775807}})") << "it is behind all others";
  EXPECT_TRUE(offsets.find("old", "T", 0)) << "asking changes nothing";
}

TEST_F(AdminRequests, TheConsumeQueueIsShownEntryByEntry) {
  const auto ask = [&](std::string_view queue_id, std::string_view index, std::string_view group) {
    return call(RequestCode::query_consume_queue,
                {{"topic", "T"}, {"queueId", queue_id}, {"index", index}, {"count", "2"}, {"consumerGroup", group}});
  };
  EXPECT_EQ(ask("0", "3", "").body, R"({"maxQueueIndex":10,"minQueueIndex":0,"queueData":[)"
                                    R"({"eval":true,"physicOffset":300,"physicSize":100,"tagsCode":3},)"
                                    R"({"eval":true,"physicOffset":400,"physicSize":100,"tagsCode":4}]})");
  EXPECT_THAT(ask("0", "9", "g").body, HasSubstr(R"("filterData":"g@T is not online!")"));
  EXPECT_EQ(ask("0", "10", "").code, 1);
  EXPECT_EQ(ask("0", "10", "").remark, "Index 10 of 0@T is not exist!");
}

TEST_F(AdminRequests, MissingFieldsAreErrorsNotCrashes) {
  for (const auto code :
       {RequestCode::update_and_create_topic, RequestCode::delete_topic_in_broker, RequestCode::get_topic_config,
        RequestCode::get_topic_stats_info, RequestCode::query_topic_consume_by_who, RequestCode::get_consume_stats,
        RequestCode::query_consume_time_span, RequestCode::invoke_broker_to_reset_offset,
        RequestCode::clone_group_offset, RequestCode::get_consumer_running_info, RequestCode::delete_subscriptiongroup,
        RequestCode::view_broker_stats_data, RequestCode::query_correction_offset, RequestCode::query_consume_queue}) {
    EXPECT_EQ(call(code, {}).code, 29) << static_cast<int>(code);
  }
  EXPECT_EQ(call(RequestCode::update_and_create_subscriptiongroup, {}).code, 13);
}

}  // namespace
}  // namespace tenon::protocol_native
