// SPDX-License-Identifier: Apache-2.0
// A disk that cannot be read, or a process without descriptors: what only cannot be read now is not missing.
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "logstore/testing/test_store.hpp"
#include "tenon/testing/inner_batch.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

constexpr std::int64_t kStored = 400, kKept = 90;
constexpr std::int32_t kQueuesToRead = 2;

class ReadFault : public ::testing::Test {
 protected:
  static void open(TestStore& store) {
    store.options.checkpoint_interval = std::chrono::hours(1);
    store.options.consume_queue_file_entries = 300;
    store.options.batch_consume_queue_file_units = 64;
    const Status opened = store.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
  }
  static std::string body(std::string_view topic, std::int32_t queue, std::int64_t at) {
    return text(topic, ".", queue, ".", at, std::string(100, 'x'));
  }
  static void fill(TestStore& store) {
    ASSERT_TRUE(store->keep_batches("B"));
    for (std::int64_t at = 0; at < kStored; ++at) {
      for (std::int32_t queue = 0; queue < kQueuesToRead; ++queue) {
        ASSERT_TRUE(store.append("T", queue, body("T", queue, at)));
        if (at % 2 != 0) continue;
        const std::string two = body("B", queue, at);
        std::string properties;
        Message batch = tenon::testing::inner_batch("B", 2, two, properties);
        batch.queue_id = queue;
        ASSERT_TRUE(store->append(batch));
      }
    }
    ASSERT_TRUE(store->write_checkpoint_now().has_value());
  }
  static void expect_all(TestStore& store, std::int64_t count) {
    for (const std::string_view topic : {"T", "B"}) {
      for (std::int32_t queue = 0; queue < kQueuesToRead; ++queue) {
        ASSERT_EQ(store->bounds(topic, queue).min.value, 0);
        ASSERT_GE(store->bounds(topic, queue).max.value, count) << topic << "/" << queue;
        for (std::int64_t at = 0; at < count; at += 2)
          ASSERT_EQ(store.body_at(topic, queue, at), body(topic, queue, at));
      }
    }
  }
};

class AStart : public ReadFault, public ::testing::WithParamInterface<bool> {};

TEST_P(AStart, LosesNothing) {
  const bool unclean = GetParam();
  TestStore store;
  open(store);
  fill(store);
  for (std::int64_t call = 0;; ++call) {
    SCOPED_TRACE(text("fault at call ", call));
    store.close();
    if (unclean) std::ofstream(store.directory.path() / "abort").put('1');
    store.files.fail_reads_from(call, call % 2 == 0 ? EMFILE : EIO);
    const Status opened = store.open();
    const bool failed = store.files.failed();
    store.close();
    store.files.heal();
    if (!opened) {
      EXPECT_NE(opened.error().message().find(store.directory.path().string()), std::string::npos)
          << opened.error().message();
    }
    open(store);
    expect_all(store, kStored);
    if (HasFatalFailure() || !failed) return;
  }
}

TEST_F(ReadFault, ACutOfTheLogCutsNoQueueTooLow) {
  for (std::int64_t call = 0;; ++call) {
    SCOPED_TRACE(text("fault at call ", call));
    TestStore store;
    open(store);
    fill(store);
    const ReadResult read =
        store->read({.topic = "T", .queue_id = 0, .offset = {kKept}, .max_messages = 1, .form = ReadForm::in_memory});
    const auto record = record::RecordView::decode(std::get<MemorySlice>(read.records.at(0)).bytes);
    store.files.fail_reads_from(call, EIO);
    const auto cut = store->truncate_log(record->physical_offset());
    const bool failed = store.files.failed();
    store.close();
    store.files.heal();
    if (!cut) {
      EXPECT_NE(cut.error().message().find("consumequeue"), std::string::npos) << cut.error().message();
    }
    open(store);
    expect_all(store, kKept);
    if (HasFatalFailure() || !failed) return;
  }
}

INSTANTIATE_TEST_SUITE_P(After, AStart, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "AnUncleanStop" : "ACleanStop"; });

}  // namespace
}  // namespace tenon::logstore
