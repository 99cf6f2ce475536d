// SPDX-License-Identifier: Apache-2.0
#include "routing/topic_rules.hpp"

#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

TopicConfig named(std::string name, std::int32_t queues, std::int32_t perm) {
  TopicConfig topic;
  topic.name = std::move(name);
  topic.read_queue_nums = topic.write_queue_nums = queues;
  topic.perm = perm;
  return topic;
}

TopicCreationHint wanting(std::int32_t queues) {
  TopicCreationHint hint;
  hint.default_queue_nums = queues;
  return hint;
}

TEST(TopicRules, ASendMakesATopicAfterItsTemplateWithNoMoreQueuesThanThat) {
  const TopicConfig model = named("TBW102", 8, permission::read | permission::write | permission::inherit);
  const auto few = created_by_send("T", &model, wanting(4)), many = created_by_send("T", &model, wanting(16));
  ASSERT_TRUE(few && many);
  EXPECT_EQ(few->write_queue_nums, 4);
  EXPECT_EQ(few->read_queue_nums, 4);
  EXPECT_EQ(few->perm, permission::read | permission::write);
  EXPECT_EQ(many->write_queue_nums, 8);
}

TEST(TopicRules, WithoutATemplateThatMayBeInheritedOnlyRetryTopicsAreMade) {
  const TopicConfig model = named("Own", 8, permission::read | permission::write);
  EXPECT_FALSE(created_by_send("T", &model, wanting(4)));
  EXPECT_FALSE(created_by_send("T", nullptr, wanting(4)));
  const auto retry = created_by_send("%RETRY%G", nullptr, wanting(4));
  ASSERT_TRUE(retry);
  EXPECT_EQ(retry->write_queue_nums, 1);
}

TEST(TopicRules, RefusePermissionsAndCountsThatDoNotExist) {
  EXPECT_TRUE(validate_topic(named("T", 65'536, 7)));
  EXPECT_FALSE(validate_topic(named("T", 65'537, 6)));
  EXPECT_FALSE(validate_topic(named("T", -1, 6)));
  EXPECT_FALSE(validate_topic(named("T", 4, 8)));
  EXPECT_FALSE(validate_topic(named("a/b", 4, 6)));
}

}  // namespace
}  // namespace tenon::kernel
