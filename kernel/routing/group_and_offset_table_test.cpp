// SPDX-License-Identifier: Apache-2.0
#include "routing/group_table.hpp"
#include "routing/offset_table.hpp"
#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

class GroupsTest : public BrokerTest {};

TEST_F(GroupsTest, AreCreatedAtFirstUseIfAllowed) {
  open();
  EXPECT_NE(of<Groups>().find("CID_ONSAPI_OWNER"), nullptr);
  EXPECT_EQ(of<Groups>().find("g"), nullptr);
  ASSERT_NE(of<Groups>().find_or_create("g"), nullptr);
  EXPECT_EQ(of<Groups>().find("g")->retry_max_times, 16);
  EXPECT_EQ(of<Groups>().find_or_create("no good"), nullptr);
  EXPECT_EQ(of<Groups>().find_or_create(std::string(121, 'g')), nullptr);
}

TEST_F(GroupsTest, AndTopicsEndAtTheirLimitAndAreCounted) {
  open();
  config.groups_max = static_cast<std::int32_t>(of<Groups>().list().size()) + 1;
  config.topics_max = static_cast<std::int32_t>(of<Topics>().list().size()) + 1;
  broker->stop();
  services.clear();
  open();
  EXPECT_NE(of<Groups>().find_or_create("g"), nullptr);
  EXPECT_EQ(of<Groups>().find_or_create("h"), nullptr);
  EXPECT_TRUE(send("T"));
  EXPECT_TRUE(send("U").error().is(Errc::busy));
  using Incident = std::pair<std::string, std::int64_t>;
  EXPECT_EQ(of<Statistics>().incidents(), (std::vector<Incident>{{"refused.group", 1}, {"refused.topic", 1}}));
}

TEST_F(GroupsTest, SystemGroupsAreCreatedEvenWhenOthersAreNot) {
  config.auto_create_subscription_group = false;
  open();
  EXPECT_EQ(of<Groups>().find_or_create("g"), nullptr);
  EXPECT_NE(of<Groups>().find_or_create("CID_RMQ_SYS_x"), nullptr);
}

TEST_F(GroupsTest, ARemovedGroupMayTakeItsOffsetsAlong) {
  open();
  ASSERT_TRUE(send("T"));
  auto& offsets = of<ConsumerOffsets>();
  for (const auto* group : {"g", "h"}) {
    ASSERT_NE(of<Groups>().find_or_create(group), nullptr);
    ASSERT_TRUE(offsets.commit(group, "T", 0, QueueOffset{5}));
  }
  ASSERT_TRUE(of<Groups>().remove("g", true));
  ASSERT_TRUE(of<Groups>().remove("h", false));
  EXPECT_FALSE(offsets.find("g", "T", 0));
  EXPECT_TRUE(offsets.find("h", "T", 0));
  EXPECT_EQ(offsets.groups_of("T"), std::vector<std::string>{"h"});
}

TEST_F(GroupsTest, TablesOutliveTheProcess) {
  open();
  ASSERT_TRUE(send("T"));
  SubscriptionGroupConfig group;
  group.name = "g";
  group.retry_max_times = 2;
  ASSERT_TRUE(of<Groups>().put(group));
  ASSERT_TRUE(of<ConsumerOffsets>().commit("g", "T", 3, QueueOffset{42}));
  const DataVersion topics_version = of<Topics>().version();
  broker->drain(std::chrono::steady_clock::now());
  broker->stop();
  broker.reset();
  services.clear();
  open();
  EXPECT_EQ(of<Topics>().find("T")->write_queue_nums, 4);
  EXPECT_EQ(of<Topics>().version(), topics_version);
  EXPECT_EQ(of<Groups>().find("g")->retry_max_times, 2);
  EXPECT_EQ(of<ConsumerOffsets>().find("g", "T", 3), QueueOffset{42});
}

TEST_F(GroupsTest, WhatWasAnsweredIsOnDisk) {
  open();
  SubscriptionGroupConfig group;
  group.name = "g";
  group.retry_max_times = 2;
  ASSERT_TRUE(of<Groups>().put(group));
  const RoleKeeper role(0, Logger("test"));
  GroupTable killed(
      config, role, [] { return std::int64_t{0}; }, of<ConsumerOffsets>(), Logger("test"));
  ASSERT_TRUE(killed.load(directory.path() / "config", host.context.get_executor()));
  ASSERT_NE(killed.find("g"), nullptr);
  EXPECT_EQ(killed.find("g")->retry_max_times, 2);
}

TEST_F(GroupsTest, ADamagedTableStopsTheStart) {
  std::filesystem::create_directories(directory.path() / "config");
  {
    std::FILE* file = std::fopen((directory.path() / "config" / "topics.json").c_str(), "w");
    std::fputs("{", file);
    std::fclose(file);
  }
  EXPECT_THROW(open(), Failure);
  broker->stop();
  EXPECT_EQ(std::filesystem::file_size(directory.path() / "config" / "topics.json"), 1u) << "left as it is";
}

class OffsetsTest : public BrokerTest {
 protected:
  Result<QueueOffset> starting(std::string_view topic, bool zero = true) {
    return of<ConsumerOffsets>().starting_offset("g", topic, 0, zero);
  }
};

TEST_F(OffsetsTest, MoveBackwardsToo) {
  open();
  ASSERT_TRUE(send("T"));
  auto& offsets = of<ConsumerOffsets>();
  ASSERT_TRUE(offsets.commit("g", "T", 0, QueueOffset{5}));
  ASSERT_TRUE(offsets.commit("g", "T", 0, QueueOffset{3}));
  EXPECT_EQ(offsets.find("g", "T", 0), QueueOffset{3});
}

TEST_F(OffsetsTest, ThoseThatChangedAreTold) {
  open();
  ASSERT_TRUE(send("T"));
  auto& offsets = of<ConsumerOffsets>();
  const auto& changes = of<ConsumerOffsetChanges>();
  for (const auto* group : {"g", "h", "i"}) ASSERT_TRUE(offsets.commit(group, "T", 0, QueueOffset{5}));
  const auto groups_of = [](const OffsetChanges& told) {
    std::string groups;
    for (const GroupOffsets& one : told.offsets) groups += one.group;
    return groups;
  };
  OffsetChanges told = changes.changes_since(0, 0, 1'000'000);
  EXPECT_EQ(groups_of(told), "ghi");
  EXPECT_TRUE(told.complete);
  EXPECT_NE(told.origin, 0);
  const auto rest = [&] { return changes.changes_since(told.origin, told.position, 1'000'000); };
  EXPECT_EQ(groups_of(rest()), "");
  EXPECT_EQ(rest().position, told.position);

  ASSERT_TRUE(offsets.commit("h", "T", 1, QueueOffset{6}));
  ASSERT_TRUE(offsets.commit("g", "T", 0, QueueOffset{4}));
  ASSERT_TRUE(offsets.commit("h", "T", 0, QueueOffset{7}));
  EXPECT_EQ(groups_of(rest()), "gh") << "each once, who changed last at the end";
  EXPECT_EQ(rest().offsets.back().offsets, (ConsumerOffsets::ByQueue{{0, {7}}, {1, {6}}}));
  EXPECT_EQ(groups_of(changes.changes_since(told.origin + 1, told.position, 1'000'000)), "igh") << "of another process";
  offsets.remove_group("h");
  EXPECT_EQ(groups_of(rest()), "g");
}

TEST_F(OffsetsTest, ManyChangesAreToldInPieces) {
  open();
  ASSERT_TRUE(send("T"));
  for (int group = 0; group < 100; ++group)
    ASSERT_TRUE(of<ConsumerOffsets>().commit(text("g", group), "T", 0, QueueOffset{group}));
  std::size_t told = 0;
  int pieces = 0;
  OffsetChanges piece;
  do {
    piece = of<ConsumerOffsetChanges>().changes_since(piece.origin, piece.position, 200);
    EXPECT_GE(piece.offsets.size(), 1U);
    EXPECT_LE(piece.offsets.size(), 10U);
    EXPECT_EQ(piece.offsets[0].group, text("g", told));
    told += piece.offsets.size();
    ++pieces;
  } while (!piece.complete);
  EXPECT_EQ(told, 100U);
  EXPECT_GT(pieces, 10);
}

TEST_F(OffsetsTest, BelongToQueuesThatExist) {
  open();
  ASSERT_TRUE(send("T"));  // 4 queues
  auto& offsets = of<ConsumerOffsets>();
  const auto refused = [&](std::string_view group, std::string_view topic, std::int32_t queue_id, std::int64_t offset) {
    const Status committed = offsets.commit(group, topic, queue_id, QueueOffset{offset});
    const Status reset = offsets.reset(group, topic, queue_id, QueueOffset{offset});
    return !committed && (!reset || offset < 0) ? committed.error().code() : std::error_code();
  };
  EXPECT_EQ(refused("g", "T", -1, 3), make_error_code(Errc::invalid_parameter));
  EXPECT_EQ(refused("g", "T", 4, 3), make_error_code(Errc::invalid_parameter));
  EXPECT_EQ(refused("g", "Nowhere", 0, 3), make_error_code(Errc::topic_not_exist));
  EXPECT_EQ(refused("", "T", 0, 3), make_error_code(Errc::invalid_parameter));
  EXPECT_EQ(refused(std::string(256, 'g'), "T", 0, 3), make_error_code(Errc::invalid_parameter));
  EXPECT_EQ(refused("g", std::string(300, 'T'), 0, 3), make_error_code(Errc::invalid_parameter));
  EXPECT_TRUE(offsets.topics_of("g").empty());
  EXPECT_FALSE(offsets.commit("g", "T", 0, QueueOffset{-1}));
  const auto incidents = of<Statistics>().incidents();
  ASSERT_EQ(incidents.size(), 1u);
  EXPECT_EQ(incidents[0], (std::pair<std::string, std::int64_t>("refused.consumer-offset", 12)));
}

TEST_F(OffsetsTest, EndAtTheirLimitAndMayStillMove) {
  config.consumer_offsets_max = 2;
  open();
  ASSERT_TRUE(send("T"));
  auto& offsets = of<ConsumerOffsets>();
  ASSERT_TRUE(offsets.commit("g", "T", 0, QueueOffset{1}));
  ASSERT_TRUE(offsets.reset("h", "T", 1, QueueOffset{1}));
  EXPECT_TRUE(offsets.commit("i", "T", 0, QueueOffset{1}).error().is(Errc::busy));
  EXPECT_TRUE(offsets.reset("i", "T", 0, QueueOffset{1}).error().is(Errc::busy));
  EXPECT_FALSE(offsets.find("i", "T", 0));
  EXPECT_TRUE(offsets.commit("g", "T", 0, QueueOffset{2})) << "what is there may move";
  offsets.remove_group("h");
  EXPECT_TRUE(offsets.commit("i", "T", 0, QueueOffset{1})) << "and what goes makes room";
}

TEST_F(OffsetsTest, OfQueuesTakenAwayMayStillMove) {
  open();
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(of<ConsumerOffsets>().commit("g", "T", 3, QueueOffset{1}));
  TopicConfig fewer;
  fewer.name = "T";
  fewer.read_queue_nums = fewer.write_queue_nums = 1;
  of<Topics>().put(fewer, [](const Status&) {});
  EXPECT_TRUE(of<ConsumerOffsets>().commit("g", "T", 3, QueueOffset{2})) << "a consumer that has not heard of it yet";
  EXPECT_FALSE(of<ConsumerOffsets>().commit("g", "T", 2, QueueOffset{2}));
}

TEST_F(OffsetsTest, ANewGroupStartsAtTheBeginningOfAYoungQueue) {
  open();
  EXPECT_EQ(starting("T").error().message(), "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
  ASSERT_TRUE(send("T"));
  EXPECT_EQ(starting("T").value(), QueueOffset{0});
  EXPECT_EQ(starting("T", false).error().message(), "Not found, do not set to zero, maybe this group boot first");
  store.forget_before("T", 0, QueueOffset{1});
  EXPECT_TRUE(starting("T").error().is(Errc::query_not_found));
  ASSERT_TRUE(of<ConsumerOffsets>().commit("g", "T", 0, QueueOffset{1}));
  EXPECT_EQ(starting("T").value(), QueueOffset{1});
}

TEST_F(OffsetsTest, AreWrittenOnlyWhenTheyHaveChanged) {
  open();
  ASSERT_TRUE(send("T"));
  const auto file = directory.path() / "config" / "consumerOffset.json";
  auto& table = dynamic_cast<OffsetTable&>(of<ConsumerOffsets>());
  table.persist_if_changed();
  host.run();
  EXPECT_FALSE(std::filesystem::exists(file));
  ASSERT_TRUE(table.commit("g", "T", 0, QueueOffset{1}));
  table.persist_if_changed();
  host.run();
  EXPECT_TRUE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace tenon::kernel
