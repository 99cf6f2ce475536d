// SPDX-License-Identifier: Apache-2.0
// Batch queues against the log: crashes, cuts, retention, another broker's records. What they owe to those who read and
// append is in the suite of the capability.
#include <array>
#include <atomic>
#include <climits>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <utility>

#include "logstore/testing/power_loss_file_system.hpp"
#include "logstore/testing/test_store.hpp"
#include "tenon/testing/inner_batch.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

constexpr int kBatches = 200;

class BatchQueueTest : public ::testing::Test {
 protected:
  BatchQueueTest() { store_.options.batch_consume_queue_file_units = 16; }

  static Result<AppendReceipt> append(LogStore& store, int messages, std::string_view body, std::int32_t queue_id = 0) {
    std::string properties = "KEYS\1k\2";
    Message message = tenon::testing::inner_batch("B", messages, body, properties);
    message.queue_id = queue_id;
    return store.append(message);
  }
  /// Batches of 0 (a plain message) to 4 messages, in two queues, among others.
  void fill(int batches) {
    ASSERT_TRUE(store_->keep_batches("B"));
    for (int number = 0; number < batches; ++number) {
      ASSERT_TRUE(append(*store_, number % 5, text("batch ", number), number % 2));
      if (number % 3 == 0) {
        ASSERT_TRUE(store_.append("Plain", 0, "p"));
      }
    }
  }
  static int messages_of(int number) { return std::max(number % 5, 1); }
  /// Every batch from `first` on is there, whole, at its offsets; others follow from `batches` on.
  static void expect_batches(TestStore& store, int first, int batches) {
    std::int64_t at[2] = {0, 0};
    for (int number = 0; number < batches; ++number) {
      const std::int64_t last = at[number % 2] + messages_of(number) - 1;
      if (number >= first) {
        ASSERT_EQ(store.body_at("B", number % 2, last), text("batch ", number));
      }
      at[number % 2] = last + 1;
    }
    EXPECT_GE(store->bounds("B", 0).max.value, at[0]);
    EXPECT_GE(store->bounds("B", 1).max.value, at[1]);
  }
  void crash() {
    // A copy of what a killed process leaves.
    std::filesystem::copy(store_.directory.path(), copy_.directory.path(), std::filesystem::copy_options::recursive);
    std::filesystem::remove(copy_.directory.path() / "lock");
    copy_.options.batch_consume_queue_file_units = 16;
  }
  std::filesystem::path file(std::int64_t number, std::int32_t queue = 0) const {
    return store_.directory.path() / "batchconsumequeue" / "B" / std::to_string(queue) /
           offset_file_name(number * 16 * kBatchUnitSize);
  }

  TestStore store_, copy_;
};

TEST_F(BatchQueueTest, AKilledProcessLosesNoBatch) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  crash();
  ASSERT_TRUE(copy_.open());
  expect_batches(copy_, 0, kBatches);
  EXPECT_EQ(copy_->bounds("B", 0).max, store_->bounds("B", 0).max);
  ASSERT_TRUE(append(*copy_, 3, "next"));
  EXPECT_EQ(copy_.body_at("B", 0, store_->bounds("B", 0).max.value + 2), "next");
}

TEST_F(BatchQueueTest, QueuesAreMadeAgainFromTheLog) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  const QueueBounds before = store_->bounds("B", 1);
  store_.close();
  std::filesystem::remove_all(store_.directory.path() / "batchconsumequeue" / "B" / "0");
  std::filesystem::remove_all(store_.directory.path() / "batchconsumequeue" / "B" / "1");
  std::ofstream(store_.directory.path() / "abort").put('1');
  std::filesystem::remove(store_.directory.path() / "checkpoint");
  ASSERT_TRUE(store_.open());
  expect_batches(store_, 0, kBatches);
  EXPECT_EQ(store_->bounds("B", 1).max, before.max);
}

TEST_F(BatchQueueTest, AQueueThatLacksWhatTheCheckpointCoversIsMadeAgain) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  ASSERT_TRUE(store_->write_checkpoint_now());
  ASSERT_TRUE(append(*store_, 3, "next"));
  crash();
  std::filesystem::remove_all(copy_.directory.path() / "batchconsumequeue" / "B" / "0");
  ASSERT_TRUE(copy_.open());
  expect_batches(copy_, 0, kBatches);
  EXPECT_EQ(copy_->bounds("B", 0).max, store_->bounds("B", 0).max);
}

TEST_F(BatchQueueTest, NothingStaysBehindTheEndOfAQueueAfterACrash) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  ASSERT_TRUE(store_->write_checkpoint_now());
  // A page got to the disk, the one before it did not, and the log lost the records of both.
  constexpr std::int64_t kUnits = kBatches / 2, kBehind = (kUnits % 16 + 5) * kBatchUnitSize;
  std::array<char, kBatchUnitSize> unit;
  encode_unit({{1}, 100, 0, 1, 1000, 1}, std::as_writable_bytes(std::span(unit)).data());
  std::fstream(file(kUnits / 16), std::ios::in | std::ios::out | std::ios::binary)
      .seekp(kBehind)
      .write(unit.data(), unit.size());
  crash();
  ASSERT_TRUE(copy_.open());
  expect_batches(copy_, 0, kBatches);
  const auto left = copy_.directory.path() / std::filesystem::relative(file(kUnits / 16), store_.directory.path());
  std::ifstream(left, std::ios::binary).seekg(kBehind).read(unit.data(), unit.size());
  EXPECT_EQ(unit, (std::array<char, kBatchUnitSize>{}));
}

TEST_F(BatchQueueTest, AnOlderFileMayHaveLostItsBeginWhereNothingIsCovered) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  ASSERT_TRUE(store_->write_checkpoint_now());
  crash();
  const auto oldest = copy_.directory.path() / std::filesystem::relative(file(0), store_.directory.path());
  const std::array<char, kBatchUnitSize> zeros{};
  std::fstream(oldest, std::ios::in | std::ios::out | std::ios::binary).write(zeros.data(), zeros.size());
  const Status damaged = copy_.open();
  ASSERT_FALSE(damaged) << "the checkpoint says that all of it was on disk";
  EXPECT_TRUE(damaged.error().is(Errc::corrupt)) << damaged.error().message();
  std::filesystem::remove(copy_.directory.path() / "checkpoint");
  ASSERT_TRUE(copy_.open());
  expect_batches(copy_, 0, kBatches);
}

TEST_F(BatchQueueTest, ACleanStartBelievesTheNewestUnit) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  ASSERT_TRUE(append(*store_, 4, "newest"));
  const PhysicalOffset end = store_->log_max();
  store_.close();
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_->log_max(), end);
  expect_batches(store_, 0, kBatches);
  store_.close();
  // A unit that points at another record: the log has the last word.
  const std::int64_t units = 101;  // of queue 0
  std::fstream damaged(file((units - 1) / 16), std::ios::in | std::ios::out | std::ios::binary);
  damaged.seekp((units - 1) % 16 * kBatchUnitSize + 7).put('\x01');
  damaged.close();
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_.body_at("B", 0, store_->bounds("B", 0).max.value - 1), "newest");
}

TEST_F(BatchQueueTest, ARecordThatRotsTakesNoUnitAway) {
  store_.options.checkpoint_interval = std::chrono::hours(1);
  ASSERT_TRUE(store_.open());
  ASSERT_TRUE(store_->keep_batches("B"));
  static_assert(11 * kBatchUnitSize / 512 != (12 * kBatchUnitSize - 1) / 512, "the newest unit lies in two sectors");
  for (int number = 0; number < 12; ++number) ASSERT_TRUE(append(*store_, 3, text("batch ", number)));
  const std::int64_t end = store_->log_max().value;
  for (int number = 0; number < 50; ++number) ASSERT_TRUE(store_.append("Plain", 0, std::string(200, 'p')));
  ASSERT_TRUE(store_->write_checkpoint_now());
  crash();
  std::fstream log(copy_.directory.path() / "commitlog" / offset_file_name(0),
                   std::ios::in | std::ios::out | std::ios::binary);
  std::string record(200, ' ');
  log.seekg(end - 200);
  log.read(record.data(), 200);
  const auto body = record.rfind("batch 11");
  ASSERT_NE(body, std::string::npos);
  log.seekp(end - 200 + static_cast<std::int64_t>(body));
  log.write("B", 1);
  log.close();
  ASSERT_TRUE(copy_.open());
  EXPECT_EQ(copy_->bounds("B", 0).max.value, 36) << "who has read up to there must not miss what comes next";
}

TEST_F(BatchQueueTest, ACutOfTheLogCutsTheQueues) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  const AppendReceipt cut = append(*store_, 3, "cut").value();
  for (int number = 0; number < 100; ++number) ASSERT_TRUE(append(*store_, 2, "gone", number % 2));
  ASSERT_TRUE(store_->truncate_log(cut.physical_offset).has_value());
  EXPECT_EQ(store_->bounds("B", 0).max, cut.queue_offset);
  expect_batches(store_, 0, kBatches);
  EXPECT_EQ(append(*store_, 2, "other")->queue_offset, cut.queue_offset);
  crash();
  ASSERT_TRUE(copy_.open());
  EXPECT_EQ(copy_.body_at("B", 0, cut.queue_offset.value + 1), "other");
  EXPECT_EQ(copy_->bounds("B", 0).max.value, cut.queue_offset.value + 2);
}

TEST_F(BatchQueueTest, ARepeatedCutToTheBeginEmptiesTheQueue) {
  ASSERT_TRUE(store_.open());
  ASSERT_TRUE(store_->keep_batches("B"));
  const PhysicalOffset first = append(*store_, 3, "a")->physical_offset;
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(store_->truncate_log(first).has_value());
    EXPECT_EQ(store_->bounds("B", 0).max.value, 0);
    for (int number = 0; number < 40; ++number) ASSERT_TRUE(append(*store_, 3, text(round)));
    store_.close();
    ASSERT_TRUE(store_.open());
    EXPECT_EQ(store_.body_at("B", 0, 119), text(round));
  }
}

TEST_F(BatchQueueTest, RetentionMovesTheMinimumAndDeletesFiles) {
  store_.options.retention.log_size_max = 20'000;
  ASSERT_TRUE(store_.open());
  fill(400);
  for (int round = 0; round < 10; ++round) store_->clean_expired_files();
  const QueueBounds bounds = store_->bounds("B", 0);
  EXPECT_GT(bounds.min.value, 0);
  EXPECT_FALSE(std::filesystem::exists(file(0)));
  EXPECT_EQ(store_->read({.topic = "B", .queue_id = 0, .offset = {0}}).status, ReadStatus::offset_too_small);
  EXPECT_EQ(store_->read({.topic = "B", .queue_id = 0, .offset = {0}}).next_queue_offset, bounds.min);
  EXPECT_EQ(store_->read({.topic = "B", .queue_id = 0, .offset = bounds.min}).status, ReadStatus::found);
  EXPECT_TRUE(store_->store_time_at("B", 0, bounds.min).has_value());
  EXPECT_TRUE(store_->store_time_at("B", 0, bounds.min - 1).has_error());
  EXPECT_EQ(store_->offset_at_time("B", 0, 0, TimeBoundary::lower), bounds.min);
  store_.close();
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_->bounds("B", 0).min, bounds.min);
  EXPECT_EQ(store_->bounds("B", 0).max, bounds.max);
}

/// Its files are deleted oldest first, and it stays when one of them cannot be.
TEST_F(BatchQueueTest, WhatADeletionThatFailsHasLeftIsAQueue) {
  class Files final : public testing::FaultFileSystem {
   public:
    int removals_left = INT_MAX;
    Status remove(const std::filesystem::path& path) override {
      if (is_of_the_queue(path) && removals_left-- <= 0) return Error(Errc::io, text("cannot remove ", path.string()));
      return FaultFileSystem::remove(path);
    }
    Status remove_tree(const std::filesystem::path& path) override {
      if (is_of_the_queue(path) && removals_left != INT_MAX)
        return Error(Errc::io, text("cannot remove ", path.string()));
      return FaultFileSystem::remove_tree(path);
    }

   private:
    static bool is_of_the_queue(const std::filesystem::path& path) {
      return path.string().find("batchconsumequeue") != std::string::npos;
    }
  };
  for (int removals = 0; removals <= 4; ++removals) {
    SCOPED_TRACE(removals);
    Files files;
    TestStore store;
    store.options.batch_consume_queue_file_units = 16;
    store.options.file_system = &files;
    ASSERT_TRUE(store.open());
    ASSERT_TRUE(store->keep_batches("B"));
    for (int number = 0; number < 50; ++number) ASSERT_TRUE(append(*store, 2, text("batch ", number)));
    ASSERT_TRUE(store->write_checkpoint_now());
    for (int number = 50; number < 55; ++number) ASSERT_TRUE(append(*store, 2, text("batch ", number)));
    files.removals_left = removals;
    EXPECT_FALSE(store->delete_topic("B", MessageStore::kWholeLog));
    files.removals_left = INT_MAX;
    ASSERT_TRUE(append(*store, 2, "batch 55"));
    const std::int64_t first = store->bounds("B", 0).min.value / 2;
    if (removals < 4) {
      EXPECT_EQ(first, 16 * removals);
    } else {
      EXPECT_GE(first, 50) << "what was not in files yet";
    }
    for (int round = 0; round < 2; ++round) {
      EXPECT_EQ(store->bounds("B", 0).min.value, 2 * first);
      EXPECT_EQ(store->bounds("B", 0).max.value, 112);
      for (std::int64_t number = first; number < 56; ++number)
        ASSERT_EQ(store.body_at("B", 0, 2 * number + 1), text("batch ", number));
      store.close();
      ASSERT_TRUE(store.open());
    }
  }
}

TEST_F(BatchQueueTest, AReplicaHasTheSameQueues) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  ASSERT_TRUE(copy_.open());
  const auto log = store_->read_log({0}, INT64_MAX, ReadForm::in_memory);
  for (PhysicalOffset at{0}; at < store_->log_max();) {
    const LogStretch stretch = store_->read_log(at, 1000, ReadForm::in_memory).value();
    ASSERT_TRUE(copy_->append_log(at, std::get<MemorySlice>(stretch.bytes).bytes));
    at += stretch.length;
  }
  // It was told of the topic by the first inner batch only: the message before that was moved.
  expect_batches(copy_, 0, kBatches);
  EXPECT_EQ(copy_->bounds("B", 1).max, store_->bounds("B", 1).max);
  EXPECT_FALSE(std::filesystem::exists(copy_.directory.path() / "consumequeue" / "B"));
}

TEST_F(BatchQueueTest, AFlagThatIsWrongMakesNoBatchTopic) {
  ASSERT_TRUE(store_.open());
  const AppendReceipt first = store_
                                  .append("T", 0, "x",
                                          "INNER_NUM\1"
                                          "3\2INNER_BASE\1"
                                          "7\2")
                                  .value();
  store_.close();
  std::fstream log(store_.directory.path() / "commitlog" / offset_file_name(0),
                   std::ios::in | std::ios::out | std::ios::binary);
  log.seekp(first.physical_offset.value + 39).put('\xC0');
  log.close();
  std::ofstream(store_.directory.path() / "abort").put('1');
  std::filesystem::remove(store_.directory.path() / "checkpoint");
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_->bounds("T", 0).max.value, 1);
  EXPECT_FALSE(std::filesystem::exists(store_.directory.path() / "batchconsumequeue" / "T"));
}

TEST_F(BatchQueueTest, AMoveThatEndsHalfwayIsFinishedByTheNextStart) {
  for (std::int64_t call = 0;; ++call) {
    SCOPED_TRACE(text("fault at call ", call));
    TestStore store;
    ASSERT_TRUE(store.open());
    for (int number = 0; number < 150; ++number) ASSERT_TRUE(store.append("B", number % 3, text("old ", number)));
    store.close();
    ASSERT_TRUE(store.open());
    store.files.fault_once(call, testing::Fault::fail);
    const Status kept = store->keep_batches("B");
    store.files.heal();
    store.close();
    ASSERT_TRUE(store.open());
    ASSERT_TRUE(store->keep_batches("B"));
    for (int number = 0; number < 150; ++number)
      ASSERT_EQ(store.body_at("B", number % 3, number / 3), text("old ", number));
    ASSERT_TRUE(append(*store, 2, "new"));
    EXPECT_EQ(store->bounds("B", 0).max.value, 52);
    EXPECT_FALSE(std::filesystem::exists(store.directory.path() / "consumequeue" / "B"));
    if (kept) break;
  }
}

TEST_F(BatchQueueTest, WhatAKilledMoveHasLeftTakesNothingAway) {
  constexpr int kMessages = 60, kFiles = 4;
  store_.options.consume_queue_file_entries = 16;
  ASSERT_TRUE(store_.open());
  for (int number = 0; number < kMessages; ++number) ASSERT_TRUE(store_.append("B", 0, text("old ", number)));
  store_.close();
  const auto moved = store_.directory.path() / "consumequeue" / "B", kept = copy_.directory.path() / "B";
  std::filesystem::copy(moved / "0", kept);
  ASSERT_TRUE(store_.open());
  ASSERT_TRUE(store_->keep_batches("B"));
  ASSERT_TRUE(store_.append("Plain", 0, "p"));
  for (int deleted = 0; deleted <= kFiles; ++deleted) {
    SCOPED_TRACE(deleted);
    store_.close();
    std::filesystem::create_directories(moved / "0");
    for (int file = deleted; file < kFiles; ++file) {
      const std::string name = offset_file_name(file * 16 * kQueueEntrySize);
      std::filesystem::copy_file(kept / name, moved / "0" / name);
    }
    ASSERT_TRUE(store_.open());
    for (int number = 0; number < kMessages; ++number) ASSERT_EQ(store_.body_at("B", 0, number), text("old ", number));
    EXPECT_FALSE(std::filesystem::exists(moved));
  }
}

TEST_F(BatchQueueTest, AnAppendThatAMoveOvertakesMakesNoQueueOfTheOtherKind) {
  const auto move = std::make_shared<bool>(false);
  store_.options.now_ms = [this, move, test = std::this_thread::get_id()] {
    if (std::this_thread::get_id() == test && std::exchange(*move, false)) {
      EXPECT_TRUE(store_->keep_batches("B"));
    }
    return std::int64_t{1'700'000'000'000};
  };
  ASSERT_TRUE(store_.open());
  ASSERT_TRUE(store_.append("B", 0, "old"));
  *move = true;
  const auto overtaken = store_.append("B", 0, "overtaken");
  ASSERT_FALSE(overtaken);
  EXPECT_TRUE(overtaken.error().is(Errc::service_not_available));
  EXPECT_EQ(store_.body_at("B", 0, 0), "old");
  EXPECT_EQ(store_.append("B", 0, "again").value().queue_offset.value, 1);
}

/// Without a store around it.
class BareBatchQueue : public ::testing::Test {
 protected:
  static StoreOptions in(const std::filesystem::path& directory) {
    StoreOptions options;
    options.directory = directory;
    options.batch_consume_queue_file_units = 16;
    return options;
  }
  static void push(BatchQueue& queue, int units) {
    for (int number = 0; number < units; ++number) queue.push({{1000 + queue.end()}, 100, 0, 1, queue.max(), 2});
  }

  testing::TemporaryDirectory directory_;
  testing::FaultFileSystem files_;
  StoreOptions options_ = in(directory_.path());
  DescriptorCache descriptors_{files_, 8};
  QueueStorage storage_{options_, files_, descriptors_};
  BatchQueue queue_{storage_, "B", 0};
};

TEST_F(BareBatchQueue, AUnitThatIsNotThereIsNotOneOfAnOldTopic) {
  push(queue_, 40);
  ASSERT_TRUE(queue_.spill());
  ASSERT_EQ(queue_.first_physical_offset().value(), PhysicalOffset{1000});
  const auto file = directory_.path() / "batchconsumequeue" / "B" / "0" / offset_file_name(0);
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary)
      .write(std::string(kBatchUnitSize, '\0').data(), kBatchUnitSize);
  EXPECT_FALSE(queue_.first_physical_offset()) << "what begins below any offset would be deleted";
}

/// Who is asked for a message bisects from the minimum on, and would find nothing there for ever.
TEST_F(BareBatchQueue, RetentionDeletesNoFileThatTheMinimumStillLiesIn) {
  push(queue_, 70);
  ASSERT_TRUE(queue_.spill());
  files_.fail_reads_from(0, EMFILE);
  queue_.correct_min(1060);
  files_.heal();
  ASSERT_TRUE(queue_.drop_files_before_begin());
  EXPECT_EQ(queue_.find(130), 65);
  queue_.correct_min(1060);
  ASSERT_TRUE(queue_.drop_files_before_begin());
  EXPECT_EQ(queue_.begin(), 60);
  EXPECT_EQ(queue_.find(130), 65);
}

TEST_F(BareBatchQueue, ACutBelowWhatRetentionHasLeftEmptiesIt) {
  for (const std::int64_t cut_at : {5, 17, 25}) {
    SCOPED_TRACE(cut_at);
    BatchQueue queue(storage_, "Cut", static_cast<std::int32_t>(cut_at));
    push(queue, 40);
    ASSERT_TRUE(queue.spill());
    queue.correct_min(1030);
    ASSERT_TRUE(queue.drop_files_before_begin());
    ASSERT_EQ(queue.begin(), 30);
    ASSERT_TRUE(queue.cut(cut_at));
    EXPECT_EQ(queue.begin(), queue.end());
    const BatchUnit next{{2000}, 100, 0, 1, 10, 2};
    queue.push(next);
    EXPECT_EQ(queue.min(), 10);
    EXPECT_EQ(queue.max(), 12);
    ASSERT_TRUE(queue.spill());
    BatchQueue loaded(storage_, "Cut", static_cast<std::int32_t>(cut_at));
    ASSERT_TRUE(loaded.load({INT64_MAX}));
    const auto newest = loaded.unit(loaded.end() - 1);
    ASSERT_TRUE(newest.has_value());
    EXPECT_EQ(newest->physical_offset, next.physical_offset);
    EXPECT_EQ(loaded.max(), 12);
  }
}

TEST_F(BareBatchQueue, TheMinimumIsNotThatOfBeforeACut) {
  std::atomic<bool> done{false};
  std::thread keeper([&] {
    while (!done) queue_.correct_min(1'000'000);
  });
  for (int round = 0; round < 2'000 && !::testing::Test::HasFailure(); ++round) {
    push(queue_, 30);
    EXPECT_TRUE(queue_.cut(0));
    EXPECT_EQ(queue_.begin(), 0) << "round " << round;
    EXPECT_EQ(queue_.end(), 0);
    EXPECT_LE(queue_.min(), queue_.max());
  }
  done = true;
  keeper.join();
}

TEST_F(BatchQueueTest, FilesTellTheirSize) {
  ASSERT_TRUE(store_.open());
  fill(kBatches);
  store_.close();
  store_.options.batch_consume_queue_file_units = 300'000;
  EXPECT_FALSE(store_.open());
  store_.options.sizes_from_files.batch_consume_queue = true;
  ASSERT_TRUE(store_.open());
  expect_batches(store_, 0, kBatches);
}

}  // namespace
}  // namespace tenon::logstore
