// SPDX-License-Identifier: Apache-2.0
// The keys that appends hand over are those that stand in the log.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "logstore/key_stretch.hpp"
#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

TEST(KeyStretch, HasNoGap) {
  KeyStretch stretch;
  const IndexFile::Key first{7, {0}, 0}, second{8, {50}, 0};
  stretch.add({{}, {1000}, {1100}, 42}, std::vector{first, second});
  stretch.add({{}, {1100}, {1200}, 43}, {});
  stretch.add({{}, {1300}, {1400}, 44}, {&first, 1});
  EXPECT_EQ(stretch.begin().value, 1000);
  EXPECT_EQ(stretch.end().value, 1200);
  ASSERT_EQ(stretch.keys().size(), 2U);
  EXPECT_EQ(stretch.keys()[1].hash, 8);
  EXPECT_EQ(stretch.keys()[1].physical_offset.value, 1050);
  EXPECT_EQ(stretch.keys()[1].store_timestamp_ms, 42);
  stretch.clear();
  EXPECT_EQ(stretch.begin(), stretch.end());
  stretch.add({{}, {1300}, {1400}, 44}, {&first, 1});
  EXPECT_EQ(stretch.end().value, 1400);
}

TEST(KeyStretch, IsBounded) {
  KeyStretch stretch;
  const std::vector<IndexFile::Key> many(KeyStretch::kKeysMax), one(1);
  stretch.add({{}, {0}, {10}, 0}, many);
  stretch.add({{}, {10}, {20}, 0}, one);
  stretch.add({{}, {20}, {30}, 0}, {});
  EXPECT_EQ(stretch.end().value, 10) << "what is left out ends it";
  EXPECT_EQ(stretch.keys().size(), many.size());
}

class HandedKeys : public ::testing::Test {
 protected:
  void SetUp() override {
    SCOPED_TRACE(seed_);
    store_.options.now_ms = [this] { return now_ms_.load(); };
    ASSERT_TRUE(store_.open().has_value());
  }

  std::string any_properties() {
    std::string properties;
    if (random_() % 8 != 0) append_property(properties, property::unique_key, text("id", random_() % 1000));
    if (random_() % 3 == 0) append_property(properties, property::keys, text("order", random_() % 9, "  customer"));
    if (random_() % 2 == 0) append_property(properties, property::tags, "TagA");
    append_property(properties, "colour", std::string(random_() % 40, 'c'));
    return properties;
  }
  void append_any() {
    const std::string topic = random_() % 4 == 0 ? "other" : "T", properties = any_properties();
    Message message;
    message.topic = topic;
    message.properties = properties;
    if (random_() % 2 == 0) message.indexed = indexed_properties_of(PropertiesView(properties));
    if (random_() % 6 == 0) message.sys_flag = sys_flag::transaction_rollback;
    if (random_() % 6 == 0) message.sys_flag = sys_flag::transaction_prepared;
    ASSERT_TRUE(store_->append(message).has_value());
  }
  void append_batch() {
    const std::string first = any_properties(), second = any_properties(), third = any_properties();
    std::vector<Message> messages(3);
    for (Message& message : messages) message.topic = "T";
    messages[0].properties = first;
    messages[1].properties = second;
    messages[2].properties = third;
    std::vector<PhysicalOffset> offsets(messages.size());
    ASSERT_TRUE(store_->append_batch(messages, offsets).has_value());
  }
  void do_anything() {
    now_ms_ += static_cast<std::int64_t>(random_() % 300);
    switch (random_() % 8) {
      case 0:
        return append_batch();
      case 1:
        return store_->gather();
      case 2:
        ASSERT_TRUE(store_->write_out().has_value());
        return;
      case 3:
        ASSERT_TRUE(store_->query_by_key({.topic = "T", .key = "customer"}).has_value());
        return;
      default:
        return append_any();
    }
  }

  /// All index files, in their order.
  std::string index_content() const {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(index())) paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::string content;
    for (const auto& path : paths) {
      std::ifstream file(path, std::ios::binary);
      content.append(std::istreambuf_iterator<char>(file), {});
    }
    return content;
  }
  std::filesystem::path index() const { return store_.directory.path() / "index"; }
  /// As after a crash that has lost the index.
  void make_index_anew() {
    std::filesystem::remove_all(index());
    std::ofstream(store_.directory.path() / "abort") << "1";
    ASSERT_TRUE(store_.open().has_value());
    store_.close();
  }

  const std::random_device::result_type seed_ = std::random_device{}();
  std::mt19937 random_{seed_};
  std::atomic<std::int64_t> now_ms_{1'795'000'000'000};
  TestStore store_;
};

TEST_F(HandedKeys, AreThoseInTheLog) {
  SCOPED_TRACE(text("seed ", seed_));
  for (int round = 0; round < 2000 && !HasFatalFailure(); ++round) do_anything();
  ASSERT_TRUE(store_->write_out().has_value());
  store_.close();
  const std::string handed = index_content();
  make_index_anew();
  EXPECT_GT(handed.size(), 10'000U);
  EXPECT_TRUE(handed == index_content()) << "the index differs from the one made of the log";
}

TEST_F(HandedKeys, OfAMessageWithMoreThanCanBeHandedOver) {
  std::string words, properties;
  for (std::size_t count = 0; count < 16'000; ++count) words += "k ";
  append_property(properties, property::keys, words);
  store_.close();
  store_.options.commit_log_file_size = 1 << 20;
  store_.options.index_entries = 200'000;
  std::filesystem::remove_all(store_.directory.path() / "commitlog");
  ASSERT_TRUE(store_.open().has_value());
  store_->gather();
  for (int count = 0; count < 10; ++count) ASSERT_TRUE(store_.append("T", 0, "b", properties).has_value());
  ASSERT_TRUE(store_.append("T", 0, "b", "KEYS\1last\2").has_value());
  ASSERT_TRUE(store_->write_out().has_value());
  EXPECT_EQ(store_->query_by_key({.topic = "T", .key = "k", .max_messages = 64}).value().records.size(), 64U);
  EXPECT_EQ(store_->query_by_key({.topic = "T", .key = "last"}).value().records.size(), 1U);
}

/// What a power failure may leave of the newest file: its first sector as it was, the others as they are.
TEST(KeyIndexAfterAPowerFailure, BelievesNoHeaderOfAFileThatIsNotFull) {
  constexpr std::size_t kHeader = 40;
  constexpr int kVouched = 250, kAll = 350;
  TestStore store, left;
  for (TestStore* one : {&store, &left}) {
    one->options.now_ms = [] { return std::int64_t{1'795'000'000'000}; };  // so that times say nothing
    one->options.checkpoint_interval = std::chrono::hours(1);
  }
  ASSERT_TRUE(store.open().has_value());
  auto append_up_to = [&store, number = 0](int count) mutable {
    for (; number < count; ++number)
      ASSERT_TRUE(store.append("T", 0, text("body ", number), text("KEYS\1k", number, "\2")).has_value());
    ASSERT_TRUE(store->query_by_key({.topic = "T", .key = "k0"}).has_value());
  };
  const auto newest_in = [](const TestStore& one) {
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::directory_iterator(one.directory.path() / "index"))
      newest = std::max(newest, entry.path());
    return newest;
  };
  append_up_to(kVouched);
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  std::array<char, kHeader> header{};
  std::ifstream(newest_in(store), std::ios::binary).read(header.data(), header.size());
  append_up_to(kAll);
  std::filesystem::copy(store.directory.path(), left.directory.path(), std::filesystem::copy_options::recursive);
  std::filesystem::remove(left.directory.path() / "lock");
  std::fstream(newest_in(left), std::ios::binary | std::ios::in | std::ios::out).write(header.data(), header.size());
  ASSERT_TRUE(left.open().has_value());
  for (int number = 0; number < kAll; ++number) {
    const auto found = left->query_by_key({.topic = "T", .key = text("k", number)});
    ASSERT_TRUE(found.has_value());
    EXPECT_TRUE(std::ranges::any_of(found->records, [&](const StoredRecord& record) {
      const auto body = record::RecordView::decode(record.bytes)->body();
      return std::string_view(reinterpret_cast<const char*>(body.data()), body.size()) == text("body ", number);
    })) << number;
  }
}

}  // namespace
}  // namespace tenon::logstore
