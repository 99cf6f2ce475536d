// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/batch_queues_contract.hpp"

#include <array>

#include "record/record_view.hpp"
#include "tenon/testing/inner_batch.hpp"

namespace tenon::testing {
namespace {

/// By tags, as TAG filters are.
class OneTag final : public CompiledFilter {
 public:
  explicit OneTag(std::string_view tag) : code_(java_string_hash(tag)) {}
  bool match_index(const IndexEntry& entry) const noexcept override { return entry.tags_code == code_; }
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const PropertiesView&) const noexcept override { return true; }

 private:
  std::int64_t code_;
};

}  // namespace

std::string batch_queues_case_name(const ::testing::TestParamInfo<BatchQueuesCase>& info) { return info.param.name; }

void BatchQueuesContract::SetUp() {
  open_ = GetParam().open();
  ASSERT_NE(open_.store, nullptr);
  ASSERT_NE(open_.batches, nullptr);
  ASSERT_TRUE(open_.batches->keep_batches("B").has_value());
}

Result<AppendReceipt> BatchQueuesContract::append(int messages, const std::string& body, std::int32_t queue_id,
                                                  const std::string& properties) {
  std::string all = properties;
  Message message = inner_batch("B", messages, body, all);
  message.queue_id = queue_id;
  return open_.store->append(message);
}

ReadResult BatchQueuesContract::read(std::int64_t offset, std::int32_t max_messages,
                                     const CompiledFilter* filter) const {
  return open_.store->read({.topic = "B",
                            .queue_id = 0,
                            .offset = {offset},
                            .max_messages = max_messages,
                            .filter = filter,
                            .form = ReadForm::in_memory});
}

std::string BatchQueuesContract::body_at(std::int64_t offset) const {
  const ReadResult result = read(offset, 1);
  if (result.status != ReadStatus::found) return text("<", static_cast<int>(result.status), ">");
  const auto view = record::RecordView::decode(std::get<MemorySlice>(result.records.at(0)).bytes).value();
  return {reinterpret_cast<const char*>(view.body().data()), view.body().size()};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BatchQueuesContract);

TEST_P(BatchQueuesContract, ABatchTakesAnOffsetForEachOfItsMessages) {
  EXPECT_EQ(append(3, "a")->queue_offset.value, 0);
  EXPECT_EQ(append(0, "b")->queue_offset.value, 3);
  EXPECT_EQ(append(1, "c")->queue_offset.value, 4);
  EXPECT_EQ(append(32'767, "d")->queue_offset.value, 5);
  EXPECT_EQ(append(2, "other queue", 1)->queue_offset.value, 0);
  EXPECT_EQ(bounds().min.value, 0);
  EXPECT_EQ(bounds().max.value, 5 + 32'767);
  EXPECT_EQ(open_.store->bounds("B", 1).max.value, 2);
}

TEST_P(BatchQueuesContract, ABatchIsReadWholeFromAnyOfItsOffsets) {
  for (int number = 0; number < 100; ++number) ASSERT_TRUE(append(number % 7 + 1, text("batch ", number)));
  std::int64_t base = 0;
  for (int number = 0; number < 100; ++number) {
    for (std::int64_t at = base; at < base + number % 7 + 1; ++at) {
      EXPECT_EQ(body_at(at), text("batch ", number)) << at;
      EXPECT_EQ(read(at, 1).next_queue_offset.value, base + number % 7 + 1);
    }
    base += number % 7 + 1;
  }
  EXPECT_EQ(read(base).status, ReadStatus::offset_overflow_one);
  EXPECT_EQ(read(base + 1).status, ReadStatus::offset_overflow_badly);
  EXPECT_EQ(read(base + 1).next_queue_offset.value, base);
}

TEST_P(BatchQueuesContract, AReadCountsMessages) {
  for (int number = 0; number < 10; ++number) ASSERT_TRUE(append(5, "five"));
  EXPECT_EQ(read(0, 1).message_count, 5) << "the first batch is given whole";
  const ReadResult some = read(0, 14);
  EXPECT_EQ(some.message_count, 10) << "the third would be more than was asked for";
  EXPECT_EQ(some.next_queue_offset.value, 10);
  EXPECT_EQ(read(0, 15).message_count, 15);
}

TEST_P(BatchQueuesContract, TheRecordSaysWhereItLies) {
  ASSERT_TRUE(append(4, "first"));
  const AppendReceipt second = append(2, "second", 0, "KEYS\1k\2").value();
  const StoredMessage stored = open_.store->message_at(second.physical_offset).value();
  EXPECT_EQ(stored.queue_offset.value, 4);
  EXPECT_EQ(PropertiesView(stored.message.properties).find(property::inner_base), "4");
  EXPECT_EQ(PropertiesView(stored.message.properties).find(property::inner_num), "2");
  EXPECT_EQ(PropertiesView(stored.message.properties).find("KEYS"), "k");
}

TEST_P(BatchQueuesContract, TimesAreThoseOfBatches) {
  std::vector<AppendReceipt> receipts;
  for (int number = 0; number < 3; ++number) receipts.push_back(append(3, "x").value());
  EXPECT_EQ(open_.store->store_time_at("B", 0, {4}).value(), receipts[1].store_timestamp_ms);
  EXPECT_TRUE(open_.store->store_time_at("B", 0, {9}).has_error());
  const auto at = [&](std::int64_t time, TimeBoundary boundary) {
    return open_.store->offset_at_time("B", 0, time, boundary).value;
  };
  EXPECT_EQ(at(0, TimeBoundary::lower), 0);
  EXPECT_EQ(at(0, TimeBoundary::upper), 0);
  EXPECT_EQ(at(receipts[0].store_timestamp_ms, TimeBoundary::lower), 0);
  EXPECT_EQ(at(INT64_MAX, TimeBoundary::lower), 6);
  EXPECT_EQ(at(INT64_MAX, TimeBoundary::upper), 6);
}

TEST_P(BatchQueuesContract, AFilterOnTagsLeavesInnerBatchesToTheClient) {
  ASSERT_TRUE(append(2, "batch"));
  ASSERT_TRUE(append(0, "wanted", 0, "TAGS\1a\2"));
  ASSERT_TRUE(append(0, "not wanted", 0, "TAGS\1b\2"));
  const OneTag tag("a");
  const ReadResult found = read(0, 32, &tag);
  EXPECT_EQ(found.message_count, 3);
  EXPECT_EQ(found.next_queue_offset.value, 4);
  EXPECT_EQ(read(3, 32, &tag).status, ReadStatus::no_matched_message);
}

TEST_P(BatchQueuesContract, WhatIsNoBatchIsRefused) {
  const auto refused = [](const Result<AppendReceipt>& appended) {
    return appended.has_error() && appended.error().is(Errc::message_illegal);
  };
  EXPECT_TRUE(refused(append(32'768, "too many")));
  EXPECT_TRUE(refused(append(0, "not said", 0,
                             "INNER_NUM\1"
                             "2\2")));
  Message message;
  message.topic = "B";
  message.sys_flag = sys_flag::inner_batch;
  EXPECT_TRUE(refused(open_.store->append(message))) << "it does not say how many";
  message.topic = "Other";
  message.properties =
      "INNER_NUM\1"
      "2\2";
  EXPECT_TRUE(refused(open_.store->append(message))) << "the topic has no batch queues";
  std::array<PhysicalOffset, 1> offsets;
  EXPECT_TRUE(refused(open_.store->append_batch({&message, 1}, offsets)));
  EXPECT_EQ(bounds().max.value, 0);
}

TEST_P(BatchQueuesContract, SeveralRecordsAreStoredTogether) {
  const std::string body = "x";
  std::vector<Message> messages(3);
  for (Message& message : messages) {
    message.topic = "B";
    message.body = std::as_bytes(std::span(body));
  }
  std::array<PhysicalOffset, 3> offsets;
  ASSERT_TRUE(append(2, "before"));
  const AppendReceipt receipt = open_.store->append_batch(messages, offsets).value();
  EXPECT_EQ(receipt.queue_offset.value, 2);
  EXPECT_EQ(receipt.physical_offset, offsets[0]);
  EXPECT_EQ(open_.store->message_at(offsets[2])->queue_offset.value, 4);
  EXPECT_EQ(bounds().max.value, 5);
}

TEST_P(BatchQueuesContract, WhatATopicHasIsKept) {
  const std::string body = "old";
  Message message;
  message.topic = "Old";
  message.body = std::as_bytes(std::span(body));
  for (int number = 0; number < 300; ++number) ASSERT_TRUE(open_.store->append(message));
  ASSERT_TRUE(open_.batches->keep_batches("Old"));
  ASSERT_TRUE(open_.batches->keep_batches("Old")) << "again";
  message.sys_flag = sys_flag::inner_batch;
  message.properties =
      "INNER_NUM\1"
      "2\2";
  EXPECT_EQ(open_.store->append(message)->queue_offset.value, 300);
  EXPECT_EQ(open_.store->bounds("Old", 0).max.value, 302);
  EXPECT_EQ(
      open_.store->read({.topic = "Old", .queue_id = 0, .offset = {150}, .max_messages = 1}).next_queue_offset.value,
      151);
}

TEST_P(BatchQueuesContract, ADeletedTopicBeginsAnew) {
  ASSERT_TRUE(append(3, "old"));
  ASSERT_TRUE(open_.store->delete_topic("B", MessageStore::kWholeLog));
  EXPECT_EQ(bounds().max.value, 0);
  ASSERT_TRUE(open_.batches->keep_batches("B"));
  EXPECT_EQ(append(2, "new")->queue_offset.value, 0);
  EXPECT_EQ(body_at(1), "new");
}

TEST_P(BatchQueuesContract, ADeletedTopicKeepsWhatBeginsAtTheOffset) {
  const PhysicalOffset begin = append(3, "new")->physical_offset;
  ASSERT_TRUE(open_.store->delete_topic("B", begin));
  EXPECT_EQ(body_at(2), "new");
  EXPECT_EQ(append(2, "newer")->queue_offset.value, 3) << "it is a topic with batch queues still";
  ASSERT_TRUE(open_.store->delete_topic("B", begin + 1));
  EXPECT_EQ(bounds().max.value, 0);
}

TEST_P(BatchQueuesContract, ReadersSeeWhatIsReadable) {
  if (open_.end == nullptr) GTEST_SKIP() << "no ReadableEnd";
  std::vector<AppendReceipt> receipts;
  for (int number = 0; number < 9; ++number) receipts.push_back(append(4, text(number)).value());
  ASSERT_TRUE(open_.end->set_readable_end(receipts[5].physical_end - 1));
  EXPECT_EQ(bounds().max.value, 20);
  EXPECT_EQ(read(0).message_count, 20);
  EXPECT_EQ(read(20).status, ReadStatus::offset_overflow_one);
  EXPECT_EQ(read(30).status, ReadStatus::offset_overflow_one) << "it may have been told before";
  EXPECT_TRUE(open_.store->store_time_at("B", 0, {20}).has_error());
  EXPECT_EQ(open_.store->offset_at_time("B", 0, INT64_MAX, TimeBoundary::lower).value, 16);
  EXPECT_EQ(open_.end->whole_log().bounds("B", 0).max.value, 36);
  ASSERT_TRUE(open_.end->set_readable_end(receipts[8].physical_end));
  EXPECT_EQ(bounds().max.value, 36);
}

TEST_P(BatchQueuesContract, EverythingSurvivesARestart) {
  if (!open_.reopen) GTEST_SKIP() << "nothing survives";
  for (int number = 0; number < 500; ++number) ASSERT_TRUE(append(number % 3, text("batch ", number)));
  const QueueBounds before = bounds();
  open_.reopen(open_);
  EXPECT_EQ(bounds().max, before.max);
  EXPECT_EQ(body_at(0), "batch 0");
  EXPECT_EQ(body_at(before.max.value - 1), "batch 499");
  EXPECT_EQ(append(2, "next")->queue_offset, before.max);
  EXPECT_EQ(body_at(before.max.value + 1), "next");
}

}  // namespace tenon::testing
