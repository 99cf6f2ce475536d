// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <ctime>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

constexpr std::int64_t kHourMs = 3'600'000;

/// A store whose clock the test sets; files are deleted at any hour once they are three hours old.
class Retention : public ::testing::Test {
 protected:
  Retention() {
    store_.options.now_ms = [this] { return now_ms_.load(); };
    store_.options.retention.file_reserved_time = std::chrono::hours(3);
    store_.options.retention.disk_max_used_ratio = 0.0001;
    store_.options.retention.disk_warning_ratio = 0.9;
    store_.options.retention.disk_clean_forcibly_ratio = 0.8;
    store_.options.retention.check_interval = std::chrono::hours(1);
    store_.files.report_space({100, 50});
  }
  void append(int count) {
    for (int number = 0; number < count; ++number) {
      ASSERT_TRUE(store_
                      .append("T", 0, "m" + std::to_string(next_) + std::string(100, 'x'),
                              "KEYS\1k" + std::to_string(next_) + "\2")
                      .has_value());
      ++next_;
    }
  }

  std::atomic<std::int64_t> now_ms_{1'700'000'000'000};
  int next_ = 0;
  TestStore store_;
};

TEST_F(Retention, AFullDiskCostsNoMessageUnlessTheOperatorSaysSo) {
  ASSERT_TRUE(store_.open().has_value());
  append(600);
  store_.files.report_space({100, 5});
  for (int round = 0; round < 20; ++round) store_->clean_expired_files();
  EXPECT_EQ(store_->status().min_physical_offset, PhysicalOffset{0});
  EXPECT_FALSE(store_->status().refuses_writes_because.empty());
  store_.close();

  store_.options.retention.clean_file_forcibly = true;
  ASSERT_TRUE(store_.open().has_value());
  store_->clean_expired_files();
  EXPECT_GT(store_->status().min_physical_offset, PhysicalOffset{0});
}

TEST_F(Retention, DeletesWhatIsOldAndMovesTheMinimumOffsets) {
  ASSERT_TRUE(store_.open().has_value());
  append(300);
  const PhysicalOffset old_end = store_->status().max_physical_offset;
  now_ms_ += 4 * kHourMs;
  append(300);
  for (int round = 0; round < 20; ++round) store_->clean_expired_files();
  const StoreStatus status = store_->status();
  EXPECT_GT(status.min_physical_offset, PhysicalOffset{0});
  EXPECT_LE(status.min_physical_offset, old_end) << "young files stay";
  const QueueBounds bounds = store_->bounds("T", 0);
  EXPECT_GT(bounds.min, QueueOffset{200});
  EXPECT_LE(bounds.min, QueueOffset{300});
  EXPECT_EQ(bounds.max, QueueOffset{600});
  const ReadResult early = store_->read({.topic = "T", .queue_id = 0, .offset = {0}});
  EXPECT_EQ(early.status, ReadStatus::offset_too_small);
  EXPECT_EQ(early.next_queue_offset, bounds.min);
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  EXPECT_EQ(store_->status().refuses_writes_because, "") << "a queue file that is gone needs no sync";
  EXPECT_EQ(store_.body_at("T", 0, bounds.min.value).substr(0, 4), "m" + std::to_string(bounds.min.value));
  EXPECT_TRUE(store_->query_by_key({.topic = "T", .key = "k0"}).value().records.empty());

  store_.close();
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 0).min, bounds.min);
  EXPECT_EQ(store_->bounds("T", 0).max, bounds.max);
}

TEST_F(Retention, AQueueKeepsItsOffsetsThroughACrashAfterItsLastRecordIsDeleted) {
  store_.options.checkpoint_interval = std::chrono::hours(1);
  ASSERT_TRUE(store_.open().has_value());
  ASSERT_TRUE(store_.append("Quiet", 0, "x").has_value());
  append(300);
  now_ms_ += 4 * kHourMs;
  append(10);
  store_->clean_expired_files();
  ASSERT_GT(store_->status().min_physical_offset, PhysicalOffset{0});
  // What a kill leaves: the files as they are.
  const testing::TemporaryDirectory crashed;
  std::filesystem::copy(store_.directory.path(), crashed.path(), std::filesystem::copy_options::recursive);
  StoreOptions options = store_.options;
  options.directory = crashed.path();
  LogStore again(options);
  ASSERT_TRUE(again.open().has_value());
  EXPECT_EQ(again.bounds("Quiet", 0).max, QueueOffset{1}) << "offsets never begin anew";
  EXPECT_EQ(again.bounds("Quiet", 0).min, QueueOffset{1});
}

TEST_F(Retention, KeepsALogThatMayNotGrowShort) {
  store_.options.retention.log_size_max = 3 * 16'384;
  ASSERT_TRUE(store_.open().has_value());
  for (int round = 0; round < 5; ++round) {
    append(200);
    for (int again = 0; again < 3; ++again) store_->clean_expired_files();
    const StoreStatus status = store_->status();
    EXPECT_LE(status.max_physical_offset - status.min_physical_offset, 3 * 16'384);
  }
  EXPECT_EQ(store_->bounds("T", 0).max, QueueOffset{1000});
  EXPECT_GT(store_->bounds("T", 0).min, QueueOffset{0});
}

TEST_F(Retention, KeepsYoungFilesUntilTheDiskIsNearlyFull) {
  store_.options.retention.clean_file_forcibly = true;
  ASSERT_TRUE(store_.open().has_value());
  append(300);
  store_->clean_expired_files();
  EXPECT_EQ(store_->status().min_physical_offset, PhysicalOffset{0});
  store_.files.report_space({100, 15});
  store_->clean_expired_files();
  EXPECT_GT(store_->status().min_physical_offset, PhysicalOffset{0});
  EXPECT_EQ(store_->bounds("T", 0).max, QueueOffset{300});
}

TEST_F(Retention, AHeldResultSurvivesTheDeletionOfItsFile) {
  store_.options.retention.clean_file_forcibly = true;
  ASSERT_TRUE(store_.open().has_value());
  append(300);
  const ReadResult held = store_->read({.topic = "T", .queue_id = 0, .offset = {0}});
  ASSERT_EQ(held.status, ReadStatus::found);
  const auto bytes = std::get<MemorySlice>(held.records.at(0)).bytes;
  const std::vector<std::byte> before(bytes.begin(), bytes.end());
  store_.files.report_space({100, 15});
  store_->clean_expired_files();
  ASSERT_GT(store_->status().min_physical_offset, PhysicalOffset{0});
  EXPECT_TRUE(std::equal(before.begin(), before.end(), bytes.begin()));
}

}  // namespace
}  // namespace tenon::logstore
