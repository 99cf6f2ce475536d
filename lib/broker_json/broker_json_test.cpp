// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "broker_json/data_version.hpp"
#include "broker_json/group_config.hpp"
#include "broker_json/level_progress.hpp"
#include "broker_json/offset_key.hpp"
#include "broker_json/topic_config.hpp"
#include "broker_json/topic_counts.hpp"
#include "fastjson/reader.hpp"

namespace tenon::broker_json {
namespace {

template <class Value, class Write>
std::string written(const Value& value, Write write) {
  std::string out;
  fastjson::Writer json(out);
  write(json, value);
  return out;
}

TEST(DataVersion, MissingMembersAreZero) {
  const DataVersion version{2, 1'700'000'000'000, 7};
  EXPECT_EQ(written(version, write_data_version), R"({"counter":7,"stateVersion":2,"timestamp":1700000000000})");
  EXPECT_EQ(read_data_version(*fastjson::parse(R"({"counter":3,"timestamp":5})")), (DataVersion{0, 5, 3}));
  EXPECT_EQ(data_version_of(*fastjson::parse(R"({"dataVersion":{"counter":3}})")), (DataVersion{0, 0, 3}));
  EXPECT_EQ(data_version_of(*fastjson::parse("{}")), DataVersion{});
}

TEST(LevelProgress, LevelsCountFromOne) {
  const DelayLevelProgress progress{{100, 0, 7}, {0, 5, 3}};
  EXPECT_EQ(written(progress, write_level_progress),
            R"({"dataVersion":{"counter":3,"stateVersion":0,"timestamp":5},"offsetTable":{1:100,2:0,3:7}})");
  const auto read = read_level_progress(*fastjson::parse(R"({"offsetTable":{1024:4,1025:1,0:1,2:-1,"x":1}})"));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->next_queue_offsets.size(), 1'024U);
  EXPECT_EQ(read->next_queue_offsets.back(), 4);
  EXPECT_EQ(read->version, DataVersion{});
  EXPECT_TRUE(read_level_progress(*fastjson::parse(R"({"offsetTable":[]})")).has_error());
}

TEST(OffsetKey, IsSplitWhereTheGroupBegins) {
  const auto parts = [](std::string_view key) {
    const auto split = split_offset_key(key);
    return split ? std::pair(std::string(split->topic), std::string(split->group))
                 : std::pair<std::string, std::string>();
  };
  using Parts = std::pair<std::string, std::string>;
  EXPECT_EQ(parts("%RETRY%g@g"), Parts("%RETRY%g", "g"));
  EXPECT_EQ(parts("T@g@broadcast"), Parts("T", "g@broadcast"));
  EXPECT_EQ(parts("T@%LMQ%client@home"), Parts("T", "%LMQ%client@home"));
  EXPECT_EQ(parts("%LMQ%you@home/door@%LMQ%client@home"), Parts("%LMQ%you@home/door", "%LMQ%client@home"));
  EXPECT_EQ(parts("%LMQ%you@home/door@g"), Parts("%LMQ%you@home/door", "g"));
  for (const char* none : {"", "T", "@g", "T@", "%LMQ%", "%LMQ%a@", "@%LMQ%g"})
    EXPECT_FALSE(split_offset_key(none)) << none;
}

TEST(OffsetKey, OnlyTheOneQueueOfALightGroupIsApart) {
  EXPECT_TRUE(is_light_offset({"%LMQ%g", "%LMQ%a", {{0, {5}}}}));
  EXPECT_FALSE(is_light_offset({"g", "%LMQ%a", {{0, {5}}}}));
  EXPECT_FALSE(is_light_offset({"%LMQ%g", "T", {{0, {5}}, {1, {6}}}}));
  EXPECT_FALSE(is_light_offset({"%LMQ%g", "T", {{1, {6}}}}));
  EXPECT_FALSE(is_light_offset({"%LMQ%g", "T", {}}));
}

TEST(TopicConfig, IsWrittenInJavasOrderAndReadBack) {
  TopicConfig topic;
  topic.name = "T";
  topic.read_queue_nums = 3;
  topic.write_queue_nums = 4;
  topic.filter_type = TopicFilterType::multi_tag;
  topic.order = true;
  topic.sys_flag = 1;
  topic.attributes = {{"message.type", "FIFO"}};
  const std::string json = written(topic, write_topic_config);
  EXPECT_EQ(json, R"({"attributes":{"message.type":"FIFO"},"order":true,"perm":6,"readQueueNums":3,)"
                  R"("topicFilterType":"MULTI_TAG","topicName":"T","topicSysFlag":1,"writeQueueNums":4})");
  EXPECT_EQ(read_topic_config(*fastjson::parse(json)), topic);
}

TEST(TopicConfig, MissingMembersHaveJavasDefaults) {
  TopicConfig expected;
  expected.name = "key";
  EXPECT_EQ(read_topic_config(*fastjson::parse("{}"), "key"), expected);
  EXPECT_EQ(read_topic_config(*fastjson::parse("[]"), "key"), expected) << "an object of the wrong kind";
  EXPECT_EQ(read_topic_config(*fastjson::parse(R"({"attributes":{"a":null,"b":1}})")).attributes,
            (std::map<std::string, std::string>{{"b", "1"}}));
  EXPECT_EQ(filter_type_of("1"), TopicFilterType::multi_tag);
  EXPECT_EQ(filter_type_of("nonsense"), TopicFilterType::single_tag);
}

TEST(GroupConfig, IsWrittenInJavasOrderAndReadBack) {
  SubscriptionGroupConfig group;
  group.name = "g";
  group.retry_max_times = 2;
  group.consume_broadcast_enable = false;
  group.attributes = {{"a", "b"}};
  const std::string json = written(group, write_group_config);
  EXPECT_EQ(json,
            R"({"attributes":{"a":"b"},"brokerId":0,"consumeBroadcastEnable":false,"consumeEnable":true,)"
            R"("consumeFromMinEnable":true,"consumeMessageOrderly":false,"consumeTimeoutMinute":15,"groupName":"g",)"
            R"("groupRetryPolicy":{"type":"CUSTOMIZED"},"groupSysFlag":0,"notifyConsumerIdsChangedEnable":true,)"
            R"("retryMaxTimes":2,"retryQueueNums":1,"whichBrokerWhenConsumeSlowly":1})");
  EXPECT_EQ(read_group_config(*fastjson::parse(json)), group);
  group.group_retry_policy_json = "no JSON";
  EXPECT_EQ(written(group, write_group_config).find("groupRetryPolicy"), std::string::npos);
}

// The file of a Java broker: ../shared/golden/store, case `transaction`.
TEST(TopicCounts, AreReadAndWrittenAsAJavaBrokerDoes) {
  const std::string file = R"({"dataVersion":{"counter":83,"stateVersion":0,"timestamp":1795265146789},)"
                           R"("transactionCount":{"Trans":{"count":3,"timeStamp":1795265146789}}})";
  TopicCounts counts("transactionCount");
  ASSERT_TRUE(counts.decode(file));
  EXPECT_EQ(counts.encode(), file);
  counts.add("Trans", -4, 1'795'265'146'790);
  counts.add("New", 1, 1'795'265'146'791);
  EXPECT_EQ(counts.counts(), (std::vector<std::pair<std::string, std::int64_t>>{{"New", 1}, {"Trans", 0}}));
  EXPECT_NE(counts.encode().find(R"("counter":85,)"), std::string::npos);
  EXPECT_TRUE(TopicCounts("timingCount").decode(file).error().is(Errc::message_illegal));
  EXPECT_FALSE(counts.decode("{"));
}

}  // namespace
}  // namespace tenon::broker_json
