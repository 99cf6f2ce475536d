// SPDX-License-Identifier: Apache-2.0
#include "storetools/deleted_topics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "storetools/testing/small_store.hpp"

namespace tenon::storetools {
namespace {

using logstore::offset_file_name;

/// Topics are deleted, and made again, whose records stay in the log.
class TopicsDeleted : public testing::SmallStore {
 protected:
  void write_topics(std::string_view names) const {
    std::filesystem::create_directories(root() / "config");
    std::ofstream(root() / "config" / "topics.json") << "{\"topicConfigTable\":{" << names << "}}";
  }
  void delete_it(std::string_view topic) {
    ASSERT_TRUE(store_.open().has_value());
    ASSERT_TRUE(store_.append("Other", 0, "stays").has_value());  // without any queue a start makes all again
    ASSERT_TRUE(store_->delete_topic(topic, MessageStore::kWholeLog).has_value());
    store_.close();
    write_topics("\"Other\":{}");
  }
  void make_again(int queues) {
    write_topics("\"Other\":{},\"T\":{}");
    ASSERT_TRUE(store_.open().has_value());
    for (int count = 0; count < 30; ++count) {
      ASSERT_TRUE(store_.append("T", count % queues, "again").has_value());
    }
    store_.close();
  }
  void expect_one_note(const std::filesystem::path& topic, std::string_view what) {
    const auto found = findings();
    EXPECT_EQ(damages_, 0);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].severity, Severity::note);
    EXPECT_EQ(found[0].file, topic);
    EXPECT_TRUE(found[0].what.starts_with(what)) << found[0].what;
  }
  std::filesystem::path topic() const { return root() / "consumequeue" / "T"; }
};

TEST_F(TopicsDeleted, WhatADeletedTopicLeavesIsANote) {
  delete_it("T");
  expect_one_note(topic(), "400 records from before the topic was deleted, the first at physical offset 0");
  EXPECT_EQ(summary_.deleted.at("T"), 400);
}

TEST_F(TopicsDeleted, SoItIsWhenTheTopicWasMadeAgain) {
  delete_it("T");
  make_again(3);
  expect_one_note(topic(), "400 records from before");
  EXPECT_EQ(summary_.queue_entries, 1 + 30);
}

TEST_F(TopicsDeleted, AndWhenOnlySomeQueuesAreWrittenAgain) {
  delete_it("T");
  make_again(1);
  expect_one_note(topic(), "400 records from before");
  EXPECT_EQ(summary_.queues, 1 + 1);
}

TEST_F(TopicsDeleted, AQueueThatIsLostIsNamedOnce) {
  write_topics("\"T\":{}");
  std::filesystem::remove_all(topic() / "1");
  expect_damage(topic() / "1", -1, "no such queue, but 133 records belong to it, the first at physical offset");
  EXPECT_EQ(damages_, 1);
}

TEST_F(TopicsDeleted, NobodyKnowsWhetherATopicIsDeletedWithoutTheTable) {
  delete_it("T");
  std::filesystem::remove(root() / "config" / "topics.json");
  expect_damage(topic() / "0", -1, "134 records");
  write_topics("} {");
  expect_damage(topic() / "0", -1, "134 records");
}

TEST_F(TopicsDeleted, ALostQueueOfATopicThatWasMadeAgainIsDamage) {
  delete_it("T");
  make_again(3);
  std::filesystem::remove_all(topic() / "1");
  expect_damage(topic() / "1", -1, "143 records");
  EXPECT_EQ(damages_, 1);
}

TEST_F(TopicsDeleted, AWrongFirstEntryExcusesNothing) {
  const auto first = topic() / "1" / offset_file_name(0);
  std::array<char, 20> fifth{};
  std::ifstream(first, std::ios::binary).seekg(5 * 20).read(fifth.data(), fifth.size());
  overwrite(first, 0, {fifth.data(), fifth.size()});
  expect_damage(first, 0, "is not that of the record");
  overwrite(first, 0, std::string(20, '\0'));
  expect_damage(first, 0, "no entry at queue offset 0");
}

TEST_F(TopicsDeleted, AnEntryThatIsLostBehindTheFirstIsDamage) {
  delete_it("T");
  make_again(3);
  overwrite(topic() / "1" / offset_file_name(0), 20 * 7, std::string(20, '\0'));
  expect_damage(topic() / "1" / offset_file_name(0), 20 * 7, "no entry at queue offset 7");
}

TEST_F(TopicsDeleted, RepairLeavesAWholeStoreWhereATopicWasMadeAgain) {
  delete_it("T");
  make_again(3);
  overwrite(topic() / "1" / offset_file_name(0), 20 * 7, std::string(20, '\0'));
  repair_it(false);
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 1).max, QueueOffset{10});
}

}  // namespace
}  // namespace tenon::storetools
