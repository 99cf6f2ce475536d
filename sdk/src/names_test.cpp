// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tenon/topics.hpp"

namespace tenon {
namespace {

TEST(Names, TopicsMayBe127BytesAndRetryTopics255) {
  EXPECT_TRUE(validate_topic_name(std::string(127, 'a')));
  EXPECT_FALSE(validate_topic_name(std::string(128, 'a')));
  EXPECT_TRUE(validate_topic_name("%RETRY%" + std::string(248, 'a')));
  EXPECT_FALSE(validate_topic_name("%RETRY%" + std::string(249, 'a')));
}

TEST(Names, OnlyTheAlphabetOfRocketMqPasses) {
  EXPECT_TRUE(validate_topic_name("%a|B-9_"));
  for (const char* wrong : {"", "a b", "a.b", "tøpic", "a/b", "../x", "a\nb"})
    EXPECT_FALSE(validate_topic_name(wrong)) << wrong;
  EXPECT_TRUE(validate_group_name(std::string(120, 'g')));
  EXPECT_FALSE(validate_group_name(std::string(121, 'g')));
}

}  // namespace
}  // namespace tenon
