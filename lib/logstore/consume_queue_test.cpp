// SPDX-License-Identifier: Apache-2.0
#include "logstore/consume_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "logstore/queue_table.hpp"
#include "logstore/testing/fault_file_system.hpp"
#include "logstore/testing/temporary_directory.hpp"

namespace tenon::logstore {
namespace {

class QueueFixture : public ::testing::Test {
 protected:
  static StoreOptions in(const std::filesystem::path& directory) {
    StoreOptions options;
    options.directory = directory;
    options.consume_queue_file_entries = 100;
    return options;
  }
  std::shared_ptr<ConsumeQueue> make_queue() { return std::make_shared<ConsumeQueue>(storage_, topic_, 0); }
  static void push(ConsumeQueue& queue, int count) {
    for (int number = 0; number < count; ++number) (void)queue.push({{1000 + number}, 100, 0});
  }
  std::filesystem::path queue_directory() const { return directory_.path() / "consumequeue" / "T" / "0"; }

  testing::TemporaryDirectory directory_;
  testing::FaultFileSystem files_;
  StoreOptions options_ = in(directory_.path());
  DescriptorCache descriptors_{files_, 8};
  QueueStorage storage_{options_, files_, descriptors_};
  const TopicName topic_ = std::make_shared<const std::string>("T");
};

TEST_F(QueueFixture, ARemovedQueueWritesNoFilesAnyMore) {
  const auto removed = make_queue();
  push(*removed, 150);
  ASSERT_TRUE(removed->remove_files().has_value());
  EXPECT_TRUE(removed->spill(ConsumeQueue::Spill::everything).has_value())
      << "a checkpoint under way may still know it";
  EXPECT_FALSE(std::filesystem::exists(queue_directory()));
}

/// A record that arrives at a slave may begin its queue anew between the two, and what follows is not on disk.
TEST_F(QueueFixture, WhatCameAfterACutWasNotForcedWithWhatWasThereBefore) {
  const auto queue = make_queue();
  push(*queue, 10);
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  const ConsumeQueue::Spilled before = queue->spilled_by_now();
  ASSERT_TRUE(queue->restore(0, {{5000}, 100, 0}).has_value());
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  queue->mark_synced(before);
  EXPECT_TRUE(queue->needs_sync());
}

/// Its files may turn out not to be removable, and a checkpoint meanwhile vouches for its entries.
TEST_F(QueueFixture, AQueueThatIsGivenUpIsSpilledUntilItsFilesAreRemoved) {
  const auto queue = make_queue();
  push(*queue, 10);
  queue->give_up();
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  ASSERT_TRUE(queue->sync().has_value());
  EXPECT_EQ(queue->unspilled(), 0);
  const auto after_a_crash = make_queue();
  ASSERT_TRUE(after_a_crash->load().has_value());
  EXPECT_EQ(after_a_crash->max(), 10);
}

TEST_F(QueueFixture, ANewQueueDoesNotWriteToTheFileOfARemovedOne) {
  const auto old = make_queue();
  push(*old, 10);
  ASSERT_TRUE(old->spill(ConsumeQueue::Spill::everything).has_value());
  const auto held = descriptors_.open((queue_directory() / offset_file_name(0)).string());
  ASSERT_TRUE(held.has_value());
  std::filesystem::remove_all(queue_directory());  // a reader opened the file just before
  const auto made_anew = make_queue();
  push(*made_anew, 3);
  ASSERT_TRUE(made_anew->spill(ConsumeQueue::Spill::everything).has_value());
  EXPECT_TRUE(std::filesystem::exists(queue_directory() / offset_file_name(0)));
}

/// Where a slave begins in the middle of a queue, fillers lie before the first entry in its file.
TEST_F(QueueFixture, TheOldestMessageBehindManyFillersIsFoundBySearch) {
  constexpr std::int64_t kBegin = 70'001;
  options_.consume_queue_file_entries = 100'000;
  const auto written = make_queue();
  ASSERT_TRUE(written->restore(kBegin, {{4711}, 100, 0}).has_value());
  push(*written, 10);
  ASSERT_TRUE(written->spill(ConsumeQueue::Spill::everything).has_value());
  const auto queue = make_queue();
  ASSERT_TRUE(queue->load().has_value());
  ASSERT_EQ(queue->min(), 0);
  files_.fail_reads_from(50, EIO);
  const auto first = queue->first_physical_offset();
  ASSERT_TRUE(first.has_value()) << "more than 50 reads";
  EXPECT_EQ(*first, PhysicalOffset{4711});
}

TEST_F(QueueFixture, FilesThatRetentionHasDeletedNeedNoForcing) {
  const auto queue = make_queue();
  push(*queue, 250);
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  queue->correct_min(1250);
  ASSERT_TRUE(queue->drop_files_before_min().has_value());
  ASSERT_FALSE(std::filesystem::exists(queue_directory() / offset_file_name(0)));
  EXPECT_TRUE(queue->sync().has_value()) << "or no checkpoint would ever be written again";
  EXPECT_FALSE(queue->needs_sync());
}

/// Entries that are lost for good are fillers in the middle of a queue.
TEST_F(QueueFixture, TheMinimumStepsOverNoEntryBeforeAGap) {
  const auto queue = make_queue();
  push(*queue, 100);
  ASSERT_TRUE(queue->restore(250, {{5000}, 100, 0}).has_value());
  queue->correct_min(1050);
  EXPECT_EQ(queue->min(), 50);
  queue->correct_min(1100);
  EXPECT_EQ(queue->min(), 250) << "it is never that of a filler";
}

TEST_F(QueueFixture, TheMinimumIsThatOfTheFirstEntryThatIsLeft) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 dice(seed);
  for (int round = 0; round < 50; ++round) {
    const auto queue = make_queue();
    std::vector<std::int64_t> offsets;  // queue offsets of the records 0, 1, ...
    for (std::int64_t at = dice() % 300; offsets.size() < 200; at += dice() % 20 == 0 ? dice() % 400 : 1) {
      if (!offsets.empty() && at == offsets.back()) continue;
      ASSERT_TRUE(queue->restore(at, {{static_cast<std::int64_t>(offsets.size())}, 1, 0}).has_value());
      offsets.push_back(at);
    }
    if (round % 2 == 0) {
      ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
    }
    for (std::size_t record = dice() % 50; record < offsets.size(); record += 1 + dice() % 50) {
      queue->correct_min(static_cast<std::int64_t>(record));
      ASSERT_EQ(queue->min(), offsets[record]) << "round " << round << ", record " << record;
      ASSERT_TRUE(queue->drop_files_before_min().has_value());
    }
    queue->correct_min(INT64_MAX);
    EXPECT_EQ(queue->min(), queue->max());
    ASSERT_TRUE(queue->remove_files().has_value());
  }
}

TEST_F(QueueFixture, AFileThatEndsInAGapStaysWithItsEntries) {
  const auto queue = make_queue();
  push(*queue, 50);
  ASSERT_TRUE(queue->restore(150, {{5000}, 100, 0}).has_value());
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  queue->correct_min(1020);
  ASSERT_TRUE(queue->drop_files_before_min().has_value());
  ASSERT_EQ(queue->entry(20).value_or(IndexEntry{}).physical_offset, PhysicalOffset{1020});
  queue->correct_min(1050);
  ASSERT_TRUE(queue->drop_files_before_min().has_value());
  EXPECT_FALSE(std::filesystem::exists(queue_directory() / offset_file_name(0)));
}

TEST_F(QueueFixture, TheMinimumStaysWhereEntriesCannotBeRead) {
  const auto queue = make_queue();
  push(*queue, 250);
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  for (int reads = 0; queue->min() == 0; ++reads) {
    ASSERT_LT(reads, 100);
    files_.fail_reads_from(reads, EMFILE);
    queue->correct_min(1120);
  }
  EXPECT_EQ(queue->min(), 120);
}

/// Has a cut begin while an entry is read.
class CutFileSystem final : public testing::FaultFileSystem {
 public:
  int opens_left = 0;  ///< The last of so many waits for the cut.
  std::promise<void> reading, cutting;
  std::future<void> corrected;

  Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    if (opens_left > 0 && --opens_left == 0) {
      auto opened = FaultFileSystem::open(path, mode);
      reading.set_value();
      cutting.get_future().wait();
      return opened;
    }
    return FaultFileSystem::open(path, mode);
  }
  Status remove(const std::filesystem::path& path) override {
    if (const auto watched = std::move(corrected); watched.valid()) {
      cutting.set_value();
      // Who is right waits for the cut.
      EXPECT_EQ(watched.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
    }
    return FaultFileSystem::remove(path);
  }
};

TEST_F(QueueFixture, TheMinimumIsNotThatOfBeforeACut) {
  CutFileSystem files;
  DescriptorCache descriptors(files, 0);  // each read opens the file
  const QueueStorage storage{options_, files, descriptors};
  const auto queue = std::make_shared<ConsumeQueue>(storage, topic_, 0);
  push(*queue, 16 + 3 * 64);  // no block stays in memory
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  queue->correct_min(1207);
  ASSERT_EQ(queue->min(), 207);
  files.opens_left = 2;  // of the one entry that it has to look at
  std::promise<void> corrected;
  files.corrected = corrected.get_future();
  std::thread keeper([&] {
    queue->correct_min(1208);
    corrected.set_value();
  });
  files.reading.get_future().wait();
  EXPECT_TRUE(queue->cut(50).has_value());
  keeper.join();
  EXPECT_EQ(queue->min(), 50);
  for (int number = 0; number < 100; ++number) (void)queue->push({{1300 + number}, 100, 0});
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  ASSERT_TRUE(queue->drop_files_before_min().has_value());
  EXPECT_EQ(queue->entry(50).value_or(IndexEntry{}).physical_offset, PhysicalOffset{1300});
}

/// Has something done while a file is made.
class InterruptedFileSystem final : public testing::FaultFileSystem {
 public:
  std::function<void()> meanwhile;

  Result<std::unique_ptr<File>> create(const std::filesystem::path& path, const Fill& fill) override {
    if (const auto once = std::exchange(meanwhile, nullptr)) once();
    return FaultFileSystem::create(path, fill);
  }
};

TEST_F(QueueFixture, NoEntryIsInAFileBeforeItsUnit) {
  InterruptedFileSystem files;
  StoreOptions writing = options_;
  writing.consume_queue_extension = true;
  DescriptorCache descriptors(files, 8);
  const QueueStorage storage{writing, files, descriptors};
  const auto queue = std::make_shared<ConsumeQueue>(storage, topic_, 0);
  const IndexExtension description{1'700'000'000'000, {}};
  (void)queue->push({{1000}, 100, 7, &description});
  files.meanwhile = [&] { (void)queue->push({{1100}, 100, 7, &description}); };
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  ASSERT_EQ(queue->max(), 2);
  ASSERT_GE(queue->spilled(), 1);
  QueueExtension on_disk(storage_, (directory_.path() / "consumequeue_ext" / "T" / "0").string());
  ASSERT_TRUE(on_disk.load().has_value());
  for (std::int64_t at = 0; at < queue->spilled(); ++at) {
    QueueExtension::Unit unit;
    EXPECT_TRUE(on_disk.read(queue->entry(at)->tags_code, unit, ReadWait::allowed)) << at;
  }
}

TEST_F(QueueFixture, BlocksMadeByARestoreAreToldOfByTheNextPush) {
  const auto queue = make_queue();
  push(*queue, 1);
  ASSERT_TRUE(queue->restore(200, {{5000}, 100, 7}).has_value());
  bool told = false;
  for (int number = 0; number < 64 && !told; ++number) told = queue->push({{6000 + number}, 100, 0});
  EXPECT_TRUE(told) << "or they stay in memory until the next checkpoint";
}

TEST_F(QueueFixture, AQueueThatWaitsToBeSpilledWaitsOnce) {
  const auto queue = make_queue();
  EXPECT_TRUE(queue->may_wait());
  EXPECT_FALSE(queue->may_wait());
  push(*queue, 200);
  ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  EXPECT_FALSE(queue->may_wait()) << "a checkpoint has spilled it, and it still waits";
  queue->waits_no_more();
  bool told = false;
  for (int number = 0; number < 200 && !told; ++number) told = queue->push({{6000 + number}, 100, 0});
  EXPECT_TRUE(told);
}

TEST_F(QueueFixture, TheFillerIsWrittenAgainAfterAFullDisk) {
  {
    const auto queue = make_queue();
    ASSERT_TRUE(queue->restore(40, {{5000}, 100, 7}).has_value());
    files_.fail_from(2);  // the file can be made and sized
    ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_error());
    files_.heal();
    ASSERT_TRUE(queue->spill(ConsumeQueue::Spill::everything).has_value());
  }
  const auto again = make_queue();
  ASSERT_TRUE(again->load().has_value());
  EXPECT_EQ(again->max(), 41);
  EXPECT_EQ(again->entry(40).value().physical_offset, PhysicalOffset{5000});
}

TEST_F(QueueFixture, AQueueHasTheDirectoryThatItsNumberNames) {
  const auto root = directory_.path() / "consumequeue";
  for (const char* name : {"7", "007", "+8", "-1", "9x", "2147483648", "x"})
    std::filesystem::create_directories(root / "T" / name);
  ASSERT_TRUE(files_.create(root / "T" / "3", [](File&) { return Status{}; }).has_value());
  const auto found = list_queues(files_, root);
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().topic, "T");
  EXPECT_EQ(found->front().queue_ids, std::vector<std::int32_t>{7});
}

}  // namespace
}  // namespace tenon::logstore
