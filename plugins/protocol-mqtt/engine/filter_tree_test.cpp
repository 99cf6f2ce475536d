// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/filter_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

struct Names {
  std::string_view filter;
  std::set<std::string> names;
  bool empty() const { return names.empty(); }
};

std::multiset<std::string> found(FilterTree<Names>& tree, std::string_view topic) {
  std::multiset<std::string> all;
  tree.match(topic, [&](const Names& value) { all.insert(value.names.begin(), value.names.end()); });
  return all;
}

std::string random_topic(std::mt19937& random, bool filter) {
  static const std::vector<std::string> kLevels{"a", "b", "", "$SYS", "c"};
  std::string topic;
  const std::size_t depth = 1 + random() % 4;
  for (std::size_t i = 0; i < depth; ++i) {
    if (i > 0) topic += '/';
    const auto kind = filter ? random() % 8 : 7;
    if (kind == 0 && i + 1 == depth) return topic + "#";
    topic += kind == 1 || kind == 2 ? "+" : kLevels[random() % kLevels.size()];
  }
  return topic.empty() ? "a" : topic;
}

TEST(MqttFilterTree, AgreesWithMatchingOneByOne) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  FilterTree<Names> tree;
  std::set<std::string> filters;
  for (int round = 0; round < 3000; ++round) {
    const std::string filter = random_topic(random, true);
    if (filters.contains(filter) && random() % 2 == 0) {
      tree.at(filter).names.clear();
      tree.tidy(filter);
      filters.erase(filter);
    } else {
      tree.at(filter).names.insert(filter);
      filters.insert(filter);
    }
    const std::string topic = random_topic(random, false);
    std::multiset<std::string> expected;
    std::ranges::copy_if(filters, std::inserter(expected, expected.end()),
                         [&](const std::string& f) { return mqtt::matches(f, topic); });
    ASSERT_EQ(found(tree, topic), expected) << topic;
  }
  for (const std::string& filter : filters) {
    tree.at(filter).names.clear();
    tree.tidy(filter);
  }
  EXPECT_TRUE(tree.empty());
}

TEST(MqttFilterTree, CostDependsOnTheDepthNotOnTheNumberOfFilters) {
  FilterTree<Names> tree;
  for (int i = 0; i < 100'000; ++i) tree.at(text("site/", i, "/+")).names.insert("x");
  EXPECT_EQ(found(tree, "site/77/temperature").size(), 1U);
  EXPECT_EQ(found(tree, "site/none/temperature").size(), 0U);
}

}  // namespace
}  // namespace tenon::protocol_mqtt
