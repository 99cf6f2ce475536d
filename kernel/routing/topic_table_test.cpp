// SPDX-License-Identifier: Apache-2.0
#include "routing/topic_table.hpp"

#include <set>

#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

class TopicTableTest : public BrokerTest {
 protected:
  Status put(TopicConfig topic) {
    const auto outcome = std::make_shared<std::optional<Status>>();
    of<Topics>().put(std::move(topic), [outcome](const Status& status) { *outcome = status; });
    host.run();
    return outcome->value_or(Error(Errc::timed_out, "not done"));
  }
  Status remove(std::string_view topic) {
    const auto outcome = std::make_shared<std::optional<Status>>();
    of<Topics>().remove(topic, [outcome](const Status& status) { *outcome = status; });
    host.run();
    return outcome->value_or(Error(Errc::timed_out, "not done"));
  }
};

TEST_F(TopicTableTest, StartsWithTheBuiltInTopics) {
  open();
  auto& topics = of<Topics>();
  EXPECT_EQ(topics.find("TBW102")->perm, 7);
  EXPECT_EQ(topics.find("TBW102")->write_queue_nums, 8);
  EXPECT_EQ(topics.find("BenchmarkTest")->write_queue_nums, 1024);
  EXPECT_EQ(topics.find("DefaultCluster")->perm, 7);
  EXPECT_EQ(topics.find("broker-a")->write_queue_nums, 1);
  EXPECT_EQ(topics.find("DefaultCluster_REPLY_TOPIC")->perm, 6);
  EXPECT_EQ(topics.find("rmq_sys_SYNC_BROKER_MEMBER_broker-a")->perm, 1);
  EXPECT_EQ(topics.find("RMQ_SYS_TRACE_TOPIC"), nullptr);
  for (const auto& topic : topics.list()) EXPECT_TRUE(topics.is_system(topic->name)) << topic->name;
  EXPECT_FALSE(topics.is_system("T"));
}

TEST_F(TopicTableTest, SettingsDecideOfTheTopicsForTracesAndNames) {
  config.trace_topic = true;
  config.cluster_topic = false;
  config.broker_topic = false;
  open();
  auto& topics = of<Topics>();
  ASSERT_NE(topics.find("RMQ_SYS_TRACE_TOPIC"), nullptr);
  EXPECT_EQ(topics.find("RMQ_SYS_TRACE_TOPIC")->perm, 6);
  EXPECT_EQ(topics.find("DefaultCluster")->perm, 1);
  EXPECT_EQ(topics.find("broker-a")->perm, 1);
}

TEST_F(TopicTableTest, PutIsAnsweredWhenItIsOnDiskAndAnnounced) {
  config.name_servers = {"ns:9876"};
  open();
  host.run();
  registrar.answer.reset();
  EXPECT_TRUE(put(test::topic_named("T")).error().is(Errc::timed_out));
  EXPECT_NE(of<Topics>().find("T"), nullptr) << "visible at once";
  EXPECT_TRUE(std::filesystem::exists(directory.path() / "config" / "topics.json"));
  registrar.registered.back().done(Error(Errc::timed_out, "no answer"));
  host.run();
  const auto version = of<Topics>().version();
  EXPECT_TRUE(put(test::topic_named("T"))) << "the same again changes nothing";
  EXPECT_EQ(of<Topics>().version(), version);
}

TEST_F(TopicTableTest, RefusesWhatCannotBeATopic) {
  open();
  EXPECT_TRUE(put(test::topic_named("a b")).error().is(Errc::invalid_parameter));
  EXPECT_TRUE(put(test::topic_named("")).error().is(Errc::invalid_parameter));
  EXPECT_TRUE(put(test::topic_named("TBW102")).error().is(Errc::invalid_parameter));
  TopicConfig topic = test::topic_named("T");
  topic.perm = 8;
  EXPECT_TRUE(put(topic).error().is(Errc::invalid_parameter));
  topic.perm = 6;
  topic.write_queue_nums = -1;
  EXPECT_TRUE(put(topic).error().is(Errc::invalid_parameter));
}

TEST_F(TopicTableTest, ManyTopicsArePersistedAndAnnouncedOnce) {
  config.name_servers = {"ns1:9876"};
  open();
  ASSERT_TRUE(put(test::topic_named("Known")));
  registrar.registered.clear();
  std::vector<TopicConfig> many;
  many.reserve(3'001);
  for (int index = 0; index < 3'000; ++index) many.push_back(test::topic_named("Many" + std::to_string(index)));
  many.push_back(test::topic_named("Known"));
  std::optional<Status> outcome;
  of<Topics>().put_all(many, [&](const Status& status) { outcome = status; });
  host.run();
  ASSERT_TRUE(outcome && *outcome);
  ASSERT_EQ(registrar.registered.size(), 1u);
  EXPECT_EQ(registrar.registered[0].registration.topics.size(), 3'000u) << "Known is not changed";
  many[5].name = "Good";
  many[7].name = "no good";
  of<Topics>().put_all(many, [&](const Status& status) { outcome = status; });
  EXPECT_TRUE(outcome->error().is(Errc::invalid_parameter));
  EXPECT_EQ(of<Topics>().find("Good"), nullptr) << "all or nothing";
}

TEST_F(TopicTableTest, ADeletedTopicLosesItsQueuesAndOffsets) {
  open();
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(of<ConsumerOffsets>().commit("g", "T", 0, QueueOffset{1}));
  ASSERT_TRUE(remove("T"));
  EXPECT_EQ(of<Topics>().find("T"), nullptr);
  EXPECT_EQ(store.bounds("T", 0).max.value, 0);
  EXPECT_FALSE(of<ConsumerOffsets>().find("g", "T", 0));
  EXPECT_TRUE(remove("TBW102").error().is(Errc::invalid_parameter));
  EXPECT_TRUE(remove("").error().is(Errc::invalid_parameter));
}

TEST_F(TopicTableTest, NoTopicIsMadeAgainBeforeItsQueuesAreGone) {
  open();
  ASSERT_TRUE(send("T"));
  std::optional<Status> removed, put_again;
  of<Topics>().remove("T", [&](const Status& status) { removed = status; });
  of<Topics>().put(test::topic_named("T"), [&](const Status& status) { put_again = status; });
  const auto sent = send("T");  // the queues are deleted meanwhile
  ASSERT_TRUE(removed && removed->has_value());
  EXPECT_TRUE(put_again->error().is(Errc::busy));
  EXPECT_TRUE(sent.error().is(Errc::busy)) << "or it would be acknowledged and deleted";
  ASSERT_TRUE(put(test::topic_named("T")));
  EXPECT_EQ(send("T")->append.queue_offset.value, 0);
  EXPECT_EQ(store.bounds("T", 0).max.value, 1);
}

TEST_F(TopicTableTest, AutomaticTopicsFollowTheirTemplate) {
  config.default_topic_queue_nums = 3;
  config.topics_max = 18;
  open();
  ASSERT_TRUE(send("Few"));
  EXPECT_EQ(of<Topics>().find("Few")->write_queue_nums, 3) << "the smaller of client's wish and template";
  PublishRequest request = request_for("None", {}, 0);
  request.creation.template_topic = "broker-a";
  ASSERT_TRUE(send(request));
  EXPECT_EQ(of<Topics>().find("None")->write_queue_nums, 1);
  request = request_for("Never", {}, 0);
  request.creation.template_topic = "Few";
  EXPECT_TRUE(send(request).error().is(Errc::topic_not_exist)) << "not inheritable";
  while (of<Topics>().list().size() < 18) ASSERT_TRUE(send("More" + std::to_string(of<Topics>().list().size())));
  EXPECT_TRUE(send("TooMany").error().is(Errc::busy));
}

TEST_F(TopicTableTest, OperatorsMayNotMakeMoreThanThereMayBeEither) {
  config.topics_max = 17;
  open();
  ASSERT_EQ(of<Topics>().list().size(), 15u);
  EXPECT_EQ(of<Topics>().room(), 2u);
  EXPECT_TRUE(put(test::topic_named("T1")));
  std::optional<Status> outcome;
  std::vector<TopicConfig> many{test::topic_named("T1"), test::topic_named("T2"), test::topic_named("T3")};
  of<Topics>().put_all(many, [&](const Status& status) { outcome = status; });
  ASSERT_TRUE(outcome && outcome->error().is(Errc::busy));
  EXPECT_EQ(of<Topics>().find("T2"), nullptr) << "all or nothing";
  many.pop_back();
  of<Topics>().put_all(many, [&](const Status& status) { outcome = status; });
  host.run();
  EXPECT_TRUE(*outcome);
  EXPECT_TRUE(put(test::topic_named("T2"))) << "what is there may be changed";
  EXPECT_EQ(of<Topics>().room(), 0u);
}

TEST_F(TopicTableTest, AnotherTemplateWorksWithoutAutomaticCreation) {
  config.auto_create_topic = false;
  open();
  PublishRequest request = request_for("T", {}, 0);
  request.creation.template_topic = "DefaultCluster";
  EXPECT_TRUE(send(request));
  EXPECT_TRUE(send("%RETRY%g")) << "a retry topic is made without any template";
  EXPECT_EQ(of<Topics>().find("%RETRY%g")->write_queue_nums, 1);
}

/// On a slave.
TEST_F(TopicTableTest, ADeletionThatFailsIsTriedAgainAndKeepsNoOtherFromIt) {
  const WallClock now = [] { return std::int64_t{0}; };
  const RoleKeeper slave(1, Logger("test"));
  BrokerStatistics statistics("c", now);
  TopicTable table(config, slave, now, statistics, Logger("test"));
  std::vector<std::string> deleted;
  std::string stuck = "B";
  table.on_removed([&](std::string_view topic, PhysicalOffset below) -> Status {
    if (topic == stuck) return Error(Errc::io, "unlink: the disk says no");
    EXPECT_EQ(below, PhysicalOffset{7});
    deleted.emplace_back(topic);
    return {};
  });
  ASSERT_TRUE(table.take({test::topic_named("A"), test::topic_named("B"), test::topic_named("C")}, {0, 1, 1}, {{3}}));
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(table.take({}, {0, 1, 2}, {{7}})) << round;
    EXPECT_EQ(std::set<std::string>(deleted.begin(), deleted.end()), (std::set<std::string>{"A", "C"}));
    EXPECT_EQ(table.find("B"), nullptr);
  }
  stuck.clear();
  ASSERT_TRUE(table.take({}, {0, 1, 2}, {{9}}));
  EXPECT_EQ(deleted.size(), 3U) << "with the end that the log had when it was gone";
}

TEST_F(TopicTableTest, ATopicThatWasMadeAgainLosesNothingToItsLateDeletion) {
  const WallClock now = [] { return std::int64_t{0}; };
  const RoleKeeper slave(1, Logger("test"));
  BrokerStatistics statistics("c", now);
  TopicTable table(config, slave, now, statistics, Logger("test"));
  int asked = 0;
  table.on_removed([&](std::string_view, PhysicalOffset) -> Status {
    ++asked;
    return Error(Errc::io, "unlink: the disk says no");
  });
  ASSERT_TRUE(table.take({test::topic_named("B")}, {0, 1, 1}, {{3}}));
  ASSERT_TRUE(table.take({}, {0, 1, 2}, {{7}}));
  ASSERT_EQ(asked, 1);
  ASSERT_TRUE(table.take({test::topic_named("B")}, {0, 1, 3}, {{9}}));
  EXPECT_EQ(asked, 1);
  EXPECT_NE(table.find("B"), nullptr);
}

}  // namespace
}  // namespace tenon::kernel
