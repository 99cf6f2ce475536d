// SPDX-License-Identifier: Apache-2.0
// What is done ahead of the appends: files, and zeros, which must never be written over what was appended.
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "logstore/commit_log.hpp"
#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

class Zeroing : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Zeroing, NeverMeetsWhatWasAppended) {
  TestStore store;
  store.options.commit_log_file_size = 3 << 20;
  store.options.populate_ahead = 16 << 20;
  store.options.copied_write_max = GetParam();
  ASSERT_TRUE(store.open().has_value());
  // Fast enough to run into the thread now and then, over seven files.
  std::vector<std::string> bodies;
  bodies.reserve(400);
  for (int count = 0; count < 400; ++count) {
    bodies.emplace_back(static_cast<std::size_t>(500 + count * 7919 % 90'000), static_cast<char>('a' + count % 26));
  }
  for (const std::string& body : bodies) ASSERT_TRUE(store.append("T", 0, body).has_value());
  for (std::size_t at = 0; at < bodies.size(); ++at)
    ASSERT_TRUE(store.body_at("T", 0, static_cast<std::int64_t>(at)) == bodies[at]) << at;
  store.close();
  ASSERT_TRUE(store.open().has_value());
  EXPECT_EQ(store->bounds("T", 0).max.value, 400);
  EXPECT_TRUE(store.body_at("T", 0, 399) == bodies[399]);
}

/// The thread that makes files is not called often enough to do it later.
TEST(SmallFiles, TheNextOneIsMadeAsSoonAsOneIsBegun) {
  TestStore store;
  store.options.commit_log_file_size = 1 << 20;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "first").has_value());
  const auto next = store.directory.path() / "commitlog" / offset_file_name(1 << 20);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!std::filesystem::exists(next) && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
  EXPECT_TRUE(std::filesystem::exists(next));
}

/// A log on its own, empty and ready.
struct BareLog {
  explicit BareLog(std::int64_t file_size, std::int64_t populate_ahead = StoreOptions().populate_ahead) {
    options.directory = directory.path();
    options.commit_log_file_size = file_size;
    options.populate_ahead = populate_ahead;
    log.emplace(options, files, append_lock);
    EXPECT_TRUE(log->load());
    EXPECT_TRUE(log->make_ready());
  }

  const testing::TemporaryDirectory directory;
  testing::FaultFileSystem files;
  StoreOptions options;
  AppendLock append_lock;
  std::optional<CommitLog> log;
};

/// An empty slave takes the log of its master from a later file on, while the thread that makes files runs. One that it
/// made for the old place would be a gap in the log for the next start.
TEST(SmallFiles, ALogThatBeginsElsewhereHasNoFileOfBefore) {
  BareLog bare(1 << 20);
  CommitLog& log = *bare.log;
  bare.files.before_remove = [&] { EXPECT_TRUE(log.prepare_next()); };
  ASSERT_TRUE(log.begin_at({8 << 20}));
  EXPECT_TRUE(std::filesystem::is_empty(bare.directory.path() / "commitlog"));
  bare.files.before_remove = nullptr;
  ASSERT_TRUE(log.prepare_next());
  ASSERT_TRUE(log.make_ready());
  EXPECT_TRUE(CommitLog(bare.options, bare.files, bare.append_lock).load());
}

/// It would be called long after the next file is in use otherwise.
TEST(SmallFiles, ARollWhileZerosAreWrittenIsNotForgotten) {
  BareLog bare(4 << 20, 64 << 20);
  CommitLog& log = *bare.log;
  const auto wants_work_after = [&](std::size_t bytes) {
    const auto at = log.place(static_cast<std::int64_t>(bytes)).value();
    EXPECT_TRUE(log.write(at, std::vector<std::byte>(bytes)));
    log.publish(at + static_cast<std::int64_t>(bytes));
    return log.wants_background_work(at + static_cast<std::int64_t>(bytes));
  };
  EXPECT_TRUE(wants_work_after(500'000));
  bare.files.before_write = [&, rolled = false]() mutable {
    if (std::exchange(rolled, true)) return;
    EXPECT_TRUE(log.place(3'900'000)) << "in the next file";
  };
  log.populate();
  EXPECT_TRUE(wants_work_after(100));
}

// All copied, or the short ones only.
INSTANTIATE_TEST_SUITE_P(Write, Zeroing, ::testing::Values(SIZE_MAX, 2048));

}  // namespace
}  // namespace tenon::logstore
