// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <optional>
#include <thread>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

struct Acknowledged {
  std::int32_t queue_id;
  std::int64_t offset;
  std::string body;
};

/// Appends until the store refuses or `count` is reached; what was acknowledged.
std::vector<Acknowledged> append_many(TestStore& store, int count, std::string_view prefix) {
  std::vector<Acknowledged> acknowledged;
  for (int number = 0; number < count; ++number) {
    const std::string body = std::string(prefix) + std::to_string(number) + std::string(100, 'x');
    const auto receipt = store.append("T", number % 3, body, "KEYS\1key\2");
    if (receipt) acknowledged.push_back({number % 3, receipt->queue_offset.value, body});
  }
  return acknowledged;
}

/// What the store says of a message before it reads it.
class Described final : public CompiledFilter {
 public:
  bool match_index(const IndexEntry& entry) const noexcept override {
    tags_code = entry.tags_code;
    time_ms = entry.extension == nullptr ? std::nullopt : std::optional(entry.extension->store_timestamp_ms);
    return true;
  }
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const PropertiesView&) const noexcept override { return true; }

  mutable std::int64_t tags_code = 0;
  mutable std::optional<std::int64_t> time_ms;
};

/// With an extension, nothing of another message may be said.
void expect_all(TestStore& store, const std::vector<Acknowledged>& acknowledged, std::int64_t fault) {
  for (const Acknowledged& one : acknowledged) {
    const auto where = [&] { return text("queue offset ", one.offset, ", fault at call ", fault); };
    ASSERT_EQ(store.body_at("T", one.queue_id, one.offset), one.body) << where();
    if (!store.options.consume_queue_extension) continue;
    const Described said;
    (void)store->read(
        {.topic = "T", .queue_id = one.queue_id, .offset = {one.offset}, .max_messages = 1, .filter = &said});
    if (!said.time_ms) continue;
    ASSERT_EQ(said.tags_code, 0) << where();
    ASSERT_EQ(*said.time_ms, *store->store_time_at("T", one.queue_id, {one.offset})) << where();
  }
}

/// The disk runs full at each possible call in turn. Nothing acknowledged may be lost, neither at once nor after a
/// restart, and when there is space again the store works again.
class FullDisk : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FullDisk, LosesNothingWhereverItHappens) {
  constexpr int kMessages = 600;
  for (std::int64_t fault = 0;; fault += 1 + fault / 8) {
    TestStore store;
    store.options.copied_write_max = GetParam();
    store.options.consume_queue_extension = GetParam() == 0;
    store.options.consume_queue_extension_file_size = 1024;
    store.options.flush_interval = std::chrono::milliseconds(5);
    ASSERT_TRUE(store.open().has_value());
    store.files.fail_from(fault);
    auto acknowledged = append_many(store, kMessages, "a");
    expect_all(store, acknowledged, fault);
    const bool failed = store.files.failed();
    store.files.heal();
    store.close();
    const Status reopened = store.open();
    ASSERT_TRUE(reopened.has_value()) << reopened.error().message() << ", fault at call " << fault;
    expect_all(store, acknowledged, fault);
    const auto more = append_many(store, 10, "b");
    ASSERT_EQ(more.size(), 10U) << store->status().refuses_writes_because << ", fault at call " << fault;
    expect_all(store, more, fault);
    if (!failed) break;
  }
}

/// A recovery ends at each possible call in turn: the next one must do its work.
class RecoveryWithFaults : public ::testing::TestWithParam<bool> {};

TEST_P(RecoveryWithFaults, CanEndAnywhereAndBeginAgain) {
  // Far apart, so that the checkpoint is believed, and queues lose only a part.
  std::atomic<std::int64_t> now{1'700'000'000'000};
  TestStore store;
  store.options.consume_queue_extension = GetParam();
  store.options.consume_queue_extension_file_size = 256;
  store.options.checkpoint_interval = std::chrono::hours(1);
  store.options.now_ms = [&now] { return now += 10'000; };
  ASSERT_TRUE(store.open().has_value());
  auto acknowledged = append_many(store, 60, "a");
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  const auto checkpoint = store.directory.path() / "checkpoint", kept = store.directory.path() / "kept";
  std::filesystem::copy_file(checkpoint, kept);
  std::ranges::copy(append_many(store, 30, "b"), std::back_inserter(acknowledged));  // queues that end within a file
  store.close();
  const auto stopped_uncleanly = [&](std::int64_t call) {
    std::ofstream(store.directory.path() / "abort").put('1');
    std::filesystem::copy_file(kept, checkpoint, std::filesystem::copy_options::overwrite_existing);
    if (call % 2 == 0) std::ofstream(checkpoint, std::ios::in | std::ios::out | std::ios::binary).seekp(96).put('!');
  };
  // More than a recovery of three queues makes; each with a checkpoint that covers and one that is not believed.
  for (std::int64_t call = 0, end = GetParam() ? 96 : 48; call < end; ++call) {
    stopped_uncleanly(call);
    store.files.fail_from(call / 2, EIO);
    (void)store.open();
    store.close();
    store.files.heal();
    stopped_uncleanly(call);
    const Status again = store.open();
    ASSERT_TRUE(again.has_value()) << again.error().message() << ", fault at call " << call;
    expect_all(store, acknowledged, call);
    store.close();
  }
}

INSTANTIATE_TEST_SUITE_P(Queues, RecoveryWithFaults, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "extended" : "plain"; });

INSTANTIATE_TEST_SUITE_P(Write, FullDisk, ::testing::Values(SIZE_MAX, 0),
                         [](const auto& one) { return one.param == 0 ? "pwrite" : "mapping"; });

TEST(FullDisk, ARollWithoutSpaceSaysServiceNotAvailableAndRecovers) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  store.files.fail_from(0);
  Result<AppendReceipt> last = Error(Errc::internal, "none");
  int stored = 0;
  for (int count = 0; count < 400; ++count) {
    last = store.append("T", 0, std::string(200, 'x'));
    if (!last) break;
    ++stored;
  }
  ASSERT_TRUE(last.has_error());
  EXPECT_TRUE(last.error().is(Errc::service_not_available)) << last.error().message();
  store.files.heal();
  // If the queue could not be written meanwhile, either, the background thread must have found space first.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!(last = store.append("T", 0, "after")) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  ASSERT_TRUE(last.has_value()) << last.error().message();
  EXPECT_EQ(last->queue_offset.value, stored) << "the refused one took no offset";
}

TEST(DiskWatch, RefusesWritesAboveTheWarningAndAllowsThemBelowTheCleaningMark) {
  TestStore store;
  store.options.retention.disk_warning_ratio = 0.90;
  store.options.retention.disk_clean_forcibly_ratio = 0.85;
  store.files.report_space({100, 50});
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "x").has_value());
  store.files.report_space({100, 8});
  store->clean_expired_files();
  const auto refused = store.append("T", 0, "x");
  ASSERT_TRUE(refused.has_error());
  EXPECT_TRUE(refused.error().is(Errc::service_not_available));
  EXPECT_NE(refused.error().message().find("92 %"), std::string::npos) << refused.error().message();
  EXPECT_EQ(store.body_at("T", 0, 0), "x");
  store.files.report_space({100, 13});
  store->clean_expired_files();
  EXPECT_FALSE(store->status().refuses_writes_because.empty()) << "between the marks nothing changes";
  store.files.report_space({100, 20});
  store->clean_expired_files();
  EXPECT_TRUE(store.append("T", 0, "y").has_value());
}

TEST(FailedFlush, StopsWritingForGoodAndTellsTheWaiters) {
  TestStore store;
  store.options.flush = FlushMode::sync;
  store.options.flush_interval = std::chrono::hours(1);
  ASSERT_TRUE(store.open().has_value());
  store.files.fail_syncs(true);
  const AppendReceipt receipt = store.append("T", 0, "x").value();
  std::promise<Status> passed;
  store->wait_for(receipt.physical_end, std::chrono::steady_clock::now() + std::chrono::minutes(1),
                  [&](Status status) { passed.set_value(status); });
  const Status outcome = passed.get_future().get();
  ASSERT_TRUE(outcome.has_error());
  EXPECT_TRUE(outcome.error().is(Errc::io));
  store.files.heal();
  EXPECT_TRUE(store.append("T", 0, "y").error().is(Errc::service_not_available))
      << "a later success would prove nothing";
  EXPECT_EQ(store.body_at("T", 0, 0), "x");
  store.close();
  EXPECT_EQ(store.faults.size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(store.directory.path() / "abort")) << "the next start must recover";
}

TEST(FailedFlush, IsNotMadeGoodByALaterOneThatSucceeds) {
  TestStore store;
  store.options.flush = FlushMode::sync;
  store.options.flush_interval = std::chrono::milliseconds(1);
  ASSERT_TRUE(store.open().has_value());
  store.files.fail_syncs(true);
  const AppendReceipt receipt = store.append("T", 0, "x").value();
  while (store->status().refuses_writes_because.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  store.files.heal();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(store->is_safe(receipt.physical_end));
  Status outcome;
  store->wait_for(receipt.physical_end, std::chrono::steady_clock::now() + std::chrono::minutes(1),
                  [&](Status status) { outcome = status; });
  ASSERT_TRUE(outcome.has_error());
  EXPECT_TRUE(outcome.error().is(Errc::io));
}

TEST(FailedFlush, OfAQueueStopsWritingToo) {
  TestStore store;
  store.options.flush_interval = std::chrono::hours(1);
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "x").has_value());
  store.files.fail_syncs_below("consumequeue");
  EXPECT_TRUE(store->write_checkpoint_now().has_error());
  store.files.heal();
  EXPECT_TRUE(store->write_checkpoint_now().has_error()) << "the checkpoint would claim what may be lost";
}

/// The operating system tells each descriptor once of an error in what it wrote back by itself; but one that is opened
/// after somebody was told is not told any more.
TEST(FailedFlush, ThatAnotherProcessWasToldOfIsNotMissed) {
  constexpr int kMany = 100;
  for (const bool extension : {false, true}) {
    TestStore store;
    store.options.consume_queue_extension = extension;
    store.options.flush_interval = store.options.checkpoint_interval = std::chrono::hours(1);
    ASSERT_TRUE(store.open().has_value());
    for (int queue = 0; queue < kMany; ++queue) ASSERT_TRUE(store.append("T", queue, "x").has_value());
    store.files.lose_writeback();
    EXPECT_TRUE(store->write_checkpoint_now().has_error()) << "the checkpoint would claim what is lost";
    EXPECT_TRUE(store.append("T", 0, "y").error().is(Errc::service_not_available));
    EXPECT_EQ(store.faults.size(), 1u);
    store.close();
    ASSERT_TRUE(store.open().has_value());
    for (int queue = 0; queue < kMany; ++queue) ASSERT_EQ(store.body_at("T", queue, 0), "x");
  }
}

TEST(SyncFlush, LetsNobodyWaitForever) {
  TestStore store;
  store.options.flush = FlushMode::sync;
  ASSERT_TRUE(store.open().has_value());
  store->close();
  std::optional<Status> outcome;
  store->wait_for({1 << 20}, std::chrono::steady_clock::now() + std::chrono::minutes(1),
                  [&](Status status) { outcome = status; });
  ASSERT_TRUE(outcome.has_value());
  EXPECT_TRUE(outcome->has_error());
}

/// What a slave receives is written in pieces. The disk runs full at each in turn: what was not taken can be sent
/// again.
TEST(ReceivedLog, CanBeSentAgainWhereverTheDiskWasFull) {
  TestStore master;
  master.options.commit_log_file_size = 1 << 20;
  ASSERT_TRUE(master.open().has_value());
  for (int number = 0; number < 40; ++number)
    ASSERT_TRUE(master.append("T", 0, std::string(7'000, 'x') + std::to_string(number)).has_value());
  const PhysicalOffset end = master->log_max();
  const LogStretch stretch = master->read_log({0}, end.value, ReadForm::in_memory).value();
  const auto bytes = std::get<MemorySlice>(stretch.bytes).bytes;
  bool failed = true;
  for (std::int64_t fault = 0; failed; ++fault) {
    TestStore slave;
    slave.options.commit_log_file_size = 1 << 20;
    slave.options.flush_interval = std::chrono::hours(1);  // a flush that fails is another matter
    ASSERT_TRUE(slave.open().has_value());
    slave.files.fail_from(fault);
    failed = slave->append_log({0}, bytes).has_error();
    slave.files.heal();
    if (!failed) {
      EXPECT_GT(fault, 8) << "it is in pieces";
    }
    const auto send_again = [&] {
      const PhysicalOffset at = slave->log_received();
      return slave->append_log(at, bytes.subspan(static_cast<std::size_t>(at.value)));
    };
    // If the queue could not be written meanwhile, either, the background thread must have found space first.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    Status again;
    while (!(again = send_again()) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_TRUE(again.has_value()) << again.error().message() << ", fault at call " << fault;
    ASSERT_EQ(slave->log_max(), end);
    ASSERT_EQ(slave.body_at("T", 0, 39), std::string(7'000, 'x') + "39");
  }
}

TEST(SyncFlush, LetsWaitersThroughWhenTheirBytesAreOnDisk) {
  TestStore store;
  store.options.flush = FlushMode::sync;
  store.options.copied_write_max = 0;
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < 50; ++count) {
    const AppendReceipt receipt = store.append("T", 0, "x").value();
    std::promise<Status> passed;
    store->wait_for(receipt.physical_end, std::chrono::steady_clock::now() + std::chrono::minutes(1),
                    [&](Status status) { passed.set_value(status); });
    ASSERT_TRUE(passed.get_future().get().has_value());
    ASSERT_TRUE(store->is_safe(receipt.physical_end));
  }
}

TEST(SyncFlush, AnswersTheTimeoutWhenTheDeadlineIsOver) {
  TestStore store;
  store.options.flush = FlushMode::sync;
  ASSERT_TRUE(store.open().has_value());
  std::promise<Status> passed;
  store->wait_for({1 << 20}, std::chrono::steady_clock::now(), [&](Status status) { passed.set_value(status); });
  const Status outcome = passed.get_future().get();
  ASSERT_TRUE(outcome.has_error());
  EXPECT_TRUE(outcome.error().is(Errc::flush_disk_timeout));
}

}  // namespace
}  // namespace tenon::logstore
