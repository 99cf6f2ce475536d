// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/last_record.hpp"

#include <gtest/gtest.h>

#include "ha/metadata/log_piece.hpp"
#include "logstore/store_capabilities.hpp"
#include "logstore/testing/test_store.hpp"

namespace tenon::ha {
namespace {

AppendReceipt append_to(MessageStore& store, std::size_t bytes) {
  const std::string body(bytes, 'b');
  Message message;
  message.topic = "T";
  message.body = std::as_bytes(std::span(body));
  return store.append(message).value();
}

class LastRecordTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store_.log_store().open().has_value()); }
  AppendReceipt append(std::size_t bytes) { return append_to(store_, bytes); }

  logstore::testing::TestStore disk_;
  logstore::StoreCapabilities store_{disk_.options};
};

TEST_F(LastRecordTest, OfAnEmptyLogThereIsNone) { EXPECT_FALSE(last_record(store_, {}, store_.log_max()).value()); }

TEST_F(LastRecordTest, IsTheOneBeforeTheEndThatIsAskedFor) {
  const AppendReceipt first = append(10), second = append(20);
  append(30);
  const auto found = last_record(store_, {}, second.physical_end).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->begin, second.physical_offset);
  const auto bytes = store_.read_log(found->begin, found->size, ReadForm::in_memory);
  EXPECT_TRUE(found->is(std::get<MemorySlice>(bytes->bytes).bytes));
  const auto other = store_.read_log(first.physical_offset, found->size, ReadForm::in_memory);
  EXPECT_FALSE(found->is(std::get<MemorySlice>(other->bytes).bytes));
  EXPECT_EQ(last_record(store_, found->begin, store_.log_max()).value()->begin, second.physical_end);
}

TEST_F(LastRecordTest, AFillerIsNone) {
  AppendReceipt last = append(100);
  for (AppendReceipt next = last; next.physical_offset.value < disk_.options.commit_log_file_size; next = append(100))
    last = next;
  const PhysicalOffset file_end{disk_.options.commit_log_file_size};
  EXPECT_EQ(last_record(store_, {}, file_end).value()->begin, last.physical_offset);
}

TEST(LastLargeRecord, IsPassedOverWhereNoAnswerCouldBringIt) {
  logstore::testing::TestStore disk;
  disk.options.commit_log_file_size = 64 << 20;
  disk.options.limits.body_bytes_max = 32 << 20;
  logstore::StoreCapabilities store(disk.options);
  ASSERT_TRUE(store.log_store().open().has_value());
  const AppendReceipt small = append_to(store, 10), large = append_to(store, kLogPieceBytes);
  EXPECT_EQ(last_record(store, {}, large.physical_end).value()->begin, small.physical_offset);
  const AppendReceipt next = append_to(store, 20);
  EXPECT_EQ(last_record(store, {}, next.physical_end).value()->begin, next.physical_offset);
}

TEST_F(LastRecordTest, WhereTheLogCannotBeReadItIsNotKnown) {
  const AppendReceipt last = append(100);
  const auto found = last_record(store_, {}, last.physical_end + disk_.options.commit_log_file_size);
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().is(Errc::query_not_found));
}

}  // namespace
}  // namespace tenon::ha
