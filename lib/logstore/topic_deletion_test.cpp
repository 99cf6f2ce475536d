// SPDX-License-Identifier: Apache-2.0
// Topics that are deleted while others are written to, and while records of a topic of the same name come.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <future>
#include <thread>

#include "logstore/posix_file.hpp"
#include "logstore/testing/test_store.hpp"
#include "record/record_encoder.hpp"
#include "tenon/testing/inner_batch.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

/// Tells when a directory is about to be removed, which fails when the answer is false.
class WatchedFiles final : public testing::FaultFileSystem {
 public:
  std::function<bool(const std::filesystem::path& path)> before_removal = [](const auto&) { return true; };

  Status remove_tree(const std::filesystem::path& path) override {
    if (!before_removal(path)) return Error(Errc::io, text("cannot remove ", path.string()));
    return FaultFileSystem::remove_tree(path);
  }
};

/// With queues of either kind.
class TopicDeletion : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    store_.options.file_system = &files_;
    ASSERT_TRUE(store_.open().has_value());
    if (GetParam() == std::string_view("batchconsumequeue")) {
      ASSERT_TRUE(store_->keep_batches("T").has_value());
    }
  }
  /// A record as another log has it at the end of this one.
  Status receive(std::string_view topic, std::int32_t queue_id, std::int64_t queue_offset, std::string_view body) {
    Message message;
    message.topic = topic;
    message.queue_id = queue_id;
    message.body = std::as_bytes(std::span(body));
    std::vector<std::byte> bytes(record::encoded_size(message));
    record::encode(message, bytes.data());
    record::patch(bytes.data(), {{queue_offset}, store_->log_received(), 1'700'000'000'000}, false);
    return store_->append_log(store_->log_received(), bytes);
  }
  void receive_old(std::int32_t queues) {
    for (std::int32_t queue = 0; queue < queues; ++queue) {
      for (std::int64_t at = 0; at < 3; ++at) ASSERT_TRUE(receive("T", queue, at, "old").has_value());
    }
    ASSERT_TRUE(store_->write_checkpoint_now().has_value());  // they have files
  }
  Status delete_old() { return store_->delete_topic("T", store_->log_received()); }
  std::filesystem::path directory_of(std::int32_t queue) const {
    return store_.directory.path() / GetParam() / "T" / std::to_string(queue);
  }
  void reopen() {
    store_.close();
    const Status opened = store_.open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message();
  }

  void expect_that_appends_do_not_wait(PhysicalOffset below);

  WatchedFiles files_;
  TestStore store_;
};

void TopicDeletion::expect_that_appends_do_not_wait(PhysicalOffset below) {
  std::vector<std::future<Result<AppendReceipt>>> appends;
  int removals = 0;
  files_.before_removal = [&](const auto&) {
    ++removals;
    appends.push_back(std::async(std::launch::async, [&] { return store_.append("Other", 0, "meanwhile"); }));
    return appends.back().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  };
  EXPECT_TRUE(store_->delete_topic("T", below).has_value());
  EXPECT_GE(removals, 3);
  for (auto& append : appends) EXPECT_TRUE(append.get().has_value());
  EXPECT_EQ(store_->bounds("T", 2).max.value, 0);
  EXPECT_FALSE(std::filesystem::exists(directory_of(0).parent_path()));
}

TEST_P(TopicDeletion, AppendsDoNotWaitForTheFilesToBeRemoved) {
  receive_old(3);
  expect_that_appends_do_not_wait(store_->log_received());
}

TEST_P(TopicDeletion, NorDoTheyOnAMaster) {
  receive_old(3);
  expect_that_appends_do_not_wait(MessageStore::kWholeLog);
}

TEST_P(TopicDeletion, WhatIsMadeAgainMeanwhileStays) {
  receive_old(3);
  std::future<Status> made_again;
  files_.before_removal = [&](const std::filesystem::path& path) {
    if (path != directory_of(0) || made_again.valid()) return true;
    EXPECT_TRUE(receive("T", 1, 0, "new").has_value()) << "of a queue that was not come to yet";
    // Of the one whose files are just being removed: it waits for that, and for no more.
    made_again = std::async(std::launch::async, [this] { return receive("T", 0, 0, "new"); });
    return true;
  };
  EXPECT_TRUE(delete_old().has_value());
  ASSERT_TRUE(made_again.valid());
  EXPECT_TRUE(made_again.get().has_value());
  for (int round = 0; round < 2; ++round, reopen()) {
    EXPECT_EQ(store_.body_at("T", 0, 0), "new") << round;
    EXPECT_EQ(store_.body_at("T", 1, 0), "new") << round;
    EXPECT_EQ(store_->bounds("T", 0).max.value, 1) << round;
    EXPECT_EQ(store_->bounds("T", 1).max.value, 1) << round;
    EXPECT_EQ(store_->bounds("T", 2).max.value, 0) << round;
  }
}

TEST_P(TopicDeletion, AQueueWhoseFilesCannotBeRemovedIsOneAsBefore) {
  receive_old(3);
  files_.before_removal = [&](const std::filesystem::path& path) { return path != directory_of(1); };
  EXPECT_FALSE(delete_old().has_value());
  EXPECT_EQ(store_->bounds("T", 0).max.value, 0);
  EXPECT_EQ(store_->bounds("T", 2).max.value, 0) << "the others are deleted none the less";
  ASSERT_EQ(store_->bounds("T", 1).max.value, 3);
  // The topic may be made again before the deletion is tried once more. What is acknowledged then must stay.
  ASSERT_TRUE(store_.append("T", 1, "acknowledged").has_value());
  reopen();
  EXPECT_EQ(store_.body_at("T", 1, 3), "acknowledged");
  files_.before_removal = [](const auto&) { return true; };
  EXPECT_TRUE(delete_old().has_value());
  EXPECT_EQ(store_->bounds("T", 1).max.value, 0);
  EXPECT_FALSE(std::filesystem::exists(directory_of(1).parent_path()));
}

TEST_P(TopicDeletion, AMastersQueueWhoseFilesCannotBeRemovedIsOneAsBefore) {
  ASSERT_TRUE(store_.append("T", 0, "old").has_value());
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  files_.before_removal = [](const auto&) { return false; };
  EXPECT_FALSE(store_->delete_topic("T", MessageStore::kWholeLog).has_value());
  ASSERT_TRUE(store_.append("T", 0, "acknowledged").has_value());
  reopen();
  EXPECT_EQ(store_.body_at("T", 0, 1), "acknowledged");
}

/// Those deleted before it write no files any more: what they take now would be in none.
TEST_P(TopicDeletion, TheOthersOfAMasterAreDeletedNoneTheLess) {
  for (std::int32_t queue = 0; queue < 3; ++queue) ASSERT_TRUE(store_.append("T", queue, "old").has_value());
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  files_.before_removal = [&](const std::filesystem::path& path) { return path != directory_of(1); };
  EXPECT_FALSE(store_->delete_topic("T", MessageStore::kWholeLog).has_value());
  EXPECT_EQ(store_->bounds("T", 0).max.value, 0);
  EXPECT_EQ(store_->bounds("T", 1).max.value, 1);
  EXPECT_EQ(store_->bounds("T", 2).max.value, 0);
  for (std::int32_t queue = 0; queue < 3; ++queue) {
    ASSERT_TRUE(store_.append("T", queue, "acknowledged").has_value());
  }
  ASSERT_TRUE(store_.append("Other", 0, "later").has_value());
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  for (int round = 0; round < 2; ++round, reopen()) {
    EXPECT_EQ(store_.body_at("T", 0, 0), "acknowledged") << round;
    EXPECT_EQ(store_.body_at("T", 1, 1), "acknowledged") << round;
    EXPECT_EQ(store_.body_at("T", 2, 0), "acknowledged") << round;
  }
  files_.before_removal = [](const auto&) { return true; };
  EXPECT_TRUE(store_->delete_topic("T", MessageStore::kWholeLog).has_value());
  EXPECT_FALSE(std::filesystem::exists(directory_of(1).parent_path()));
}

/// Who makes it again is told that it has batch queues, and sends batches.
TEST(BatchTopicDeletion, ATopicThatIsMadeAgainMeanwhileStaysABatchTopic) {
  WatchedFiles files;
  TestStore store;
  store.options.file_system = &files;
  ASSERT_TRUE(store.open().has_value());
  std::string properties;
  const Message batch = tenon::testing::inner_batch("B", 3, "batch", properties);
  ASSERT_TRUE(store->keep_batches("B").has_value());
  ASSERT_TRUE(store->append(batch).has_value());
  int made_again = 0;
  files.before_removal = [&](const auto&) { return store->keep_batches("B").has_value() && ++made_again > 0; };
  ASSERT_TRUE(store->delete_topic("B", MessageStore::kWholeLog).has_value());
  ASSERT_EQ(made_again, 1);
  EXPECT_EQ(store->bounds("B", 0).max.value, 0);
  EXPECT_TRUE(store->append(batch).has_value());
  EXPECT_EQ(store->bounds("B", 0).max.value, 3);
  files.before_removal = [](const auto&) { return true; };
  ASSERT_TRUE(store->delete_topic("B", MessageStore::kWholeLog).has_value());
  EXPECT_FALSE(store->append(batch).has_value()) << "it is deleted for good";
}

/// It was none before, and is made one while its queue is being deleted.
TEST(BatchTopicDeletion, ATopicThatBecomesABatchTopicMeanwhileStaysOne) {
  WatchedFiles files;
  TestStore store;
  store.options.file_system = &files;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("B", 0, "m").has_value());
  ASSERT_TRUE(store->write_checkpoint_now().has_value());  // the queue has files
  std::future<Status> made;
  files.before_removal = [&](const auto&) {
    // It waits for the queue that is being deleted, with the append lock; how soon it gets there, nobody tells.
    if (!made.valid()) {
      made = std::async(std::launch::async, [&] { return store->keep_batches("B"); });
      (void)made.wait_for(std::chrono::milliseconds(100));
    }
    return true;
  };
  ASSERT_TRUE(store->delete_topic("B", MessageStore::kWholeLog).has_value());
  ASSERT_TRUE(made.valid());
  EXPECT_TRUE(made.get().has_value());
  std::string properties;
  EXPECT_TRUE(store->append(tenon::testing::inner_batch("B", 3, "batch", properties)).has_value());
}

INSTANTIATE_TEST_SUITE_P(Queues, TopicDeletion, ::testing::Values("consumequeue", "batchconsumequeue"));

/// A queue gets its first file while the directory of its topic is removed, because the last queue of the deleted one
/// is gone.
TEST(TopicDirectory, MayBeRemovedWhileItIsMade) {
  const testing::TemporaryDirectory directory;
  const std::filesystem::path topic = directory.path() / "T", queue = topic / "0";
  FileSystem& files = posix_file_system();
  std::atomic<bool> done{false};
  std::thread remover([&] {
    while (!done) (void)files.remove_empty_directory(topic);
  });
  for (int round = 0; round < 3'000; ++round) {
    const Status made = files.create_directories(queue);
    EXPECT_TRUE(made.has_value()) << "round " << round << ": " << made.error().message();
    if (!made) break;
    EXPECT_EQ(rmdir(queue.c_str()), 0);
  }
  done = true;
  remover.join();
}

}  // namespace
}  // namespace tenon::logstore
