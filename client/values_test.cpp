// SPDX-License-Identifier: Apache-2.0
// The parts of the client that only compute: shares, routes, tags, choices, ids, properties.
#include <gtest/gtest.h>

#include <set>

#include "client/allocate_queues.hpp"
#include "client/heartbeat.hpp"
#include "client/queue_choice.hpp"
#include "client/subscription.hpp"
#include "client/topic_route.hpp"
#include "client/unique_key.hpp"
#include "tenon/properties.hpp"

namespace tenon::client {
namespace {

std::vector<MessageQueue> queues_of(int count, const std::string& broker = "broker-a") {
  std::vector<MessageQueue> queues;
  queues.reserve(static_cast<std::size_t>(count));
  for (int id = 0; id < count; ++id) queues.push_back({"T", broker, id});
  return queues;
}

TEST(AllocateAveragely, GivesTheRestToTheFirstMembers) {
  const std::vector<std::string> members{"c", "a", "b"};
  EXPECT_EQ(allocate_averagely(queues_of(8), members, "a"),
            (std::vector<MessageQueue>{{"T", "broker-a", 0}, {"T", "broker-a", 1}, {"T", "broker-a", 2}}));
  EXPECT_EQ(allocate_averagely(queues_of(8), members, "b"),
            (std::vector<MessageQueue>{{"T", "broker-a", 3}, {"T", "broker-a", 4}, {"T", "broker-a", 5}}));
  EXPECT_EQ(allocate_averagely(queues_of(8), members, "c"),
            (std::vector<MessageQueue>{{"T", "broker-a", 6}, {"T", "broker-a", 7}}));
  EXPECT_TRUE(allocate_averagely(queues_of(8), members, "stranger").empty());
}

TEST(AllocateAveragely, EveryQueueHasExactlyOneOwner) {
  for (int queues = 0; queues <= 20; ++queues) {
    for (int count = 1; count <= 24; ++count) {
      std::vector<std::string> members;
      members.reserve(static_cast<std::size_t>(count));
      for (int i = 0; i < count; ++i) members.push_back("member-" + std::to_string(i));
      std::set<MessageQueue> owned;
      std::size_t total = 0;
      for (const std::string& member : members) {
        for (const MessageQueue& queue : allocate_averagely(queues_of(queues), members, member))
          owned.insert(queue), ++total;
      }
      ASSERT_EQ(owned.size(), static_cast<std::size_t>(queues)) << count;
      ASSERT_EQ(total, owned.size()) << count;
    }
  }
}

constexpr std::string_view kRoute =
    R"({"brokerDatas":[{"brokerAddrs":{0:"10.0.0.1:10911",1:"10.0.0.2:10911"},"brokerName":"b","cluster":"C"},)"
    R"({"brokerAddrs":{"1":"10.0.0.3:10911"},"brokerName":"a","cluster":"C"}],"filterServerTable":{},)"
    R"("queueDatas":[{"brokerName":"b","perm":6,"readQueueNums":3,"topicSysFlag":0,"writeQueueNums":2},)"
    R"({"brokerName":"a","perm":6,"readQueueNums":1,"writeQueueNums":1}]})";

TEST(TopicRoute, ReadsBothFormsOfBrokerIdsAndPublishesToMastersOnly) {
  const TopicRoute route = parse_topic_route(kRoute).value();
  EXPECT_EQ(route.master_of("b"), "10.0.0.1:10911");
  EXPECT_EQ(route.master_of("a"), "");
  EXPECT_EQ(route.address_of("a"), "10.0.0.3:10911");
  EXPECT_EQ(route.publish_queues("T"), (std::vector<MessageQueue>{{"T", "b", 0}, {"T", "b", 1}}));
  EXPECT_EQ(route.subscribe_queues("T"),
            (std::vector<MessageQueue>{{"T", "a", 0}, {"T", "b", 0}, {"T", "b", 1}, {"T", "b", 2}}));
}

TEST(TopicRoute, AnOrderConfigurationNamesTheQueues) {
  TopicRoute route = parse_topic_route(kRoute).value();
  route.order_topic_conf = "away:1;b:2";
  EXPECT_EQ(route.publish_queues("T"), (std::vector<MessageQueue>{{"T", "away", 0}, {"T", "b", 0}, {"T", "b", 1}}));
}

TEST(TopicRoute, ADamagedOneHasAnEnd) {
  std::string conf;
  for (int broker = 0; broker < 1000; ++broker) conf += "b:2147483647;";
  TopicRoute route;
  route.order_topic_conf = conf;
  EXPECT_EQ(route.publish_queues("T").size(), 1U << 20);
}

TEST(TopicRoute, RefusesWhatIsNoJsonAndSurvivesWhatIsNoRoute) {
  EXPECT_FALSE(parse_topic_route("{").has_value());
  EXPECT_TRUE(parse_topic_route("[1,2]").value().queues.empty());
  const auto huge = parse_topic_route(
      R"({"brokerDatas":[{"brokerAddrs":{"0":"h:1"},"brokerName":"b"}],"queueDatas":[{"brokerName":"b","perm":6,"readQueueNums":2000000000,"writeQueueNums":-5}]})");
  EXPECT_EQ(huge.value().subscribe_queues("T").size(), 65'536U);
  EXPECT_TRUE(huge.value().publish_queues("T").empty());
}

TEST(Subscription, SplitsTagsAndComparesThemExactly) {
  const Subscription all{"T", "*"}, some{"T", " TagA|| TagB "}, sql{"T", "a > 1", "SQL92"};
  EXPECT_TRUE(all.tags().empty());
  EXPECT_EQ(some.tags(), (std::vector<std::string>{"TagA", "TagB"}));
  EXPECT_TRUE(some.accepts("TagB"));
  EXPECT_FALSE(some.accepts("TagC"));
  EXPECT_FALSE(some.accepts(""));
  EXPECT_TRUE(all.accepts("anything"));
  EXPECT_TRUE(sql.accepts("anything"));
}

TEST(ChooseQueue, TakesTurnsAndAvoidsTheBrokerThatFailed) {
  auto queues = queues_of(2, "a");
  const auto others = queues_of(2, "b");
  queues.insert(queues.end(), others.begin(), others.end());
  EXPECT_EQ(choose_queue(queues, 5, "")->to_string(), "T/a/1");
  EXPECT_EQ(choose_queue(queues, 5, "a")->broker_name, "b");
  EXPECT_EQ(choose_queue(queues_of(2, "a"), 3, "a")->to_string(), "T/a/1");
  EXPECT_EQ(choose_queue({}, 3, ""), nullptr);
}

TEST(UniqueKey, HasThirtyTwoDigitsAndNeverRepeats) {
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const std::string key = make_unique_key();
    ASSERT_EQ(key.size(), 32U);
    ASSERT_EQ(key.find_first_not_of("0123456789ABCDEF"), std::string::npos);
    ASSERT_TRUE(seen.insert(key).second) << key;
  }
}

TEST(Message, WritesItsPropertiesAsTheJavaClientDoes) {
  Message message{.topic = "T", .body = "b", .tags = "TagA", .keys = {"k1", "k2"}, .properties = {{"colour", "blue"}}};
  ASSERT_TRUE(message.check().has_value());
  EXPECT_EQ(message.wire_properties("ID"),
            "colour\x01"
            "blue\x02KEYS\x01k1 k2\x02UNIQ_KEY\x01ID\x02WAIT\x01true\x02TAGS\x01TagA\x02");
}

TEST(Message, RefusesWhatTheWireFormCannotHold) {
  const auto with = [](std::string name, std::string value) {
    Message message{.topic = "T", .body = "b"};
    message.properties.emplace_back(std::move(name), std::move(value));
    return message.check().has_value();
  };
  EXPECT_TRUE(with("a", "b"));
  EXPECT_FALSE(with("", "b"));
  EXPECT_FALSE(with("a", ""));
  EXPECT_FALSE(with("a", "x\x02y"));
  EXPECT_FALSE(with("a", std::string(40'000, 'x')));
  Message no_topic;
  EXPECT_FALSE(no_topic.check().has_value());
  const Message bad_key{.topic = "T", .body = "b", .keys = {"two words"}};
  EXPECT_FALSE(bad_key.check().has_value());
}

}  // namespace
}  // namespace tenon::client
