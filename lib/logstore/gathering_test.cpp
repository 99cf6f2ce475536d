// SPDX-License-Identifier: Apache-2.0
// Appends that a thread gathers: readers see them, the process may lose them until write_out() returns, nobody else's
// appends wait for them.
#include <fcntl.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

class Gathering : public ::testing::Test {
 protected:
  void SetUp() override {
    store_.options.copied_write_max = 0;
    // Nobody writes out meanwhile: neither a flush nor the index, which takes all keys once they are there.
    store_.options.flush_interval = store_.options.checkpoint_interval = std::chrono::hours(1);
    store_.options.index_enabled = false;
    ASSERT_TRUE(store_.open().has_value());
  }
  void open_with_index() {
    store_.options.index_enabled = true;
    ASSERT_TRUE(store_.open().has_value());
  }
  /// What the operating system has of the first commit-log file, as text.
  std::string file_content() const {
    const auto path = store_.directory.path() / "commitlog" / "00000000000000000000";
    std::string content(16'384, '\0');
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_EQ(::pread(descriptor, content.data(), content.size(), 0), 16'384);
    ::close(descriptor);
    return content;
  }
  bool is_in_file(std::string_view body) const { return file_content().find(body) != std::string::npos; }

  TestStore store_;
};

TEST_F(Gathering, AppendsAreHandedOverTogether) {
  store_->gather();
  ASSERT_TRUE(store_.append("T", 0, "first").has_value());
  ASSERT_TRUE(store_.append("T", 1, "second").has_value());
  EXPECT_FALSE(is_in_file("first"));
  EXPECT_EQ(store_->bounds("T", 1).max.value, 1);
  ASSERT_TRUE(store_->write_out().has_value());
  EXPECT_TRUE(is_in_file("first"));
  EXPECT_TRUE(is_in_file("second"));
}

TEST_F(Gathering, EndsWithWriteOut) {
  store_->gather();
  ASSERT_TRUE(store_.append("T", 0, "first").has_value());
  ASSERT_TRUE(store_->write_out().has_value());
  ASSERT_TRUE(store_.append("T", 0, "second").has_value());
  EXPECT_TRUE(is_in_file("second"));
}

TEST_F(Gathering, AReaderHasThemHandedOver) {
  open_with_index();
  store_->gather();
  ASSERT_TRUE(store_.append("T", 0, "first").has_value());
  const auto second = store_.append("T", 0, "second");
  EXPECT_EQ(store_.body_at("T", 0, 1), "second");
  EXPECT_TRUE(is_in_file("first"));
  ASSERT_TRUE(store_.append("T", 0, "third", "KEYS\1k\2").has_value());
  EXPECT_EQ(store_->query_by_key({.topic = "T", .key = "k"}).value().records.size(), 1U);
  EXPECT_TRUE(store_->record_at(second->physical_offset).has_value());
  ASSERT_TRUE(store_.append("T", 0, "fourth").has_value());
  EXPECT_TRUE(store_->store_time_at("T", 0, {3}).has_value());
}

TEST_F(Gathering, AnotherThreadsAppendIsNotHeldBack) {
  store_->gather();
  ASSERT_TRUE(store_.append("T", 0, "gathered").has_value());
  std::thread([this] { ASSERT_TRUE(store_.append("T", 0, "at once").has_value()); }).join();
  EXPECT_TRUE(is_in_file("at once"));
  EXPECT_TRUE(is_in_file("gathered")) << "it lies before the other one";
}

TEST_F(Gathering, MoreThanTheBufferAndMoreThanAFile) {
  store_->gather();
  const std::string body(3000, 'b');
  for (int count = 0; count < 200; ++count) ASSERT_TRUE(store_.append("T", 0, body + std::to_string(count)));
  ASSERT_TRUE(store_->write_out().has_value());
  for (int count = 0; count < 200; ++count) ASSERT_EQ(store_.body_at("T", 0, count), body + std::to_string(count));
  store_.close();
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_.body_at("T", 0, 199), body + "199");
}

TEST_F(Gathering, AFailedWriteOutSaysSoAndStopsTheStore) {
  store_->gather();
  ASSERT_TRUE(store_.append("T", 0, "kept").has_value());
  ASSERT_TRUE(store_->write_out().has_value());
  store_->gather();
  ASSERT_TRUE(store_.append("T", 0, "lost").has_value());
  ASSERT_FALSE(is_in_file("lost"));
  store_.files.fail_from(0, EIO);
  EXPECT_TRUE(store_->write_out().has_error());
  store_.files.heal();
  EXPECT_TRUE(store_.append("T", 0, "more").has_error());
  EXPECT_EQ(store_.faults.size(), 1U);
  store_.close();
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_.body_at("T", 0, 0), "kept");
  EXPECT_LE(store_->bounds("T", 0).max.value, 2);
}

TEST_F(Gathering, NoReaderGoesPastWhatCouldNotBeWrittenYet) {
  store_->gather();
  ASSERT_TRUE(store_.append("T", 0, "kept").has_value());
  store_.files.fail_from(0, EIO);
  const ReadResult failed = store_->read({.topic = "T", .queue_id = 0, .offset = {0}, .max_messages = 1});
  EXPECT_NE(failed.status, ReadStatus::found);
  EXPECT_EQ(failed.next_queue_offset.value, 0);
  store_.files.heal();
  ASSERT_TRUE(store_->write_out().has_value());
  EXPECT_EQ(store_.body_at("T", 0, 0), "kept");
}

/// Notes where the log ended whenever it was told.
class NotingWatcher final : public LogWatcher {
 public:
  explicit NotingWatcher(const LogStore& store) : store_(store) {}
  void log_grew() noexcept override { ends.push_back(store_.log_max()); }

  std::vector<PhysicalOffset> ends;

 private:
  const LogStore& store_;
};

TEST_F(Gathering, AWatcherOfTheLogIsToldWhenItEnds) {
  NotingWatcher watcher(*store_);
  store_->watch(&watcher);
  store_->gather();
  const auto first = store_.append("T", 0, "first");
  ASSERT_TRUE(store_.append("T", 0, "second").has_value());
  EXPECT_TRUE(watcher.ends.empty());
  EXPECT_EQ(store_->read_log(first->physical_offset, 100, ReadForm::any)->length, 0) << "not there yet";
  ASSERT_TRUE(store_->write_out().has_value());
  EXPECT_EQ(watcher.ends, std::vector{store_->log_max()});
  EXPECT_GT(store_->read_log(first->physical_offset, 100, ReadForm::any)->length, 0);
  store_->gather();
  ASSERT_TRUE(store_->write_out().has_value());
  EXPECT_EQ(watcher.ends.size(), 1U) << "nothing new";
  store_->watch(nullptr);
}

TEST(LightQueues, TellAWatcherOfTheLogAtOnce) {
  TestStore store;
  store.options.light_queues = true;
  ASSERT_TRUE(store.open().has_value());
  NotingWatcher watcher(*store);
  store->watch(&watcher);
  ASSERT_TRUE(store.append("T", 0, "body", "INNER_MULTI_DISPATCH\1%LMQ%a\2").has_value());
  EXPECT_EQ(watcher.ends, std::vector{store->log_max()});
  store->watch(nullptr);
}

/// Half a turn forced alone costs as much as a whole one. Who waits for it is let through when it has ended.
TEST_F(Gathering, AFlushWaitsForTheEndOfTheTurn) {
  store_.close();
  store_.options.flush = FlushMode::sync;
  store_.options.flush_interval = std::chrono::milliseconds(1);
  ASSERT_TRUE(store_.open().has_value());
  store_->gather();
  const auto receipt = store_.append("T", 0, "first");
  std::promise<Status> passed;
  auto outcome = passed.get_future();
  std::thread([&] {  // which gathers nothing itself
    store_->wait_for(receipt->physical_end, std::chrono::steady_clock::now() + std::chrono::minutes(1),
                     [&](Status status) { passed.set_value(std::move(status)); });
  })
      .join();
  EXPECT_EQ(outcome.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  EXPECT_FALSE(is_in_file("first"));
  ASSERT_TRUE(store_->write_out().has_value());
  EXPECT_TRUE(outcome.get().has_value());
  EXPECT_TRUE(store_->is_safe(receipt->physical_end));
}

TEST_F(Gathering, ACheckpointTakesWhatWasGathered) {
  store_->gather();
  const auto receipt = store_.append("T", 0, "first");
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  EXPECT_TRUE(store_->is_safe(receipt->physical_end));
  EXPECT_TRUE(is_in_file("first"));
}

}  // namespace
}  // namespace tenon::logstore
