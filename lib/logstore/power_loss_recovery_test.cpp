// SPDX-License-Identifier: Apache-2.0
// What a recovery has cut must stay cut: after a second power loss nothing of it may come back.
#include <atomic>
#include <fstream>
#include <optional>

#include "logstore/testing/power_loss_file_system.hpp"
#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::PowerLossFileSystem;
using testing::TemporaryDirectory;
using testing::TestStore;

class SecondPowerLoss : public ::testing::Test {
 protected:
  SecondPowerLoss() {
    for (TestStore* store : {&first_, &second_, &third_}) {
      store->options.checkpoint_interval = std::chrono::hours(1);
      // Far apart, so that a checkpoint is believed.
      store->options.now_ms = [this] { return now_ += 10'000; };
    }
    second_.options.directory = first_.directory.path();
  }

  void append(TestStore& store, std::int32_t queue_id, int count) {
    for (int number = 0; number < count; ++number) {
      const std::int64_t offset = store->bounds("T", queue_id).max.value;
      ASSERT_TRUE(store.append("T", queue_id, body(queue_id, offset)).has_value());
    }
  }
  static std::string body(std::int32_t queue_id, std::int64_t offset) {
    return std::to_string(queue_id) + "." + std::to_string(offset) + std::string(200, 'x');
  }
  /// The state after a power loss that took the log behind the last checkpoint, but not the queue's entries for it.
  void lose_the_tail() {
    ASSERT_TRUE(first_.open().has_value());
    append(first_, 0, 30);
    append(first_, 1, 200);  // the queue ends some files before the log does
    ASSERT_TRUE(first_->write_checkpoint_now().has_value());
    const auto checkpoint = first_.directory.path() / "checkpoint";
    const std::int64_t end = first_->log_max().value, size = first_.options.commit_log_file_size;
    std::filesystem::copy_file(checkpoint, copy_.path() / "checkpoint");
    append(first_, 0, 8);
    ASSERT_EQ(first_->log_max().value / size, end / size) << "in the same file";
    first_.close();
    std::filesystem::copy_file(copy_.path() / "checkpoint", checkpoint,
                               std::filesystem::copy_options::overwrite_existing);
    std::fstream log(first_.directory.path() / "commitlog" / offset_file_name(end - end % size),
                     std::ios::in | std::ios::out | std::ios::binary);
    log.seekp(end % size);
    log << std::string(static_cast<std::size_t>(size - end % size), '\0');
    std::ofstream(first_.directory.path() / "abort").put('1');
  }

  std::atomic<std::int64_t> now_{1'700'000'000'000};
  TemporaryDirectory copy_;
  std::optional<PowerLossFileSystem> files_;  // outlives the store that writes through it
  TestStore first_, second_, third_;
};

TEST_F(SecondPowerLoss, CutEntriesDoNotComeBack) {
  lose_the_tail();
  files_.emplace(first_.directory.path());
  second_.options.file_system = &*files_;
  ASSERT_TRUE(second_.open().has_value());
  ASSERT_EQ(second_->bounds("T", 0).max.value, 30);
  append(second_, 1, 200);  // others go on for some files, and are covered
  ASSERT_TRUE(second_->write_checkpoint_now().has_value());
  append(second_, 0, 3);
  files_->cut_power();
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    const TemporaryDirectory after;
    std::mt19937_64 dice(seed);
    files_->leave_what_survives(after.path(), dice);
    third_.options.directory = after.path();
    ASSERT_TRUE(third_.open().has_value());
    const QueueBounds bounds = third_->bounds("T", 0);
    EXPECT_EQ(bounds.min.value, 0);
    EXPECT_LE(bounds.max.value, 33);
    for (std::int64_t offset = 0; offset < std::max<std::int64_t>(bounds.max.value, 30); ++offset)
      ASSERT_EQ(third_.body_at("T", 0, offset), body(0, offset)) << offset;
    third_.close();
  }
}

}  // namespace
}  // namespace tenon::logstore
