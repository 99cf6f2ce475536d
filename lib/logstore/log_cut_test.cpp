// SPDX-License-Identifier: Apache-2.0
// A log that is being cut back when the disk fails or the power goes: the next start finds a whole log that ends where
// it was cut or further on, and queues that agree with it.
#include <atomic>
#include <filesystem>

#include "logstore/testing/power_loss_file_system.hpp"
#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::PowerLossFileSystem;
using testing::TestStore;

constexpr std::int32_t kQueuesCut = 3;

class LogCut : public ::testing::Test {
 protected:
  static std::string body(std::string_view mark, std::int32_t queue, std::int64_t offset) {
    return text(mark, ".", queue, ".", offset, ".", std::string(150, 'x'));
  }
  static void append(TestStore& store, int count, std::string_view mark) {
    for (int number = 0; number < count; ++number) {
      const std::int32_t queue = number % kQueuesCut;
      const std::int64_t offset = store->bounds("T", queue).max.value;
      ASSERT_TRUE(store.append("T", queue, body(mark, queue, offset), "KEYS\1k\2"));
    }
  }
  /// Every message is one that was sent, at its place; `kept` of the first kind in each queue.
  static void expect_whole(TestStore& store, std::int64_t kept) {
    for (std::int32_t queue = 0; queue < kQueuesCut; ++queue) {
      const QueueBounds bounds = store->bounds("T", queue);
      ASSERT_GE(bounds.max.value, kept);
      ASSERT_EQ(bounds.min.value, 0);
      bool second = false;
      for (std::int64_t at = 0; at < bounds.max.value; ++at) {
        const std::string found = store.body_at("T", queue, at);
        second = second || found.starts_with("second");
        ASSERT_EQ(found, body(second ? "second" : "first", queue, at)) << "queue " << queue;
        ASSERT_FALSE(second && at < kept);
      }
    }
  }
  /// Where the message at `kept` of the first queue lies.
  static PhysicalOffset place(TestStore& store, std::int64_t kept) {
    const ReadResult read =
        store->read({.topic = "T", .queue_id = 0, .offset = {kept}, .max_messages = 1, .form = ReadForm::in_memory});
    return record::RecordView::decode(std::get<MemorySlice>(read.records.at(0)).bytes)->physical_offset();
  }
};

TEST_F(LogCut, MayFailAnywhere) {
  constexpr std::int64_t kKept = 40;
  for (std::int64_t call = 0;; ++call) {
    SCOPED_TRACE(text("fault at call ", call));
    TestStore store;
    store.options.checkpoint_interval = std::chrono::hours(1);
    ASSERT_TRUE(store.open().has_value());
    append(store, 500, "first");
    ASSERT_TRUE(store->write_checkpoint_now().has_value());
    const PhysicalOffset end = place(store, kKept);
    store.files.fail_from(call, EIO);
    const bool cut = store->truncate_log(end).has_value();
    const bool failed = store.files.failed();
    store.close();
    store.files.heal();
    const Status opened = store.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    if (cut) {
      EXPECT_EQ(store->log_max(), end);
    }
    EXPECT_GE(store->log_max(), end);
    expect_whole(store, kKept);
    const auto again = store->truncate_log(end);
    ASSERT_TRUE(again.has_value()) << again.error().message();
    append(store, 100, "second");
    expect_whole(store, kKept);
    EXPECT_EQ(store->bounds("T", 1).max.value, kKept + 33);
    if (HasFailure() || !failed) return;
  }
}

TEST_F(LogCut, WhatTookThePlaceIsNotTakenForWhatTheCheckpointKnew) {
  constexpr std::int64_t kKept = 40;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::atomic<std::int64_t> now{1'700'000'000'000};
    const auto clock = [&now] { return now += 10'000; };  // far apart, so that a checkpoint is believed
    TestStore before, after;
    before.options.checkpoint_interval = after.options.checkpoint_interval = std::chrono::hours(1);
    before.options.now_ms = after.options.now_ms = clock;
    PowerLossFileSystem files(before.directory.path());
    before.options.file_system = &files;
    ASSERT_TRUE(before.open().has_value());
    append(before, 500, "first");
    ASSERT_TRUE(before->write_checkpoint_now().has_value());
    ASSERT_TRUE(before->truncate_log(place(before, kKept)).has_value());
    append(before, 300, "second");
    if (seed % 2 == 0) (void)before->write_checkpoint_now();
    append(before, 50, "second");
    files.cut_power();
    std::mt19937_64 dice(seed);
    files.leave_what_survives(after.directory.path(), dice);
    before.close();
    const Status opened = after.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
    expect_whole(after, kKept);
    if (HasFailure()) return;
  }
}

TEST_F(LogCut, ChangesNothingWhenWhatIsCutCannotBeKept) {
  TestStore store;
  store.options.checkpoint_interval = std::chrono::hours(1);
  ASSERT_TRUE(store.open().has_value());
  append(store, 500, "first");
  const PhysicalOffset before = store->log_max(), end = place(store, 40);
  store.files.fail_links(true);
  EXPECT_TRUE(store->truncate_log(end).has_error());
  store.files.heal();
  EXPECT_EQ(store->log_max(), before);
  EXPECT_FALSE(std::filesystem::exists(store.directory.path() / "cut"));
  append(store, 10, "first");
  expect_whole(store, 500 / kQueuesCut);
  EXPECT_TRUE(store.faults.empty());
}

TEST_F(LogCut, KeepsWhatIsCutOnTheFileSystemOfTheLog) {
  TestStore store;
  const auto log = store.directory.path() / "commitlog";
  store.files.mount(log);
  ASSERT_TRUE(store.open().has_value());
  append(store, 500, "first");
  const PhysicalOffset end = place(store, 40);
  const auto kept = store->truncate_log(end);
  ASSERT_TRUE(kept.has_value()) << kept.error().message();
  EXPECT_EQ(std::filesystem::path(*kept).parent_path(), log / "cut");
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(*kept) / "commitlog" / offset_file_name(16'384)));
  EXPECT_FALSE(std::filesystem::exists(store.directory.path() / "cut"));
  append(store, 100, "second");
  expect_whole(store, 40);
  store.close();
  const Status opened = store.open();
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  expect_whole(store, 40);
}

TEST_F(LogCut, TheCheckpointVouchesForNoIndexFileThatIsCut) {
  TestStore store;
  std::atomic<std::int64_t> now{1'700'000'000'000};
  store.options.now_ms = [&now] { return now += 1'000; };
  store.options.checkpoint_interval = std::chrono::hours(1);
  ASSERT_TRUE(store.open().has_value());
  append(store, 900, "first");  // some index files
  (void)store->query_by_key({.topic = "T", .key = "k"});
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  const auto index_time = [&] {
    return read_checkpoint(store.files, store.directory.path() / "checkpoint")->index_msg_timestamp;
  };
  const PhysicalOffset end = place(store, 40);
  const std::int64_t cut_time = record::store_timestamp_of(store->record_at(end)->bytes.data());
  ASSERT_GT(index_time(), cut_time);
  ASSERT_TRUE(store->truncate_log(end).has_value());
  EXPECT_LT(index_time(), cut_time);
  append(store, 10, "second");
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  EXPECT_LT(index_time(), cut_time);
}

}  // namespace
}  // namespace tenon::logstore
