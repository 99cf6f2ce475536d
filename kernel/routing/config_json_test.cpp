// SPDX-License-Identifier: Apache-2.0
// The three tables in RocketMQ's JSON dialect. The texts are shortened from files that Java brokers 4.9.7 and 5.4.0
// wrote
// (../shared/golden/store, cases clean-*).
#include <gtest/gtest.h>

#include "routing/groups_json.hpp"
#include "routing/offsets_json.hpp"
#include "routing/topics_json.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

constexpr std::string_view kTopics54 = R"({
	"dataVersion":{
		"counter":15,
		"stateVersion":0,
		"timestamp":1795263986676
	},
	"topicConfigTable":{
		"Tags":{
			"attributes":{
				"queue.type":"SimpleCQ"
			},
			"order":true,
			"perm":6,
			"readQueueNums":2,
			"topicFilterType":"MULTI_TAG",
			"topicName":"Tags",
			"topicSysFlag":1,
			"writeQueueNums":3
		}
	}
})";

TEST(TopicsJson, ReadsAndWritesWhatAJavaBrokerWrites) {
  const auto file = decode_topics(kTopics54);
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(file->version, (DataVersion{0, 1795263986676, 15}));
  ASSERT_EQ(file->topics.size(), 1u);
  const TopicConfig& topic = *file->topics[0];
  EXPECT_EQ(topic.name, "Tags");
  EXPECT_EQ(topic.read_queue_nums, 2);
  EXPECT_EQ(topic.write_queue_nums, 3);
  EXPECT_EQ(topic.filter_type, TopicFilterType::multi_tag);
  EXPECT_TRUE(topic.order);
  EXPECT_EQ(topic.attributes.at("queue.type"), "SimpleCQ");
  EXPECT_EQ(encode_topics(*file), kTopics54);
}

TEST(TopicsJson, SaysWhatOfTheLogItCovers) {
  EXPECT_FALSE(decode_topics(kTopics54)->covered);
  TopicsFile file;
  file.covered = CoveredLog{{4'194'304'123}, 1'795'263'986'676};
  EXPECT_EQ(decode_topics(encode_topics(file))->covered, file.covered);
  for (const char* damaged : {R"("x")", R"({"epoch":1})", R"({"epoch":1,"physicalOffset":-1})"})
    EXPECT_FALSE(decode_topics(text(R"({"tenonCoveredLog":)", damaged, R"(,"topicConfigTable":{}})"))->covered);
}

TEST(TopicsJson, MissingMembersKeepTheirDefaults) {
  const auto file = decode_topics(R"({"topicConfigTable":{"T":{"topicName":"T"}},"news":[1,2]})");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->topics[0]->read_queue_nums, 16);
  EXPECT_EQ(file->topics[0]->perm, 6);
}

TEST(TopicsJson, AFileWithoutATableIsNotTaken) {
  EXPECT_FALSE(decode_topics("{}"));
  EXPECT_FALSE(decode_topics("[]"));
  EXPECT_FALSE(decode_topics(R"({"topicConfigTable":{"T":)"));
}

constexpr std::string_view kGroups54 = R"({
	"dataVersion":{
		"counter":5,
		"stateVersion":0,
		"timestamp":1795263823558
	},
	"forbiddenTable":{
		"g":{
			"T":3
		}
	},
	"subscriptionGroupTable":{
		"g":{
			"attributes":{
				"a":"b"
			},
			"brokerId":0,
			"consumeBroadcastEnable":false,
			"consumeEnable":true,
			"consumeFromMinEnable":true,
			"consumeMessageOrderly":false,
			"consumeTimeoutMinute":15,
			"groupName":"g",
			"groupRetryPolicy":{
				"type":"CUSTOMIZED"
			},
			"groupSysFlag":0,
			"notifyConsumerIdsChangedEnable":true,
			"retryMaxTimes":3,
			"retryQueueNums":1,
			"whichBrokerWhenConsumeSlowly":1
		}
	}
})";

TEST(GroupsJson, ReadsAndWritesWhatAJavaBrokerWrites) {
  const auto file = decode_groups(kGroups54);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_EQ(file->groups.size(), 1u);
  EXPECT_EQ(file->groups[0]->retry_max_times, 3);
  EXPECT_FALSE(file->groups[0]->consume_broadcast_enable);
  EXPECT_EQ(encode_groups(*file), kGroups54);
}

TEST(GroupsJson, ReadsAgainWhateverAClientHasPutThere) {
  constexpr int kDepth = 63;  // what a request may nest, less its own object
  auto group = std::make_shared<SubscriptionGroupConfig>();
  group->name = "g";
  group->group_retry_policy_json.clear();
  for (int depth = 0; depth < kDepth; ++depth) group->group_retry_policy_json += R"({"a":)";
  group->group_retry_policy_json += '1' + std::string(kDepth, '}');
  GroupsFile file;
  file.groups.push_back(group);
  const auto again = decode_groups(encode_groups(file));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->groups.at(0)->group_retry_policy_json, group->group_retry_policy_json);
}

constexpr std::string_view kOffsets49 = R"({
	"offsetTable":{
		"Plain@g-cluster":{0:60,1:60
		},
		"%RETRY%g-tags@g-tags":{0:0
		},
		"Cast@g-cast@broadcast":{"0":10
		}
	}
})";

TEST(OffsetsJson, ReadsBareAndQuotedQueueIds) {
  const auto file = decode_offsets(kOffsets49);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_EQ(file->entries.size(), 3u);
  EXPECT_EQ(file->entries[0].topic, "Plain");
  EXPECT_EQ(file->entries[0].group, "g-cluster");
  EXPECT_EQ(file->entries[0].offsets.at(1).value, 60);
  EXPECT_EQ(file->entries[2].group, "g-cast@broadcast");
  EXPECT_EQ(file->entries[2].offsets.at(0).value, 10);
  const auto again = decode_offsets(encode_offsets(*file));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->entries[2].offsets, file->entries[2].offsets);
}

TEST(OffsetsJson, SkipsWhatIsNoOffset) {
  const auto file =
      decode_offsets(R"({"offsetTable":{"nokey":{0:1},"@g":{0:1},"T@":{0:1},"T@g":{"x":1,0:"y",-1:3,2:4}}})");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->entries.size(), 1u);
  EXPECT_EQ(file->entries[0].offsets, (std::map<std::int32_t, QueueOffset>{{2, QueueOffset{4}}}));
}

}  // namespace
}  // namespace tenon::kernel
