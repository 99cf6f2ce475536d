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

TEST_F(GroupsTest, SystemGroupsAreCreatedEvenWhenOthersAreNot) {
  config.auto_create_subscription_group = false;
  open();
  EXPECT_EQ(of<Groups>().find_or_create("g"), nullptr);
  EXPECT_NE(of<Groups>().find_or_create("CID_RMQ_SYS_x"), nullptr);
}

TEST_F(GroupsTest, ARemovedGroupMayTakeItsOffsetsAlong) {
  open();
  auto& offsets = of<ConsumerOffsets>();
  for (const auto* group : {"g", "h"}) {
    ASSERT_NE(of<Groups>().find_or_create(group), nullptr);
    offsets.commit(group, "T", 0, QueueOffset{5});
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
  of<ConsumerOffsets>().commit("g", "T", 3, QueueOffset{42});
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
  auto& offsets = of<ConsumerOffsets>();
  offsets.commit("g", "T", 0, QueueOffset{5});
  offsets.commit("g", "T", 0, QueueOffset{3});
  EXPECT_EQ(offsets.find("g", "T", 0), QueueOffset{3});
  offsets.commit("g", "T", -1, QueueOffset{3});
  offsets.commit("g", "T", 1 << 20, QueueOffset{3});
  EXPECT_EQ(offsets.of_topic("g", "T").size(), 1u);
}

TEST_F(OffsetsTest, ANewGroupStartsAtTheBeginningOfAYoungQueue) {
  open();
  EXPECT_EQ(starting("T").error().message(), "Not found, V3_0_6_SNAPSHOT maybe this group consumer boot first");
  ASSERT_TRUE(send("T"));
  EXPECT_EQ(starting("T").value(), QueueOffset{0});
  EXPECT_EQ(starting("T", false).error().message(), "Not found, do not set to zero, maybe this group boot first");
  store.forget_before("T", 0, QueueOffset{1});
  EXPECT_TRUE(starting("T").error().is(Errc::query_not_found));
  of<ConsumerOffsets>().commit("g", "T", 0, QueueOffset{1});
  EXPECT_EQ(starting("T").value(), QueueOffset{1});
}

TEST_F(OffsetsTest, AreWrittenOnlyWhenTheyHaveChanged) {
  open();
  const auto file = directory.path() / "config" / "consumerOffset.json";
  auto& table = dynamic_cast<OffsetTable&>(of<ConsumerOffsets>());
  table.persist_if_changed();
  host.run();
  EXPECT_FALSE(std::filesystem::exists(file));
  table.commit("g", "T", 0, QueueOffset{1});
  table.persist_if_changed();
  host.run();
  EXPECT_TRUE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace tenon::kernel
