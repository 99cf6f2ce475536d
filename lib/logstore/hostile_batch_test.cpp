// SPDX-License-Identifier: Apache-2.0
// Inner batches as no store of ours writes them: of another log, or of damage that no CRC is over.
#include <filesystem>

#include "logstore/testing/test_store.hpp"
#include "record/record_encoder.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

class HostileBatch : public ::testing::Test {
 protected:
  HostileBatch() {
    store_.options.light_queues = true;
    EXPECT_TRUE(store_.open());
    EXPECT_TRUE(store_->keep_batches("B"));
  }

  /// A record as another log has it at the end of this one.
  Status receive(std::string_view topic, std::int64_t queue_offset, std::string_view properties,
                 std::int32_t flags = sys_flag::inner_batch | sys_flag::needs_unwrap) {
    Message message;
    message.topic = topic;
    message.sys_flag = flags;
    message.body = std::as_bytes(std::span<const char>("batch", 5));
    message.properties = properties;
    std::vector<std::byte> bytes(record::encoded_size(message));
    record::encode(message, bytes.data());
    record::patch(bytes.data(), {{queue_offset}, store_->log_received(), 1'700'000'000'000}, false);
    return store_->append_log(store_->log_received(), bytes);
  }
  Status receive_batch(std::string_view topic, std::int64_t base, std::int64_t count) {
    return receive(topic, base, text("INNER_NUM\1", count, "\2INNER_BASE\1", base, "\2"));
  }
  /// All offsets a consumer sees that goes on where it is told to, up to the end.
  std::vector<std::int64_t> followed(std::int64_t at) {
    std::vector<std::int64_t> offsets{at};
    while (at < store_->bounds("B", 0).max.value && offsets.size() < 100) {
      at = store_->read({.topic = "B", .queue_id = 0, .offset = {at}, .max_messages = 1}).next_queue_offset.value;
      offsets.push_back(at);
    }
    return offsets;
  }
  void make_queues_again() {
    store_.close();
    std::filesystem::remove_all(store_.directory.path() / "batchconsumequeue");
    std::filesystem::remove_all(store_.directory.path() / "consumequeue");
    std::filesystem::remove(store_.directory.path() / "checkpoint");
    ASSERT_TRUE(store_.open());
  }

  TestStore store_;
};

TEST_F(HostileBatch, AReaderPassesAGapOfAnyLength) {
  ASSERT_TRUE(receive_batch("B", 0, 3));
  ASSERT_TRUE(receive_batch("B", 50'000, 2));
  ASSERT_TRUE(receive_batch("B", 50'002, 2));
  EXPECT_EQ(followed(0), (std::vector<std::int64_t>{0, 3, 50'002, 50'004}));
  EXPECT_EQ(followed(17), (std::vector<std::int64_t>{17, 50'002, 50'004}));
  make_queues_again();
  EXPECT_EQ(followed(0), (std::vector<std::int64_t>{0, 3, 50'002, 50'004}));
}

TEST_F(HostileBatch, ACountThatNoBatchHasIsThatOfASingleMessage) {
  for (const char* count : {"0", "-1", "32768", "4294967297", "99999999999999999999", "x", "", "1.5", " 2"}) {
    const std::int64_t before = store_->bounds("B", 0).max.value;
    ASSERT_TRUE(receive("B", before, text("INNER_NUM\1", count, "\2INNER_BASE\1", before, "\2")));
    EXPECT_EQ(store_->bounds("B", 0).max.value, before + 1) << count;
  }
  const std::int64_t before = store_->bounds("B", 0).max.value;
  ASSERT_TRUE(receive("B", before,
                      text("INNER_NUM\1"
                           "7\2INNER_BASE\1",
                           before + 1, "\2")));
  ASSERT_TRUE(receive("B", before + 1,
                      "INNER_NUM\1"
                      "7\2"));
  EXPECT_EQ(store_->bounds("B", 0).max.value, before + 2) << "a base that is not the record's, or none";
  ASSERT_TRUE(receive_batch("B", before + 2, 32'767));
  EXPECT_EQ(store_->bounds("B", 0).max.value, before + 2 + 32'767);
  make_queues_again();
  EXPECT_EQ(store_->bounds("B", 0).max.value, before + 2 + 32'767);
}

TEST_F(HostileBatch, AnOffsetThatNoQueueHasIsNotBelieved) {
  ASSERT_TRUE(receive_batch("B", 0, 3));
  for (const std::int64_t base : {INT64_MAX, INT64_MAX - 1, kQueueOffsetMax + 1, std::int64_t{-1}, INT64_MIN})
    ASSERT_TRUE(receive_batch("B", base, 2));
  ASSERT_TRUE(receive_batch("B", 3, 2));
  EXPECT_EQ(store_->bounds("B", 0).max.value, 5);
  EXPECT_EQ(followed(0), (std::vector<std::int64_t>{0, 3, 5}));
  make_queues_again();
  EXPECT_EQ(store_->bounds("B", 0).max.value, 5);
}

TEST_F(HostileBatch, ATopicThatIsNoDirectoryGetsNoQueue) {
  for (const std::string& topic : {std::string("../../evil"), std::string(".."), std::string("a/b")}) {
    ASSERT_TRUE(receive_batch(topic, 0, 3));
    EXPECT_EQ(store_->bounds(topic, 0).max.value, 0) << topic;
  }
  make_queues_again();
  EXPECT_FALSE(std::filesystem::exists(store_.directory.path() / "evil"));
}

// As a slave meets it that was away meanwhile: its queues keep their kind, or become batch queues with the first batch.
TEST_F(HostileBatch, ATopicMadeAgainWithTheOtherKindOfQueueHasAllItsMessages) {
  for (const std::int64_t base : {0, 3, 6}) ASSERT_TRUE(receive_batch("B", base, 3));
  for (const std::int64_t offset : {0, 1, 2, 3}) ASSERT_TRUE(receive("B", offset, "", 0));
  for (const std::int64_t offset : {0, 1, 2, 3, 4, 5}) ASSERT_TRUE(receive("Plain", offset, "", 0));
  for (const std::int64_t base : {0, 2}) ASSERT_TRUE(receive_batch("Plain", base, 2));
  for (const bool again : {false, true}) {
    if (again) make_queues_again();
    for (const std::string_view topic : {"B", "Plain"}) {
      EXPECT_EQ(store_->bounds(topic, 0).min.value, 0);
      EXPECT_EQ(store_->bounds(topic, 0).max.value, 4) << topic;
      for (const std::int64_t at : {0, 1, 2, 3}) EXPECT_EQ(store_.body_at(topic, 0, at), "batch") << topic << at;
    }
    EXPECT_EQ(followed(0), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  }
}

TEST_F(HostileBatch, ABatchIsInNoLightQueue) {
  const std::string light =
      "INNER_MULTI_DISPATCH\1%LMQ%a\2INNER_MULTI_QUEUE_OFFSET\1"
      "0\2";
  ASSERT_TRUE(receive("B", 0,
                      text("INNER_NUM\1"
                           "2\2INNER_BASE\1"
                           "0\2",
                           light)));
  EXPECT_EQ(store_->bounds("%LMQ%a", 0).max.value, 0);
  EXPECT_EQ(store_->bounds("B", 0).max.value, 2);
}

TEST(BatchUnit, EndsWhereNoQueueEnds) {
  const BatchUnit good{{100}, 200, 0, 0, 5, 3};
  EXPECT_TRUE(is_valid(good));
  for (const auto spoil : std::initializer_list<void (*)(BatchUnit&)>{
           [](BatchUnit& unit) { unit.physical_offset = {-1}; },
           [](BatchUnit& unit) { unit.physical_offset = {INT64_MAX}; }, [](BatchUnit& unit) { unit.size_bytes = 0; },
           [](BatchUnit& unit) { unit.base = -1; }, [](BatchUnit& unit) { unit.base = INT64_MAX; },
           [](BatchUnit& unit) { unit.count = 0; }, [](BatchUnit& unit) { unit.count = -1; }}) {
    BatchUnit spoilt = good;
    spoil(spoilt);
    EXPECT_FALSE(is_valid(spoilt));
  }
}

}  // namespace
}  // namespace tenon::logstore
