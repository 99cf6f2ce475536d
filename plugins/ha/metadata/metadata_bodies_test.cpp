// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/metadata_bodies.hpp"

#include <gtest/gtest.h>

namespace tenon::ha {
namespace {

TEST(MetadataBodies, TopicsHaveTheNameOfTheirKey) {
  const auto taken = decode_topics(
      R"({"dataVersion":{"counter":7,"stateVersion":1,"timestamp":5},"topicConfigTable":{"T":{"perm":4,"readQueueNums":3,"writeQueueNums":2,"topicFilterType":"SINGLE_TAG"}}})");
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(taken->version, (DataVersion{1, 5, 7}));
  ASSERT_EQ(taken->topics.size(), 1U);
  EXPECT_EQ(taken->topics[0].name, "T");
  EXPECT_EQ(taken->topics[0].perm, 4);
  EXPECT_EQ(taken->topics[0].read_queue_nums, 3);
}

TEST(MetadataBodies, GroupsAreRead) {
  const auto taken = decode_groups(
      R"({"dataVersion":{"counter":1},"forbiddenTable":{},"subscriptionGroupTable":{"g":{"groupName":"g","retryMaxTimes":3}}})");
  ASSERT_TRUE(taken);
  ASSERT_EQ(taken->groups.size(), 1U);
  EXPECT_EQ(taken->groups[0].retry_max_times, 3);
}

TEST(MetadataBodies, OffsetsAreKeyedByTopicAndGroup) {
  const auto taken = decode_offsets(R"({"offsetTable":{"T@g":{0:5,1:"7",2:-1},"%RETRY%g@g":{0:1},"nonsense":{0:1}}})");
  ASSERT_TRUE(taken);
  ASSERT_EQ(taken->size(), 2U);
  EXPECT_EQ((*taken)[0].topic, "T");
  EXPECT_EQ((*taken)[0].group, "g");
  EXPECT_EQ((*taken)[0].offsets, (std::map<std::int32_t, QueueOffset>{{0, {5}}, {1, {7}}}));
}

TEST(MetadataBodies, LightGroupsHaveATableOfTheirOwn) {
  const auto taken = decode_offsets(
      R"({"lmqOffsetTable":{"%LMQ%a@%LMQ%g":5,"no":1,"T@g":-1,"%LMQ%you@home@%LMQ%g@home":6},"offsetTable":{}})");
  ASSERT_TRUE(taken);
  ASSERT_EQ(taken->size(), 2U);
  EXPECT_EQ((*taken)[1].topic, "%LMQ%you@home");
  EXPECT_EQ((*taken)[1].group, "%LMQ%g@home");
  EXPECT_EQ((*taken)[0].topic, "%LMQ%a");
  EXPECT_EQ((*taken)[0].group, "%LMQ%g");
  EXPECT_EQ((*taken)[0].offsets, (std::map<std::int32_t, QueueOffset>{{0, {5}}}));
}

TEST(MetadataBodies, ChangesNameTheirPlaceAndTheVersionsOfTables) {
  const auto taken = decode_changes(
      R"({"origin":77,"position":12,"complete":false,"topics":{"dataVersion":{"counter":7,"stateVersion":1,"timestamp":5}},)"
      R"("groups":{"dataVersion":{"counter":8}},"delayOffsets":{"offsetTable":{1:3}},)"
      R"("timer":{"lastReadTime":4,"lastQueueOffset":9,"dataVersion":{"counter":2}},"offsetTable":{"T@g":{0:5}}})");
  ASSERT_TRUE(taken) << taken.error().message();
  EXPECT_EQ(taken->offsets.origin, 77);
  EXPECT_EQ(taken->offsets.position, 12);
  EXPECT_FALSE(taken->offsets.complete);
  EXPECT_EQ(taken->offsets.offsets.at(0).offsets.at(0), QueueOffset{5});
  EXPECT_EQ(taken->topics, (DataVersion{1, 5, 7}));
  EXPECT_EQ(taken->groups.counter, 8);
  EXPECT_EQ(taken->levels.value().next_queue_offsets, std::vector<std::int64_t>{3});
  EXPECT_EQ(taken->timers.value().last_queue_offset, 9);
  EXPECT_FALSE(decode_changes(R"({"origin":77,"offsetTable":{}})")) << "no versions";
  EXPECT_FALSE(decode_changes("[]"));
}

TEST(MetadataBodies, DelayLevelsCountFromOne) {
  const auto taken = decode_level_progress(R"({"offsetTable":{1:100,3:7,0:1,99999999:1}})");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->next_queue_offsets, (std::vector<std::int64_t>{100, 0, 7}));
}

TEST(MetadataBodies, TheTimerCheckPointIsSevenNumbers) {
  std::string body(56, '\0');
  body[7] = 9;
  body[22] = 1;
  const auto taken = decode_timer_progress(body);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->last_read_time_ms, 9);
  EXPECT_EQ(taken->last_queue_offset, 256);
  EXPECT_TRUE(decode_timer_progress("short").has_error());
}

TEST(MetadataBodies, NonsenseIsRefused) {
  for (const std::string_view body : {"", "{", "[]", "{}", R"({"topicConfigTable":1,"offsetTable":[]})"}) {
    EXPECT_TRUE(decode_topics(body).has_error()) << body;
    EXPECT_TRUE(decode_groups(body).has_error()) << body;
    EXPECT_TRUE(decode_offsets(body).has_error()) << body;
    EXPECT_TRUE(decode_level_progress(body).has_error()) << body;
  }
}

}  // namespace
}  // namespace tenon::ha
