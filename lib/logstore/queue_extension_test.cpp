// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

/// Writes down what a store says of messages before it reads them, and takes them all.
class Watcher final : public CompiledFilter {
 public:
  struct Seen {
    std::int64_t tags_code = 0, store_timestamp_ms = -1;
    std::vector<std::byte> bit_map;
  };
  bool match_index(const IndexEntry& entry) const noexcept override {
    Seen one{entry.tags_code, -1, {}};
    if (entry.extension != nullptr) {
      one.store_timestamp_ms = entry.extension->store_timestamp_ms;
      one.bit_map.assign(entry.extension->bit_map.begin(), entry.extension->bit_map.end());
    }
    seen.push_back(one);
    return true;
  }
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const PropertiesView&) const noexcept override { return true; }

  mutable std::vector<Seen> seen;
};

/// Two bytes that name the message by its key, for one topic.
class MapsByKey final : public FilterBitMaps {
 public:
  std::size_t size_bytes() const noexcept override { return 2; }
  bool calculate(std::string_view topic, const PropertiesView& properties, std::span<std::byte> map) const override {
    if (topic != "T") return false;
    map[0] = std::byte{0xAB};
    map[1] = static_cast<std::byte>(properties.find("KEYS").value_or("0").front());
    return true;
  }
};

class QueueExtensionTest : public ::testing::Test {
 protected:
  static constexpr int kInFile = 51;  ///< Units without a map in 1,024 bytes, of which four stay free.

  void SetUp() override {
    store_.options.consume_queue_extension = true;
    store_.options.consume_queue_extension_file_size = 1024;
    store_.options.now_ms = [this] { return ++now_ms_; };
    ASSERT_TRUE(store_.open());
  }
  void append(int count, std::string_view topic = "T") {
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(store_.append(topic, 0, "body", text("TAGS\1", i % 2 == 0 ? "even" : "odd", "\2")));
  }
  /// Of the messages from `at` on.
  std::vector<Watcher::Seen> seen(std::int64_t at = 0, std::string_view topic = "T") {
    const Watcher watcher;
    for (std::int64_t max = store_->bounds(topic, 0).max.value; at < max; ++at)
      (void)store_->read({.topic = topic, .queue_id = 0, .offset = {at}, .max_messages = 1, .filter = &watcher});
    return watcher.seen;
  }
  void expect_described(std::int64_t from, int count) {
    const auto all = seen(from);
    ASSERT_EQ(all.size(), static_cast<std::size_t>(count));
    std::int64_t at = from;
    for (const Watcher::Seen& one : all) {
      EXPECT_EQ(one.tags_code, java_string_hash(at % 2 == 0 ? "even" : "odd")) << at;
      EXPECT_EQ(one.store_timestamp_ms, *store_->store_time_at("T", 0, {at})) << at;
      ++at;
    }
  }
  std::filesystem::path directory(std::string_view topic = "T") const {
    return store_.directory.path() / "consumequeue_ext" / topic / "0";
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    if (!std::filesystem::exists(directory())) return names;
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
      EXPECT_EQ(entry.file_size(), 1024U) << entry.path();
      names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    return names;
  }
  void crash() {
    store_.close();
    std::ofstream(store_.directory.path() / "abort").put('1');
    std::filesystem::remove(store_.directory.path() / "checkpoint");
    ASSERT_TRUE(store_.open());
  }

  const MapsByKey maps_{};
  TestStore store_;
  std::atomic<std::int64_t> now_ms_{1'700'000'000'000};  ///< Also read by the threads of the store.
};

TEST_F(QueueExtensionTest, DescribesMessagesInMemoryAndInFiles) {
  append(120);
  expect_described(0, 120);
  ASSERT_TRUE(store_->write_checkpoint_now());
  EXPECT_EQ(files().size(), 3U);
  expect_described(0, 120);
  append(2);
  expect_described(118, 4);
  store_.close();
  ASSERT_TRUE(store_.open());
  append(80);
  expect_described(0, 202);
  EXPECT_EQ(files().front(), offset_file_name(0));
}

TEST_F(QueueExtensionTest, SaysThatAFileIsFull) {
  append(kInFile + 1);
  ASSERT_TRUE(store_->write_checkpoint_now());
  std::ifstream file(directory() / offset_file_name(0), std::ios::binary);
  file.seekg(kInFile * 20);
  EXPECT_EQ(file.get(), 0xFF);
  EXPECT_EQ(file.get(), 0xFF);
  EXPECT_EQ(files().size(), 2U);
}

TEST_F(QueueExtensionTest, IsMadeAgainFromTheLog) {
  append(120);
  crash();
  expect_described(0, 120);
  store_.close();
  const auto first = files();
  std::filesystem::remove_all(store_.directory.path() / "consumequeue");
  ASSERT_TRUE(store_.open());
  expect_described(0, 120);
  store_.close();
  EXPECT_EQ(files(), first);
}

TEST_F(QueueExtensionTest, UnitsWithoutEntriesAreCutOff) {
  append(60);
  store_.close();
  // As if entries had not got to the disk.
  const auto queue = store_.directory.path() / "consumequeue/T/0" / offset_file_name(0);
  std::filesystem::resize_file(queue, 20 * 30);
  std::filesystem::resize_file(queue, 2000);
  std::ofstream(store_.directory.path() / "abort").put('1');
  ASSERT_TRUE(store_.open());
  append(10);
  expect_described(0, 70);
}

TEST_F(QueueExtensionTest, AUnitThatIsLostGetsNoOtherInItsPlace) {
  append(60);
  store_.close();
  std::filesystem::resize_file(directory() / offset_file_name(1024), 0);
  std::filesystem::resize_file(directory() / offset_file_name(1024), 1024);
  ASSERT_TRUE(store_.open());
  append(10);
  const auto all = seen();
  ASSERT_EQ(all.size(), 70U);
  for (std::size_t at = kInFile; at < 60; ++at) {
    EXPECT_EQ(all[at].store_timestamp_ms, -1) << "nothing is known of it";
    EXPECT_TRUE(is_extension_address(all[at].tags_code));
  }
  expect_described(60, 10);
}

TEST_F(QueueExtensionTest, GoesWithTheEntriesItBelongsTo) {
  store_.options.retention.log_size_max = 16'384;
  ASSERT_TRUE(store_.open());
  append(600);
  ASSERT_TRUE(store_->write_checkpoint_now());
  const auto before = files();
  store_->clean_expired_files();
  const std::int64_t min = store_->bounds("T", 0).min.value;
  ASSERT_GT(min, 100);
  EXPECT_LT(files().size(), before.size());
  expect_described(min, 600 - static_cast<int>(min));

  append(3, "other");
  ASSERT_TRUE(store_->write_checkpoint_now());
  ASSERT_TRUE(store_->delete_topic("T", MessageStore::kWholeLog));
  EXPECT_FALSE(std::filesystem::exists(directory().parent_path()));
  EXPECT_TRUE(std::filesystem::exists(directory("other")));
  append(5);
  expect_described(0, 5);
}

TEST_F(QueueExtensionTest, IsReadAfterItIsWrittenNoMore) {
  append(60);
  store_.close();
  store_.options.consume_queue_extension = false;
  ASSERT_TRUE(store_.open());
  append(60);
  const auto all = seen();
  ASSERT_EQ(all.size(), 120U);
  for (std::size_t at = 0; at < all.size(); ++at) {
    EXPECT_EQ(all[at].tags_code, java_string_hash(at % 2 == 0 ? "even" : "odd")) << at;
    EXPECT_EQ(all[at].store_timestamp_ms >= 0, at < 60) << at;
  }
}

TEST_F(QueueExtensionTest, ThatIsWrittenNoMoreGoesWithTheLastUnitAndNotBefore) {
  const auto reopen = [this](bool write) {
    store_.close();
    store_.options.consume_queue_extension = write;
    ASSERT_TRUE(store_.open());
  };
  store_.options.retention.log_size_max = 70'000;
  reopen(false);
  append(400);
  reopen(true);
  append(10);
  reopen(false);
  append(300);
  ASSERT_TRUE(store_->write_checkpoint_now());
  store_->clean_expired_files();
  ASSERT_GE(store_->bounds("T", 0).min.value, 100) << "files were deleted";
  ASSERT_LT(store_->bounds("T", 0).min.value, 400 - 128) << "further away than one look into the files";
  const auto all = seen(400);
  ASSERT_EQ(all.size(), 310U);
  for (std::size_t at = 0; at < all.size(); ++at) EXPECT_EQ(all[at].store_timestamp_ms >= 0, at < 10) << at;
}

/// As a Java broker that is killed at the wrong moment leaves it.
TEST_F(QueueExtensionTest, AFileThatHasNoLengthYetIsNoDamage) {
  append(60);
  store_.close();
  std::ofstream(directory() / offset_file_name(2048)).flush();
  const Status opened = store_.open();
  ASSERT_TRUE(opened) << opened.error().message();
  append(60);
  expect_described(0, 120);
}

TEST_F(QueueExtensionTest, HasTheBitMapsOfTheKernel) {
  store_.close();
  store_.store = std::make_unique<LogStore>(store_.options);
  store_->set_filter_bit_maps(maps_);
  ASSERT_TRUE(store_->open());
  ASSERT_TRUE(store_.append("T", 0, "body", "KEYS\1k\2"));
  ASSERT_TRUE(store_.append("other", 0, "body", "KEYS\1k\2"));
  Message message;
  message.topic = "T";
  message.properties = "KEYS\1b\2";
  const std::vector<Message> batch(2, message);
  std::vector<PhysicalOffset> offsets(2);
  ASSERT_TRUE(store_->append_batch(batch, offsets));
  const auto all = seen();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].bit_map, (std::vector{std::byte{0xAB}, std::byte{'k'}}));
  EXPECT_EQ(all[1].bit_map, (std::vector{std::byte{0xAB}, std::byte{'b'}}));
  EXPECT_EQ(all[2].bit_map, all[1].bit_map);
  EXPECT_TRUE(seen(0, "other").at(0).bit_map.empty());
}

TEST_F(QueueExtensionTest, ARecoveryMakesTheBitMapsAgain) {
  append(2);  // without
  store_.close();
  std::filesystem::remove(store_.directory.path() / "checkpoint");
  std::ofstream(store_.directory.path() / "abort").put('1');
  store_.store = std::make_unique<LogStore>(store_.options);
  store_->set_filter_bit_maps(maps_);
  ASSERT_TRUE(store_->open());
  ASSERT_EQ(seen().size(), 2U);
  EXPECT_EQ(seen()[1].bit_map, (std::vector{std::byte{0xAB}, std::byte{'0'}}));
}

TEST_F(QueueExtensionTest, AMessageOfTheFutureGetsNoMapInARecovery) {
  append(2);
  store_.close();
  std::filesystem::remove(store_.directory.path() / "checkpoint");
  std::ofstream(store_.directory.path() / "abort").put('1');
  now_ms_ -= 1000;
  store_.store = std::make_unique<LogStore>(store_.options);
  store_->set_filter_bit_maps(maps_);
  ASSERT_TRUE(store_->open());
  ASSERT_EQ(seen().size(), 2U);
  EXPECT_TRUE(seen()[1].bit_map.empty()) << "a filter may be made before that time has come";
}

TEST_F(QueueExtensionTest, AMapMadeBeforeTheStoreTimeIsNotKept) {
  store_.close();
  store_.store = std::make_unique<LogStore>(store_.options);
  store_->set_filter_bit_maps(maps_);
  ASSERT_TRUE(store_->open());
  ASSERT_TRUE(store_.append("T", 0, "body", "KEYS\1k\2"));
  now_ms_ -= 5;
  ASSERT_TRUE(store_.append("T", 0, "body", "KEYS\1k\2"));
  const auto all = seen();
  EXPECT_FALSE(all.at(0).bit_map.empty());
  EXPECT_TRUE(all.at(1).bit_map.empty()) << "its store time is that of the message before it";
  EXPECT_EQ(all.at(1).store_timestamp_ms, all.at(0).store_timestamp_ms);
}

}  // namespace
}  // namespace tenon::logstore
