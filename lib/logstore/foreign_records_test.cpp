// SPDX-License-Identifier: Apache-2.0
// Records that this store has not made itself: of another log, of a client that copies properties, of a damaged file.
#include <filesystem>
#include <fstream>

#include "logstore/testing/test_store.hpp"
#include "record/record_encoder.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

/// A record as another log has it at the end of this one.
std::vector<std::byte> record_for(TestStore& store, std::string_view topic, std::int64_t queue_offset,
                                  std::string_view properties = {}) {
  Message message;
  message.topic = topic;
  message.body = std::as_bytes(std::span<const char>("hello", 5));
  message.properties = properties;
  std::vector<std::byte> bytes(record::encoded_size(message));
  record::encode(message, bytes.data());
  record::patch(bytes.data(), {{queue_offset}, store->log_received(), 1'700'000'000'000}, false);
  return bytes;
}

Status receive(TestStore& store, std::string_view topic, std::int64_t queue_offset, std::string_view properties = {}) {
  return store->append_log(store->log_received(), record_for(store, topic, queue_offset, properties));
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
  return names;
}

TEST(ForeignRecords, ATopicThatIsNoDirectoryGetsNoQueue) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  for (const std::string& topic : {std::string("../../evil"), std::string(".."), std::string("."), std::string("a/b"),
                                   std::string("a\0b", 3), std::string(300, 't')}) {
    ASSERT_TRUE(receive(store, topic, 0).has_value());
    EXPECT_EQ(store->bounds(topic, 0).max.value, 0) << topic;
  }
  ASSERT_TRUE(receive(store, "good", 0).has_value());
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  EXPECT_EQ(names_in(store.directory.path() / "consumequeue"), std::vector<std::string>{"good"});
  store.close();
  std::filesystem::remove_all(store.directory.path() / "consumequeue");
  ASSERT_TRUE(store.open().has_value()) << "all queues made again from the log";
  EXPECT_EQ(store.body_at("good", 0, 0), "hello");
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  EXPECT_EQ(names_in(store.directory.path() / "consumequeue"), std::vector<std::string>{"good"});
}

TEST(ForeignRecords, AnOffsetThatNoQueueHasIsNotBelieved) {
  TestStore store;
  store.options.light_queues = true;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(receive(store, "T", 0).has_value());
  for (const std::int64_t offset : {INT64_MAX, INT64_MAX / 20, std::int64_t{-1}}) {
    const std::string properties = text("INNER_MULTI_DISPATCH\1%LMQ%a\2INNER_MULTI_QUEUE_OFFSET\1", offset, "\2");
    ASSERT_TRUE(receive(store, "T", offset, properties).has_value());
  }
  ASSERT_TRUE(receive(store, "T", 1).has_value());
  EXPECT_EQ(store->bounds("T", 0).max.value, 2);
  EXPECT_EQ(store->bounds("%LMQ%a", 0).max.value, 0);
  EXPECT_EQ(store.body_at("T", 0, 0), "hello");
  store.close();
  const Status opened = store.open();
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  EXPECT_EQ(store.body_at("T", 0, 1), "hello");
}

/// No CRC is over the queue offset of a record: damage of a bit makes a plausible one.
TEST(ForeignRecords, AnOffsetThatIsWrongCostsOneMessage) {
  for (const std::int64_t wrong : {std::int64_t{3}, std::int64_t{9}, std::int64_t{12}, std::int64_t{1} << 40}) {
    TestStore store;
    ASSERT_TRUE(store.open().has_value());
    for (std::int64_t at = 0; at < 10; ++at) ASSERT_TRUE(receive(store, "T", at).has_value());
    ASSERT_TRUE(receive(store, "T", wrong).has_value());
    for (std::int64_t at = 11; at < 20; ++at) ASSERT_TRUE(receive(store, "T", at).has_value());
    const auto expect_all_but_one = [&] {
      EXPECT_EQ(store->bounds("T", 0).min.value, 0) << wrong;
      EXPECT_EQ(store->bounds("T", 0).max.value, 20) << wrong;
      for (std::int64_t at = 0; at < 20; ++at) {
        if (at == 10) continue;
        EXPECT_EQ(store.body_at("T", 0, at), "hello") << wrong << " at " << at;
      }
    };
    expect_all_but_one();
    store.close();
    std::filesystem::remove_all(store.directory.path() / "consumequeue");
    ASSERT_TRUE(store.open().has_value());
    expect_all_but_one();
  }
}

TEST(ForeignRecords, ATopicThatWasMadeAgainBeginsAnew) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  for (std::int64_t at = 0; at < 10; ++at) ASSERT_TRUE(receive(store, "T", at).has_value());
  ASSERT_TRUE(receive(store, "T", 0).has_value());
  EXPECT_EQ(store->bounds("T", 0).max.value, 1);
}

TEST(ForeignRecords, ADeletionThatComesLateTakesNothingOfTheTopicThatWasMadeAgain) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  for (std::int64_t at = 0; at < 10; ++at) ASSERT_TRUE(receive(store, "T", at).has_value());
  const PhysicalOffset end_of_old = store->log_received();
  ASSERT_TRUE(receive(store, "T", 0).has_value());
  ASSERT_TRUE(store->delete_topic("T", end_of_old).has_value());
  ASSERT_TRUE(receive(store, "T", 1).has_value());
  EXPECT_EQ(store.body_at("T", 0, 0), "hello");
  EXPECT_EQ(store.body_at("T", 0, 1), "hello");
  ASSERT_TRUE(store->delete_topic("T", store->log_received()).has_value());
  EXPECT_EQ(store->bounds("T", 0).max.value, 0);
  EXPECT_FALSE(std::filesystem::exists(store.directory.path() / "consumequeue" / "T"));
  ASSERT_TRUE(receive(store, "T", 0).has_value());
  EXPECT_EQ(store.body_at("T", 0, 0), "hello");
}

TEST(ForeignRecords, AQueueThatHasLostManyGoesOnBehindThem) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  for (std::int64_t at = 0; at < 10; ++at) ASSERT_TRUE(receive(store, "T", at).has_value());
  for (std::int64_t at = 1'000'000; at < 1'000'010; ++at) ASSERT_TRUE(receive(store, "T", at).has_value());
  EXPECT_EQ(store->bounds("T", 0).min.value, 1'000'000);
  EXPECT_EQ(store->bounds("T", 0).max.value, 1'000'010);
  EXPECT_EQ(store.body_at("T", 0, 1'000'000), "hello");
}

/// Whoever goes on would leave a hole in the queue.
TEST(ForeignRecords, ARecordThatGetsNoEntryEndsTheReceiving) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  for (std::int64_t at = 0; at < 5; ++at) ASSERT_TRUE(receive(store, "T", at).has_value());
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  // What cannot be unlinked.
  const auto file = store.directory.path() / "consumequeue" / "T" / "0" / offset_file_name(0);
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  const Status received = receive(store, "T", 0);  // the topic was deleted and made again, say
  ASSERT_TRUE(received.has_error());
  EXPECT_TRUE(receive(store, "T", 1).error().is(Errc::service_not_available));
  EXPECT_EQ(store.faults.size(), 1U);
  store.close();
  std::filesystem::remove_all(file.parent_path());
  ASSERT_TRUE(store.open().has_value());
  EXPECT_EQ(store->bounds("T", 0).max.value, 1);
  EXPECT_TRUE(receive(store, "T", 1).has_value());
}

TEST(ForeignRecords, AnAppendOfATopicThatIsNoDirectoryIsRefused) {
  TestStore store;
  store.options.light_queues = true;
  ASSERT_TRUE(store.open().has_value());
  EXPECT_TRUE(store.append("../evil", 0, "x").error().is(Errc::message_illegal));
  EXPECT_TRUE(
      store.append("T", 0, "x", "INNER_MULTI_DISPATCH\1%LMQ%a,%LMQ%/../../evil\2").error().is(Errc::message_illegal));
  EXPECT_EQ(store->log_max(), PhysicalOffset{0});
}

TEST(ForeignRecords, ACopiedCrcDoesNotEndTheLogWhenCrcsAreChecked) {
  constexpr std::string_view kCopied =
      "KEYS\1k\2__CRC32#\1"
      "0123456789\2";
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "first", kCopied).has_value());
  Message message;
  message.topic = "T";
  message.properties = kCopied;
  std::vector<PhysicalOffset> offsets(1);
  ASSERT_TRUE(store->append_batch({&message, 1}, offsets).has_value());
  ASSERT_TRUE(store.append("T", 0, "last", "KEYS\1unchanged").has_value());
  store.close();
  std::ofstream(store.directory.path() / "abort").put('1');
  std::filesystem::remove(store.directory.path() / "checkpoint");
  store.options.property_crc = true;
  ASSERT_TRUE(store.open().has_value());
  EXPECT_EQ(store->bounds("T", 0).max.value, 3);
  EXPECT_EQ(store.body_at("T", 0, 2), "last");
}

TEST(ForeignRecords, ABatchIsInNoLightQueue) {
  TestStore store;
  store.options.light_queues = true;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "first", "INNER_MULTI_DISPATCH\1%LMQ%a\2").has_value());
  Message copied;
  copied.topic = "T";
  copied.properties =
      "INNER_MULTI_DISPATCH\1%LMQ%a\2INNER_MULTI_QUEUE_OFFSET\1"
      "1000\2KEYS\1k\2";
  std::vector<PhysicalOffset> offsets(1);
  ASSERT_TRUE(store->append_batch({&copied, 1}, offsets).has_value());
  EXPECT_EQ(store->bounds("%LMQ%a", 0).max.value, 1);
  store.close();
  std::filesystem::remove_all(store.directory.path() / "consumequeue");
  ASSERT_TRUE(store.open().has_value());
  EXPECT_EQ(store->bounds("%LMQ%a", 0).max.value, 1) << "as before";
  EXPECT_EQ(store->bounds("T", 0).max.value, 2);
}

TEST(ForeignRecords, WithoutLightQueuesNobodyPutsAnythingThere) {
  TestStore store;
  store.options.light_queues = true;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "first", "INNER_MULTI_DISPATCH\1%LMQ%a\2").has_value());
  store.close();
  store.options.light_queues = false;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(
      store.append("T", 0, "made up", "INNER_MULTI_DISPATCH\1%LMQ%a\2INNER_MULTI_QUEUE_OFFSET\0011\2").has_value());
  store.close();
  std::ofstream(store.directory.path() / "abort").put('1');
  std::filesystem::remove(store.directory.path() / "checkpoint");
  ASSERT_TRUE(store.open().has_value());
  EXPECT_EQ(store->bounds("%LMQ%a", 0).max.value, 1);
  EXPECT_EQ(store->bounds("T", 0).max.value, 2);
}

TEST(ForeignRecords, AHalfMessageIsInNoLightQueue) {
  TestStore store;
  store.options.light_queues = true;
  ASSERT_TRUE(store.open().has_value());
  Message message;
  message.topic = "T";
  message.properties = "INNER_MULTI_DISPATCH\1%LMQ%a\2";
  message.sys_flag = sys_flag::transaction_prepared;
  ASSERT_TRUE(store->append(message).has_value());
  EXPECT_EQ(store->bounds("%LMQ%a", 0).max.value, 0) << "as a recovery makes it";
}

TEST(ForeignRecords, ADirectoryBesideTheLogFilesHidesNoUnfinishedOne) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "x").has_value());
  store.close();
  const auto log = store.directory.path() / "commitlog";
  std::filesystem::create_directory(log / "lost+found");
  std::ofstream(log / offset_file_name(16'384), std::ios::binary) << std::string(5000, '\0');
  const Status opened = store.open();
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  EXPECT_EQ(store.body_at("T", 0, 0), "x");
}

TEST(ForeignRecords, WhatIsNoTopicIsNotDeleted) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  const auto neighbour = store.directory.path() / "neighbour";
  std::filesystem::create_directory(neighbour);
  for (const std::string& name : {std::string("../neighbour"), neighbour.string()}) {
    const Status refused = store->delete_topic(name, MessageStore::kWholeLog);
    ASSERT_TRUE(refused.has_error()) << name;
    EXPECT_TRUE(refused.error().is(Errc::invalid_parameter)) << name;
  }
  EXPECT_TRUE(std::filesystem::exists(neighbour));
}

}  // namespace
}  // namespace tenon::logstore
