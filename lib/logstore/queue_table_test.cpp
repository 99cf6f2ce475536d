// SPDX-License-Identifier: Apache-2.0
#include "logstore/queue_table.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <set>

#include "logstore/testing/temporary_directory.hpp"

namespace tenon::logstore {
namespace {

class QueueTableTest : public ::testing::Test {
 protected:
  static std::string topic(int number) { return "a topic with a long name " + std::to_string(number); }
  ConsumeQueue& make(int number, std::int32_t queue_id) { return table_.insert(QueueKey(topic(number), queue_id)); }
  ConsumeQueue* find(int number, std::int32_t queue_id) {
    return table_.find_for_append(QueueKey(topic(number), queue_id));
  }

  static StoreOptions in(const std::filesystem::path& directory) {
    StoreOptions options;
    options.directory = directory;
    return options;
  }

  testing::TemporaryDirectory directory_;
  const StoreOptions options_ = in(directory_.path());
  DescriptorCache descriptors_{posix_file_system(), 4};
  QueueStorage storage_{options_, posix_file_system(), descriptors_};
  QueueTable table_{storage_};
};

TEST_F(QueueTableTest, FindsEachOfManyQueues) {
  constexpr int kTopics = 40, kQueues = 90;
  for (int queue = 0; queue < kQueues; ++queue) {
    for (int number = 0; number < kTopics; ++number) {
      EXPECT_EQ(find(number, queue), nullptr);
      const ConsumeQueue& made = make(number, queue);
      EXPECT_EQ(&made, find(number, queue));
    }
  }
  for (int number = 0; number < kTopics; ++number) {
    for (int queue = 0; queue < kQueues; ++queue) {
      const ConsumeQueue* const found = find(number, queue);
      ASSERT_NE(found, nullptr);
      EXPECT_EQ(found->topic(), topic(number));
      EXPECT_EQ(found->queue_id(), queue);
      EXPECT_EQ(table_.find(QueueKey(topic(number), queue)).get(), found);
    }
    EXPECT_EQ(find(number, kQueues), nullptr);
    EXPECT_EQ(table_.of_topic(topic(number)).size(), std::size_t{kQueues});
  }
  EXPECT_EQ(find(kTopics, 0), nullptr);
  EXPECT_EQ(table_.all().size(), std::size_t{kTopics * kQueues});
}

TEST_F(QueueTableTest, QueuesOfATopicShareItsName) {
  EXPECT_EQ(&make(1, 0).topic(), &make(1, INT32_MAX).topic());
  EXPECT_NE(&make(2, 0).topic(), &find(1, 0)->topic());
}

TEST_F(QueueTableTest, TwoDirectoriesOfOneNumberAreOneQueue) {
  for (const char* name : {"1", "01", "2"})
    std::filesystem::create_directories(directory_.path() / "consumequeue" / topic(1) / name);
  ASSERT_TRUE(table_.load({}, {}));
  EXPECT_EQ(table_.all().size(), 2U);
  EXPECT_NE(find(1, 1), nullptr);
  EXPECT_EQ(&find(1, 1)->topic(), &find(1, 2)->topic());
}

TEST_F(QueueTableTest, ATakenTopicIsGoneAndCanComeAgain) {
  for (int number = 0; number < 3; ++number) {
    for (int queue = 0; queue < 100; ++queue) make(number, queue);
  }
  table_.take_topic(topic(1));
  table_.take_topic(topic(1));
  EXPECT_TRUE(table_.of_topic(topic(1)).empty());
  EXPECT_EQ(table_.all().size(), 200U);
  for (int queue = 0; queue < 100; ++queue) {
    EXPECT_NE(find(0, queue), nullptr);
    EXPECT_EQ(find(1, queue), nullptr);
    EXPECT_NE(find(2, queue), nullptr);
  }
  table_.expect(QueueKey(topic(1), 7));
  const ConsumeQueue& again = make(1, 7);
  EXPECT_EQ(&again, find(1, 7));
  EXPECT_EQ(table_.all().size(), 201U);
}

/// Against a set: neighbours in the tables move when one of them goes.
TEST_F(QueueTableTest, FindsTheOthersWhicheverQueueIsTaken) {
  constexpr int kTopics = 7, kQueues = 60;
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 dice(seed);
  std::set<std::pair<int, int>> there;
  for (int step = 0; step < 4'000; ++step) {
    const int number = static_cast<int>(dice() % kTopics), queue = static_cast<int>(dice() % kQueues);
    if (there.insert({number, queue}).second) {
      make(number, queue);
    } else if (dice() % 2 == 0) {
      ASSERT_TRUE(find(number, queue)->remove_files().has_value());
      table_.take_removed(topic(number));
      there.erase({number, queue});
    }
  }
  for (int number = 0; number < kTopics; ++number) {
    for (int queue = 0; queue < kQueues; ++queue)
      EXPECT_EQ(find(number, queue) != nullptr, there.contains({number, queue})) << number << " " << queue;
  }
  EXPECT_EQ(table_.all().size(), there.size());
}

/// In one walk: a walk for each of 50,000 topics took seconds.
TEST_F(QueueTableTest, AllQueuesGoAtOnce) {
  constexpr int kTopics = 50'000;
  for (int number = 0; number < kTopics; ++number) make(number, 0);
  table_.insert(QueueKey("%LMQ%a", 0));
  ASSERT_TRUE(table_.remove_all());
  EXPECT_TRUE(table_.all().empty());
  EXPECT_TRUE(table_.of_topic(topic(7)).empty());
  EXPECT_EQ(find(7, 0), nullptr);
  EXPECT_EQ(table_.light_queues(), 0U);
  EXPECT_FALSE(table_.is_large());
  const ConsumeQueue& again = make(7, 0);
  EXPECT_EQ(&again, find(7, 0));
}

/// Fillers in the middle of a queue say nothing of where those before them lie.
TEST_F(QueueTableTest, ACutGoesBackBeyondAGap) {
  ConsumeQueue& queue = make(1, 0);
  for (int record = 0; record < 10; ++record) (void)queue.push({{1000 + record}, 1, 0});
  for (int record = 10; record < 15; ++record)
    ASSERT_TRUE(queue.restore(100 * record, {{1000 + record}, 1, 0}).has_value());
  ASSERT_TRUE(table_.cut_from({1020}).has_value());
  EXPECT_EQ(queue.max(), 1401);
  ASSERT_TRUE(table_.cut_from({1012}).has_value());
  EXPECT_EQ(queue.max(), 1200) << "offsets that were given are not given again";
  ASSERT_TRUE(table_.cut_from({1005}).has_value());
  EXPECT_EQ(queue.max(), 5);
}

TEST_F(QueueTableTest, WantsHintsFromThatManyQueuesOn) {
  constexpr int kMany = 1024;
  for (int queue = 0; queue < kMany; ++queue) make(queue % 3, queue);
  EXPECT_FALSE(table_.is_large()) << "they are in the cache anyway";
  make(3, 0);
  EXPECT_TRUE(table_.is_large());
  table_.expect(QueueKey(topic(3), 0));
  table_.expect(QueueKey(topic(4), 0));  // which is not there
  table_.take_topic(topic(3));
  EXPECT_FALSE(table_.is_large());
}

}  // namespace
}  // namespace tenon::logstore
