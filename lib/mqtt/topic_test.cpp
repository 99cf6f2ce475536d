// SPDX-License-Identifier: Apache-2.0
#include "mqtt/topic.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenon::mqtt {
namespace {

TEST(MqttTopic, NamesAndFilters) {
  for (const char* good : {"a", "/", "//", "a/b", "a b", "$SYS/x", "Ä"}) EXPECT_TRUE(is_valid_topic_name(good)) << good;
  for (const char* bad : {"", "+", "a/#", "a+b"}) EXPECT_FALSE(is_valid_topic_name(bad)) << bad;
  for (const char* good : {"#", "+", "a/#", "+/+", "/+", "a/+/b", "+/#", "/", "/#"}) {
    EXPECT_TRUE(is_valid_topic_filter(good)) << good;
  }
  for (const char* bad : {"", "a#", "#/a", "a/#/b", "a+", "+a", "a/b+/c", "##", "++"}) {
    EXPECT_FALSE(is_valid_topic_filter(bad)) << bad;
  }
  EXPECT_TRUE(is_valid_topic_name(std::string(kLevelsMax - 1, '/')));
  EXPECT_FALSE(is_valid_topic_name(std::string(kLevelsMax, '/')));
}

struct Pair {
  const char* filter;
  const char* name;
};

TEST(MqttTopic, Matches) {
  for (const Pair& p : {Pair{"a", "a"},
                        {"a/b", "a/b"},
                        {"+", "a"},
                        {"#", "a/b"},
                        {"a/#", "a"},
                        {"a/#", "a/b/c"},
                        {"+/+", "/x"},
                        {"/+", "/x"},
                        {"a/+/c", "a//c"},
                        {"a/+", "a/"},
                        {"$SYS/#", "$SYS/x"},
                        {"$SYS/+", "$SYS/x"},
                        {"#", "/"},
                        {"//", "//"},
                        {"+/#", "a"},
                        {"+/a/#", "x/a"}}) {
    EXPECT_TRUE(matches(p.filter, p.name)) << p.filter << " " << p.name;
  }
  for (const Pair& p : {Pair{"a", "A"},
                        {"a", "a/"},
                        {"a", "/a"},
                        {"+", "/x"},
                        {"+", "a/b"},
                        {"#", "$SYS/x"},
                        {"+/x", "$SYS/x"},
                        {"a/+", "a"},
                        {"a/#", "ab"},
                        {"a/b/#", "a"},
                        {"a/+/c", "a/b"}}) {
    EXPECT_FALSE(matches(p.filter, p.name)) << p.filter << " " << p.name;
  }
}

TEST(MqttTopic, SharedFilters) {
  const auto shared = parse_shared("$share/group/a/+");
  ASSERT_TRUE(shared.has_value());
  EXPECT_EQ(shared->share_name, "group");
  EXPECT_EQ(shared->filter, "a/+");
  EXPECT_TRUE(parse_shared("$share/g/$SYS/#").has_value());
  EXPECT_TRUE(parse_shared("$share/g//").has_value());
  for (const char* bad : {"$share/", "$share/g", "$share//a", "$share/g/", "$share/+/a", "$share/g/a#"}) {
    EXPECT_FALSE(parse_shared(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace tenon::mqtt
