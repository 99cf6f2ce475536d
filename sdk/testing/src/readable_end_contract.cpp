// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/readable_end_contract.hpp"

#include <atomic>
#include <random>
#include <thread>

namespace tenon::testing {

std::string readable_end_case_name(const ::testing::TestParamInfo<ReadableEndCase>& info) { return info.param.name; }

void ReadableEndContract::SetUp() {
  open_ = GetParam().open();
  ASSERT_NE(open_.store, nullptr);
  ASSERT_NE(open_.end, nullptr);
}

AppendReceipt ReadableEndContract::append(int number, std::int32_t queue_id) {
  const std::string body = std::to_string(number), properties = "KEYS\1k" + body + "\2";
  Message message;
  message.topic = "T";
  message.queue_id = queue_id;
  message.body = std::as_bytes(std::span(body));
  message.properties = properties;
  return open_.store->append(message).value();
}

ReadResult ReadableEndContract::read(std::int64_t offset, std::int32_t queue_id) const {
  return open_.store->read({.topic = "T", .queue_id = queue_id, .offset = {offset}, .form = ReadForm::in_memory});
}

void ReadableEndContract::bound(PhysicalOffset end) {
  const Status moved = open_.end->set_readable_end(end);
  ASSERT_TRUE(moved.has_value()) << moved.error().message();
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReadableEndContract);

TEST_P(ReadableEndContract, NothingIsHeldBackAtFirst) {
  EXPECT_EQ(open_.end->readable_end(), ReadableEnd::kUnbounded);
  append(0);
  EXPECT_EQ(max(), 1);
}

TEST_P(ReadableEndContract, QueuesEndWithTheLastRecordBelow) {
  std::vector<AppendReceipt> receipts;
  for (int number = 0; number < 20; ++number) receipts.push_back(append(number, number % 2));
  bound(receipts[12].physical_end);
  EXPECT_EQ(max(0), 7);
  EXPECT_EQ(max(1), 6);
  const ReadResult even = read(0, 0), odd = read(0, 1);
  EXPECT_EQ(even.message_count, 7);
  EXPECT_EQ(even.max_queue_offset, QueueOffset{7});
  EXPECT_EQ(even.next_queue_offset, QueueOffset{7});
  EXPECT_EQ(odd.message_count, 6);
  bound(receipts[12].physical_end - 1);
  EXPECT_EQ(max(0), 6) << "a record that is not wholly below is not shown";
  EXPECT_EQ(max(1), 6);
}

TEST_P(ReadableEndContract, SearchesEndThereToo) {
  std::vector<AppendReceipt> receipts;
  for (int number = 0; number < 10; ++number) receipts.push_back(append(number));
  bound(receipts[3].physical_end);
  EXPECT_TRUE(open_.store->store_time_at("T", 0, {3}).has_value());
  EXPECT_TRUE(open_.store->store_time_at("T", 0, {4}).has_error());
  EXPECT_EQ(open_.store->offset_at_time("T", 0, INT64_MAX, TimeBoundary::lower), QueueOffset{4});
  EXPECT_EQ(open_.store->offset_at_time("T", 0, INT64_MAX, TimeBoundary::upper), QueueOffset{3});
  const auto found = [&](MessageStore& store, std::string_view key) {
    return store.query_by_key({.topic = "T", .key = key}).value().records.size();
  };
  EXPECT_EQ(found(*open_.store, "k3"), 1U);
  EXPECT_EQ(found(*open_.store, "k4"), 0U);
  EXPECT_EQ(found(open_.end->whole_log(), "k4"), 1U);
  EXPECT_TRUE(open_.store->message_at(receipts[4].physical_offset).has_value()) << "who knows where, may ask";
}

TEST_P(ReadableEndContract, AnOffsetThatIsHeldBackIsNoMistakeOfTheReader) {
  std::vector<AppendReceipt> receipts;
  for (int number = 0; number < 10; ++number) receipts.push_back(append(number));
  bound(receipts[3].physical_end);
  for (const std::int64_t offset : {4, 7, 10}) {
    const ReadResult waiting = read(offset);
    EXPECT_EQ(waiting.status, ReadStatus::offset_overflow_one) << offset;
    EXPECT_EQ(waiting.next_queue_offset, QueueOffset{offset});
    EXPECT_EQ(waiting.max_queue_offset, QueueOffset{4});
  }
  EXPECT_EQ(read(11).status, ReadStatus::offset_overflow_badly);
  EXPECT_EQ(read(11).next_queue_offset, QueueOffset{4});
}

TEST_P(ReadableEndContract, AQueueOfWhichNothingMayBeReadIsEmpty) {
  const PhysicalOffset begin = open_.store->status().max_physical_offset;
  append(0);
  bound(begin);
  EXPECT_EQ(max(), 0);
  EXPECT_EQ(read(0).status, ReadStatus::offset_overflow_one);
  EXPECT_EQ(read(0).next_queue_offset, QueueOffset{0});
}

TEST_P(ReadableEndContract, TheWholeLogShowsEverything) {
  const AppendReceipt first = append(0);
  append(1);
  bound(first.physical_end);
  MessageStore& whole = open_.end->whole_log();
  EXPECT_EQ(whole.bounds("T", 0).max, QueueOffset{2});
  EXPECT_EQ(whole.read({.topic = "T", .queue_id = 0, .offset = {1}}).message_count, 1);
  EXPECT_TRUE(whole.store_time_at("T", 0, {1}).has_value());
  Message message;
  message.topic = "T";
  EXPECT_EQ(whole.append(message).value().queue_offset, QueueOffset{2});
  EXPECT_EQ(max(), 1);
}

TEST_P(ReadableEndContract, ItHoldsForWhatComesLaterAndIsTakenAway) {
  const AppendReceipt first = append(0);
  bound(first.physical_end + (first.physical_end - first.physical_offset));
  append(1);
  EXPECT_EQ(max(), 2) << "as long as the first, so it ends where the bound is";
  append(2);
  EXPECT_EQ(max(), 2);
  bound(ReadableEnd::kUnbounded);
  EXPECT_EQ(max(), 3);
  EXPECT_EQ(read(0).message_count, 3);
}

TEST_P(ReadableEndContract, TellsOfEachMoveOnceItShows) {
  std::vector<std::pair<PhysicalOffset, std::int64_t>> told;
  open_.end->on_moved([&](PhysicalOffset end) { told.emplace_back(end, max()); });
  const AppendReceipt first = append(0), second = append(1);
  bound(first.physical_end);
  bound(second.physical_end);
  bound(ReadableEnd::kUnbounded);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0], std::pair(first.physical_end, std::int64_t{1}));
  EXPECT_EQ(told[1], std::pair(second.physical_end, std::int64_t{2}));
  EXPECT_EQ(told[2], std::pair(ReadableEnd::kUnbounded, std::int64_t{2}));
}

TEST_P(ReadableEndContract, EveryEndOfALongLogShowsWhatLiesBelow) {
  std::mt19937 random(11);
  std::vector<AppendReceipt> receipts;
  for (int number = 0; number < 2'000; ++number) receipts.push_back(append(number, number % 7 == 0 ? 1 : 0));
  for (int round = 0; round < 200; ++round) {
    const std::size_t shown = random() % (receipts.size() + 1);
    bound(shown == 0 ? receipts[0].physical_offset : receipts[shown - 1].physical_end);
    const auto ones = static_cast<std::int64_t>((shown + 6) / 7);
    ASSERT_EQ(max(1), ones) << shown;
    ASSERT_EQ(max(0), static_cast<std::int64_t>(shown) - ones) << shown;
  }
}

TEST_P(ReadableEndContract, OutlivesARestart) {
  if (!open_.reopen) GTEST_SKIP() << "nothing survives a close of this store";
  std::vector<AppendReceipt> receipts;
  for (int number = 0; number < 10; ++number) receipts.push_back(append(number));
  bound(receipts[3].physical_end);
  open_.reopen(open_);
  EXPECT_EQ(open_.end->readable_end(), receipts[3].physical_end);
  EXPECT_EQ(max(), 4);
  bound(receipts[5].physical_end);
  open_.reopen(open_);
  EXPECT_EQ(max(), 6) << "also when nothing but the end has changed";
  bound(ReadableEnd::kUnbounded);
  open_.reopen(open_);
  EXPECT_EQ(open_.end->readable_end(), ReadableEnd::kUnbounded);
  EXPECT_EQ(max(), 10);
}

TEST_P(ReadableEndContract, NoReaderIsEverAhead) {
  std::atomic<std::int64_t> allowed{0};
  std::atomic<bool> done{false};
  bound(open_.store->status().max_physical_offset);
  std::thread reader([&] {
    for (std::int64_t at = 0; !done || at < allowed;) {
      const ReadResult result = read(at);
      const std::int64_t known = allowed;  // raised before the end is
      ASSERT_LE(result.max_queue_offset.value, known);
      ASSERT_LE(result.next_queue_offset.value, known);
      at = result.next_queue_offset.value;
    }
  });
  for (int number = 0; number < 2'000; ++number) {
    const AppendReceipt receipt = append(number);
    if (number % 3 != 0) continue;
    allowed = number + 1;
    bound(receipt.physical_end);
  }
  done = true;
  reader.join();
  EXPECT_EQ(max(), 1'999);
}

}  // namespace tenon::testing
