// SPDX-License-Identifier: Apache-2.0
// After an unclean stop the log is read from where the checkpoint ends, and from further back where the checkpoint
// cannot be believed.
#include <gtest/gtest.h>

#include <fstream>

#include "logstore/queue_entry.hpp"
#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

namespace fs = std::filesystem;
using testing::TestStore;

class BoundedRecovery : public ::testing::Test {
 protected:
  static constexpr int kCovered = 102, kQueues = 3;  ///< Entries of each queue below the checkpoint.

  BoundedRecovery() {
    store_.options.checkpoint_interval = std::chrono::hours(1);
    store_.options.consume_queue_file_entries = 332;
    store_.options.now_ms = [this] { return now_ms_ += 1000; };
    EXPECT_TRUE(store_.open().has_value());
    append(kCovered);
    EXPECT_TRUE(store_->write_checkpoint_now().has_value());
    covered_ = store_->log_max().value;
  }

  void append(int count) {
    for (int number = 0; number < count; ++number) {
      for (std::int32_t queue = 0; queue < kQueues; ++queue) {
        const auto receipt = store_.append("T", queue, body(queue, store_->bounds("T", queue).max.value));
        ASSERT_TRUE(receipt.has_value());
        if (queue == 0) places_.push_back(receipt->physical_offset.value);
      }
    }
  }
  static std::string body(std::int32_t queue, std::int64_t at) {
    return std::to_string(queue) + "." + std::to_string(at) + std::string(80, 'x');
  }
  /// The files as they are, and the checkpoint of the constructor.
  void stop_uncleanly() {
    const fs::path checkpoint = root() / "checkpoint", kept = root() / "kept";
    fs::copy_file(checkpoint, kept);
    store_.close();
    fs::rename(kept, checkpoint);
    std::ofstream(root() / "abort").put('1');
  }
  /// A start that reads the record notices, and ends the log there.
  void damage_an_early_record() {
    const std::int64_t size = store_.options.commit_log_file_size, at = places_[1];
    ASSERT_LT(at, size);
    overwrite(root() / "commitlog" / offset_file_name(0), at + 100, "damage");
  }
  void expect_all(std::int64_t count) {
    for (std::int32_t queue = 0; queue < kQueues; ++queue) {
      ASSERT_EQ(store_->bounds("T", queue).max.value, count) << queue;
      for (std::int64_t at = 0; at < count; ++at) {
        if (at == 1 && queue == 0) continue;
        ASSERT_EQ(store_.body_at("T", queue, at), body(queue, at)) << queue << "/" << at;
      }
    }
  }
  void expect_read_from_the_begin() {
    EXPECT_EQ(store_->bounds("T", 0).max.value, 1);
    EXPECT_EQ(store_->log_max().value, places_[1]);
  }
  static void overwrite(const fs::path& path, std::int64_t at, std::string_view bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(file.good()) << path;
  }
  fs::path root() const { return store_.directory.path(); }
  fs::path queue_file(int queue) const {
    return root() / "consumequeue" / "T" / std::to_string(queue) / offset_file_name(0);
  }
  /// As a power failure that kept the checkpoint's times from being of use: everything is read again.
  void forget_times() {
    Checkpoint checkpoint = read_checkpoint(store_.files, root() / "checkpoint").value();
    checkpoint.physic_msg_timestamp = checkpoint.logics_msg_timestamp = 1;
    ASSERT_TRUE(write_checkpoint(store_.files, root() / "checkpoint", checkpoint).has_value());
  }

  std::atomic<std::int64_t> now_ms_{1'700'000'000'000};
  TestStore store_;
  std::vector<std::int64_t> places_;  ///< Of the records of queue 0.
  std::int64_t covered_ = 0;
};

TEST_F(BoundedRecovery, ReadsNothingBelowTheCheckpoint) {
  append(20);
  stop_uncleanly();
  forget_times();
  damage_an_early_record();
  ASSERT_TRUE(store_.open().has_value());
  expect_all(kCovered + 20);
  append(10);
  store_.close();
  ASSERT_TRUE(store_.open().has_value());
  expect_all(kCovered + 30);
}

TEST_F(BoundedRecovery, BelievesNoCheckpointThatAJavaBrokerHasWrittenSince) {
  append(20);
  stop_uncleanly();
  forget_times();
  damage_an_early_record();
  overwrite(root() / "checkpoint", 8, std::string("\0\0\0\0\0\0\0\2", 8));  // its time of the consume queues
  ASSERT_TRUE(store_.open().has_value());
  expect_read_from_the_begin();
}

TEST_F(BoundedRecovery, BelievesNoTornCheckpoint) {
  stop_uncleanly();
  forget_times();
  damage_an_early_record();
  overwrite(root() / "checkpoint", 87, "\1");
  ASSERT_TRUE(store_.open().has_value());
  expect_read_from_the_begin();
}

TEST_F(BoundedRecovery, BelievesNoCheckpointOfAnotherLog) {
  append(20);
  stop_uncleanly();
  forget_times();
  damage_an_early_record();
  const std::int64_t size = store_.options.commit_log_file_size, last = covered_ - 1;
  overwrite(root() / "commitlog" / offset_file_name(last - last % size), last % size, "!");
  ASSERT_TRUE(store_.open().has_value());
  expect_read_from_the_begin();
}

TEST_F(BoundedRecovery, QueuesThatAreGoneAreMadeAgain) {
  append(20);
  stop_uncleanly();
  fs::remove_all(root() / "consumequeue");
  ASSERT_TRUE(store_.open().has_value());
  expect_all(kCovered + 20);
}

TEST_F(BoundedRecovery, QueuesThatAreGoneAfterACleanStopAreMadeAgain) {
  store_.close();
  fs::remove_all(root() / "consumequeue");
  damage_an_early_record();
  const std::int64_t end = covered_;
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->log_max().value, end) << "a record that was whole once does not end the log";
  expect_all(kCovered);
}

TEST_F(BoundedRecovery, QueuesThatAreHalfMadeAgainAreMadeAgain) {
  for (std::int64_t call = 0; !HasFatalFailure(); ++call) {
    SCOPED_TRACE(call);
    store_.close();
    fs::remove_all(root() / "consumequeue");
    store_.files.fault_once(call, testing::Fault::fail);
    const bool opened = store_.open().has_value();
    store_.files.heal();
    if (opened) break;
    ASSERT_TRUE(store_.open().has_value());
    expect_all(kCovered);
  }
}

TEST_F(BoundedRecovery, DamageBelowTheCheckpointDoesNotEndTheLog) {
  // Messages in no queue, so behind the newest entry below the checkpoint: they are read again.
  const std::string half = body(0, 0);
  Message message;
  message.topic = "T";
  message.sys_flag = sys_flag::transaction_prepared;
  message.body = std::as_bytes(std::span(half));
  const auto receipt = store_->append(message);
  ASSERT_TRUE(receipt.has_value());
  for (int number = 0; number < 50; ++number) ASSERT_TRUE(store_->append(message).has_value());
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  append(20);
  stop_uncleanly();
  const std::int64_t size = store_.options.commit_log_file_size, at = receipt->physical_offset.value;
  overwrite(root() / "commitlog" / offset_file_name(at - at % size), at % size + 100, "damage");
  ASSERT_TRUE(store_.open().has_value());
  expect_all(kCovered + 20);
}

TEST_F(BoundedRecovery, AQueueThatLacksWhatIsCoveredIsMadeAgain) {
  append(20);
  stop_uncleanly();
  forget_times();
  fs::remove_all(root() / "consumequeue" / "T" / "1");
  ASSERT_TRUE(store_.open().has_value());
  expect_all(kCovered + 20);
}

TEST_F(BoundedRecovery, NothingStaysBehindTheEndOfAQueue) {
  stop_uncleanly();
  // A page got to the disk, the one before it did not, and the log lost the records of both.
  std::byte entry[kQueueEntrySize];
  encode_entry({{covered_ + 500}, 100, 0}, entry);
  overwrite(queue_file(0), 300 * kQueueEntrySize, {reinterpret_cast<const char*>(entry), sizeof entry});
  ASSERT_TRUE(store_.open().has_value());
  expect_all(kCovered);
  append(300 - kCovered);  // up to where it lay
  store_.close();
  ASSERT_TRUE(store_.open().has_value());
  expect_all(300);
}

TEST_F(BoundedRecovery, AnEntryThatIsTornAtASectorIsNoEntry) {
  append(25);
  stop_uncleanly();
  constexpr std::int64_t kTorn = kCovered;
  static_assert(kTorn * kQueueEntrySize + 8 == 4 * 512, "its physical offset lies in another sector than its size");
  overwrite(queue_file(0), kTorn * kQueueEntrySize, std::string(8, '\0'));
  overwrite(queue_file(0), (kTorn + 1) * kQueueEntrySize, std::string(24 * kQueueEntrySize, '\0'));
  // The log has lost the records, too.
  const std::int64_t size = store_.options.commit_log_file_size, lost = places_[kTorn];
  overwrite(root() / "commitlog" / offset_file_name(lost - lost % size), lost % size,
            std::string(static_cast<std::size_t>(size - lost % size), '\0'));
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 0).max.value, kTorn);
  EXPECT_EQ(store_.append("T", 0, "next").value().queue_offset.value, kTorn);
  EXPECT_EQ(store_.body_at("T", 0, kTorn), "next");
}

TEST_F(BoundedRecovery, ATornEntryFarBehindTheEndMovesNoEnd) {
  append(40);
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  stop_uncleanly();
  // Where the search for the end looks first; of the sector that says where the record lies nothing is left.
  constexpr std::int64_t kTorn = 128 + (332 - 128) / 2;
  static_assert(kTorn * kQueueEntrySize % 512 == 512 - 8);
  overwrite(queue_file(0), kTorn * kQueueEntrySize + 8, std::string("\0\0\0\144", 4));
  ASSERT_TRUE(store_.open().has_value());
  expect_all(kCovered + 40);
}

}  // namespace
}  // namespace tenon::logstore
