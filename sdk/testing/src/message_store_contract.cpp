// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/message_store_contract.hpp"

#include <unistd.h>

#include <thread>

#include "record/record_view.hpp"

namespace tenon::testing {
namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Passes messages whose tags code is the given one; with `property`, only those that have it as well.
class OnlyTag final : public CompiledFilter {
 public:
  explicit OnlyTag(std::string_view tag, std::string_view property = {})
      : code_(java_string_hash(tag)), property_(property) {}
  bool match_index(const IndexEntry& entry) const noexcept override { return entry.tags_code == code_; }
  bool needs_properties() const noexcept override { return !property_.empty(); }
  bool match_properties(const PropertiesView& properties) const noexcept override {
    return properties.find(property_).has_value();
  }

 private:
  std::int64_t code_;
  std::string_view property_;
};

/// The bytes of a slice, brought to `storage` if they lie in a file.
std::span<const std::byte> bytes_of(const Slice& slice, std::vector<std::byte>& storage) {
  if (const auto* memory = std::get_if<MemorySlice>(&slice)) return memory->bytes;
  const auto& file = std::get<FileSlice>(slice);
  storage.resize(static_cast<std::size_t>(file.length));
  const ssize_t got = ::pread(file.descriptor, storage.data(), storage.size(), file.offset);
  if (got != file.length) ADD_FAILURE() << "a file slice of " << file.length << " bytes gave " << got;
  return storage;
}

}  // namespace

std::string store_case_name(const ::testing::TestParamInfo<StoreCase>& info) { return info.param.name; }

void MessageStoreContract::SetUp() {
  open_ = GetParam().open();
  ASSERT_NE(open_.store, nullptr);
}

Message MessageStoreContract::message(std::string_view topic, std::int32_t queue_id, std::string body,
                                      std::string properties) {
  const auto keep = [this](std::string&& value) -> const std::string& {
    return *texts_.emplace_back(std::make_unique<std::string>(std::move(value)));
  };
  Message made;
  made.topic = keep(std::string(topic));
  made.queue_id = queue_id;
  made.born_timestamp_ms = 1'700'000'000'000;
  made.born_host = HostAddress::v4({127, 0, 0, 1}, 50'000);
  made.store_host = HostAddress::v4({127, 0, 0, 1}, 10'911);
  made.body = std::as_bytes(std::span(keep(std::move(body))));
  made.properties = keep(std::move(properties));
  return made;
}

AppendReceipt MessageStoreContract::append(std::string_view topic, std::int32_t queue_id, std::string body,
                                           std::string properties) {
  return store().append(message(topic, queue_id, std::move(body), std::move(properties))).value();
}

ReadResult MessageStoreContract::read(std::string_view topic, std::int32_t queue_id, std::int64_t offset,
                                      std::int32_t max_messages) {
  ReadRequest request;
  request.topic = topic;
  request.queue_id = queue_id;
  request.offset = {offset};
  request.max_messages = max_messages;
  return store().read(request);
}

std::vector<std::string> MessageStoreContract::bodies(const ReadResult& result) {
  std::vector<std::string> found;
  for (const Slice& slice : result.records) {
    std::vector<std::byte> from_file;
    std::span<const std::byte> rest = bytes_of(slice, from_file);
    while (!rest.empty()) {
      const auto view = record::RecordView::decode(rest);
      if (!view) {
        ADD_FAILURE() << view.error().message();
        return found;
      }
      found.push_back(text_of(view->body()));
      rest = rest.subspan(static_cast<std::size_t>(view->total_size()));
    }
  }
  return found;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MessageStoreContract);

TEST_P(MessageStoreContract, OffsetsGrowByOneInEachQueue) {
  EXPECT_EQ(append("T", 0, "a").queue_offset, QueueOffset{0});
  EXPECT_EQ(append("T", 1, "b").queue_offset, QueueOffset{0});
  EXPECT_EQ(append("T", 0, "c").queue_offset, QueueOffset{1});
  EXPECT_EQ(append("U", 0, "d").queue_offset, QueueOffset{0});
  EXPECT_EQ(store().bounds("T", 0).max, QueueOffset{2});
  EXPECT_EQ(store().bounds("T", 0).min, QueueOffset{0});
  EXPECT_EQ(store().bounds("T", 7).max, QueueOffset{0});
}

TEST_P(MessageStoreContract, AnAppendIsReadableWhenItReturns) {
  for (int count = 0; count < 500; ++count) {
    append("T", 3, std::to_string(count));
    const ReadResult result = read("T", 3, count);
    ASSERT_EQ(result.status, ReadStatus::found);
    ASSERT_EQ(bodies(result), std::vector<std::string>{std::to_string(count)});
    ASSERT_EQ(result.next_queue_offset, QueueOffset{count + 1});
    ASSERT_EQ(result.max_queue_offset, QueueOffset{count + 1});
  }
}

TEST_P(MessageStoreContract, PhysicalOffsetsAreInOrderAndNameTheEnd) {
  const AppendReceipt first = append("T", 0, "one"), second = append("T", 1, "two");
  EXPECT_GE(second.physical_offset, first.physical_end);
  EXPECT_EQ(store().status().max_physical_offset, second.physical_end);
  EXPECT_GE(second.store_timestamp_ms, first.store_timestamp_ms);
}

TEST_P(MessageStoreContract, ReadHonoursTheCount) {
  for (int count = 0; count < 10; ++count) append("T", 0, std::to_string(count));
  const ReadResult result = read("T", 0, 2, 3);
  EXPECT_EQ(bodies(result), (std::vector<std::string>{"2", "3", "4"}));
  EXPECT_EQ(result.message_count, 3);
  EXPECT_EQ(result.next_queue_offset, QueueOffset{5});
  EXPECT_EQ(read("T", 0, 2, 0).message_count, 1) << "at least one is returned";
}

TEST_P(MessageStoreContract, ReadHonoursTheBytesButReturnsTheFirst) {
  for (int count = 0; count < 4; ++count) append("T", 0, std::string(1000, 'x'));
  ReadRequest request{
      .topic = "T", .queue_id = 0, .offset = {0}, .max_messages = 32, .max_bytes = 2500, .filter = nullptr};
  EXPECT_EQ(store().read(request).message_count, 2);
  request.max_bytes = 1;
  EXPECT_EQ(store().read(request).message_count, 1);
}

TEST_P(MessageStoreContract, TotalBytesAreThoseOfTheSlices) {
  for (int count = 0; count < 5; ++count) append("T", 0, "body");
  const ReadResult result = read("T", 0, 0);
  std::int64_t sum = 0;
  for (const Slice& slice : result.records) {
    if (const auto* memory = std::get_if<MemorySlice>(&slice)) sum += static_cast<std::int64_t>(memory->bytes.size());
    if (const auto* file = std::get_if<FileSlice>(&slice)) sum += file->length;
  }
  EXPECT_EQ(sum, result.total_bytes);
}

TEST_P(MessageStoreContract, WhoeverLooksIntoRecordsGetsThemInMemory) {
  for (int count = 0; count < 8; ++count) append("T", 0, std::string(9000, static_cast<char>('a' + count)));
  const ReadRequest request{.topic = "T",
                            .queue_id = 0,
                            .offset = {0},
                            .max_messages = 8,
                            .max_bytes = 1 << 20,
                            .filter = nullptr,
                            .form = ReadForm::in_memory};
  const ReadResult result = store().read(request);
  for (const Slice& slice : result.records) EXPECT_TRUE(std::holds_alternative<MemorySlice>(slice));
  ASSERT_EQ(result.message_count, 8);
  const auto found = bodies(result);
  ASSERT_EQ(found.size(), 8U);
  for (std::size_t index = 0; index < found.size(); ++index)
    EXPECT_EQ(found[index], std::string(9000, static_cast<char>('a' + index)));
}

TEST_P(MessageStoreContract, LongRunsAreWholeInWhateverForm) {
  for (int count = 0; count < 24; ++count) append("T", 0, std::string(5000, static_cast<char>('a' + count)));
  const auto found = bodies(read("T", 0, 0));
  ASSERT_EQ(found.size(), 24U);
  for (std::size_t index = 0; index < found.size(); ++index)
    EXPECT_EQ(found[index], std::string(5000, static_cast<char>('a' + index)));
}

TEST_P(MessageStoreContract, WhatWasJustAppendedNeedsNoWait) {
  for (int count = 0; count < 100; ++count) append("T", 0, "x");
  ReadRequest request{.topic = "T", .queue_id = 0, .offset = {0}, .max_messages = 32};
  request.wait = ReadWait::never;
  EXPECT_EQ(store().read(request).status, ReadStatus::found);
  request.offset = {99};
  EXPECT_EQ(store().read(request).status, ReadStatus::found);
}

TEST_P(MessageStoreContract, ReadPastTheEndSaysSoAndNamesTheEnd) {
  for (int count = 0; count < 3; ++count) append("T", 0, "x");
  const ReadResult at_end = read("T", 0, 3);
  EXPECT_EQ(at_end.status, ReadStatus::offset_overflow_one);
  EXPECT_EQ(at_end.next_queue_offset, QueueOffset{3});
  const ReadResult beyond = read("T", 0, 9);
  EXPECT_EQ(beyond.status, ReadStatus::offset_overflow_badly);
  EXPECT_EQ(beyond.next_queue_offset, QueueOffset{3});
}

TEST_P(MessageStoreContract, AnUnknownQueueIsEmpty) {
  const ReadResult result = read("nobody", 0, 0);
  EXPECT_EQ(result.status, ReadStatus::no_message_in_queue);
  EXPECT_EQ(result.next_queue_offset, QueueOffset{0});
  EXPECT_EQ(store().bounds("nobody", 0).max, QueueOffset{0});
  EXPECT_TRUE(store().store_time_at("nobody", 0, {0}).has_error());
}

TEST_P(MessageStoreContract, NegativeOffsetsAreTooSmall) {
  append("T", 0, "x");
  EXPECT_EQ(read("T", 0, -1).status, ReadStatus::offset_too_small);
}

TEST_P(MessageStoreContract, FiltersSeeTagsAndProperties) {
  for (int count = 0; count < 6; ++count) {
    std::string properties = count % 2 == 0 ? "TAGS\1TagA\2" : "TAGS\1TagB\2";
    if (count == 4) properties += "colour\1red\2";
    append("T", 0, std::to_string(count), properties);
  }
  const OnlyTag tag_a("TagA"), red("TagA", "colour"), none("TagC");
  ReadRequest request{
      .topic = "T", .queue_id = 0, .offset = {0}, .max_messages = 32, .max_bytes = 1 << 20, .filter = &tag_a};
  EXPECT_EQ(bodies(store().read(request)), (std::vector<std::string>{"0", "2", "4"}));
  request.filter = &red;
  EXPECT_EQ(bodies(store().read(request)), (std::vector<std::string>{"4"}));
  request.filter = &none;
  const ReadResult nothing = store().read(request);
  EXPECT_EQ(nothing.status, ReadStatus::no_matched_message);
  EXPECT_EQ(nothing.next_queue_offset, QueueOffset{6});
}

TEST_P(MessageStoreContract, WhatAFilterDoesNotWantIsBehindTheReaderToo) {
  for (int count = 0; count < 3; ++count) append("T", 0, "x", "TAGS\1TagB\2");
  append("U", 0, "newer");
  const OnlyTag none("TagC");
  const ReadRequest request{
      .topic = "T", .queue_id = 0, .offset = {0}, .max_messages = 32, .max_bytes = 1 << 20, .filter = &none};
  EXPECT_EQ(store().read(request).bytes_behind, read("U", 0, 0).total_bytes);
}

TEST_P(MessageStoreContract, ABatchIsConsecutive) {
  append("T", 0, "before");
  std::vector<Message> batch;
  for (int count = 0; count < 5; ++count) batch.push_back(message("T", 0, "b" + std::to_string(count)));
  std::vector<PhysicalOffset> offsets(batch.size());
  const AppendReceipt receipt = store().append_batch(batch, offsets).value();
  EXPECT_EQ(receipt.queue_offset, QueueOffset{1});
  EXPECT_EQ(receipt.physical_offset, offsets[0]);
  EXPECT_EQ(store().bounds("T", 0).max, QueueOffset{6});
  EXPECT_EQ(bodies(read("T", 0, 1)), (std::vector<std::string>{"b0", "b1", "b2", "b3", "b4"}));
  for (std::size_t index = 0; index < offsets.size(); ++index) {
    EXPECT_EQ(text_of(store().message_at(offsets[index]).value().message.body), "b" + std::to_string(index));
  }
  EXPECT_TRUE(store().append_batch({}, {}).error().is(Errc::message_illegal));
}

TEST_P(MessageStoreContract, ARefusedBatchStoresNothing) {
  std::vector<Message> batch{message("T", 0, "good"), message("T", 0, "bad", std::string(40'000, 'p'))};
  std::vector<PhysicalOffset> offsets(batch.size());
  EXPECT_TRUE(store().append_batch(batch, offsets).error().is(Errc::message_illegal));
  EXPECT_EQ(store().bounds("T", 0).max, QueueOffset{0});
}

TEST_P(MessageStoreContract, IllegalMessagesAreRefused) {
  EXPECT_TRUE(store().append(message("", 0, "x")).error().is(Errc::message_illegal));
  EXPECT_TRUE(store().append(message(std::string(256, 't'), 0, "x")).error().is(Errc::message_illegal));
  EXPECT_TRUE(store().append(message("T", -1, "x")).error().is(Errc::message_illegal));
  EXPECT_TRUE(store().append(message("T", 0, "x", std::string(32'768, 'p'))).error().is(Errc::message_illegal));
}

TEST_P(MessageStoreContract, MessagesComeBackWhole) {
  Message sent = message("%RETRY%" + std::string(150, 'g'), 2, "body", "KEYS\1k1\2TAGS\1t\2");
  sent.flag = -7;
  sent.sys_flag = sys_flag::compressed;
  sent.reconsume_times = 3;
  sent.born_host = HostAddress::parse("[::1]:4711").value();
  sent.prepared_transaction_offset = {42};
  const AppendReceipt receipt = store().append(sent).value();
  const StoredMessage back = store().message_at(receipt.physical_offset).value();
  EXPECT_EQ(back.message.topic, sent.topic);
  EXPECT_EQ(back.message.queue_id, 2);
  EXPECT_EQ(back.message.flag, -7);
  EXPECT_EQ(back.message.reconsume_times, 3);
  EXPECT_EQ(back.message.born_host, sent.born_host);
  EXPECT_EQ(back.message.store_host, sent.store_host);
  EXPECT_EQ(back.message.properties, sent.properties);
  EXPECT_EQ(back.message.prepared_transaction_offset, PhysicalOffset{42});
  EXPECT_EQ(text_of(back.message.body), "body");
  EXPECT_EQ(back.store_timestamp_ms, receipt.store_timestamp_ms);
  EXPECT_EQ(back.physical_offset, receipt.physical_offset);
}

TEST_P(MessageStoreContract, OnlyStartsOfRecordsAreFound) {
  const AppendReceipt receipt = append("T", 0, "a body that is long enough");
  EXPECT_TRUE(store().record_at(receipt.physical_offset).has_value());
  for (const std::int64_t offset :
       {receipt.physical_offset.value + 1, receipt.physical_end.value, std::int64_t{-1}, INT64_MAX}) {
    const auto missing = store().record_at({offset});
    ASSERT_TRUE(missing.has_error()) << offset;
    EXPECT_TRUE(missing.error().is(Errc::query_not_found)) << offset;
  }
}

TEST_P(MessageStoreContract, AResultStaysReadableWhileItIsHeld) {
  append("T", 0, "kept");
  const ReadResult held = read("T", 0, 0);
  ASSERT_TRUE(store().delete_topic("T", MessageStore::kWholeLog).has_value());
  for (int count = 0; count < 200; ++count) append("T", 0, "new");
  EXPECT_EQ(bodies(held), std::vector<std::string>{"kept"});
}

TEST_P(MessageStoreContract, ADeletedTopicStartsAgainAtZero) {
  for (int count = 0; count < 100; ++count) append("T", 0, "old");
  append("Other", 0, "stays");
  ASSERT_TRUE(store().delete_topic("T", MessageStore::kWholeLog).has_value());
  EXPECT_EQ(store().bounds("T", 0).max, QueueOffset{0});
  EXPECT_EQ(read("T", 0, 0).status, ReadStatus::no_message_in_queue);
  EXPECT_EQ(append("T", 0, "new").queue_offset, QueueOffset{0});
  EXPECT_EQ(bodies(read("T", 0, 0)), std::vector<std::string>{"new"});
  EXPECT_EQ(store().bounds("Other", 0).max, QueueOffset{1});
}

TEST_P(MessageStoreContract, ADeletedTopicLosesOnlyTheQueuesThatBeginBelowTheOffset) {
  append("T", 0, "old");
  const PhysicalOffset end = append("T", 1, "old").physical_end;
  append("T", 0, "of the same queue");
  append("T", 2, "new");
  append("T", 2, "newer");
  ASSERT_TRUE(store().delete_topic("T", end).has_value());
  EXPECT_EQ(store().bounds("T", 0).max, QueueOffset{0});
  EXPECT_EQ(store().bounds("T", 1).max, QueueOffset{0});
  EXPECT_EQ(bodies(read("T", 2, 0)), (std::vector<std::string>{"new", "newer"}));
  EXPECT_EQ(append("T", 2, "newest").queue_offset, QueueOffset{2});
  EXPECT_EQ(append("T", 0, "again").queue_offset, QueueOffset{0});
  EXPECT_EQ(bodies(read("T", 0, 0)), std::vector<std::string>{"again"});
}

TEST_P(MessageStoreContract, SearchByTimeFindsTheNeighbours) {
  std::vector<std::int64_t> times;
  for (int count = 0; count < 20; ++count) times.push_back(append("T", 0, "x").store_timestamp_ms);
  EXPECT_EQ(store().offset_at_time("T", 0, 0, TimeBoundary::lower), QueueOffset{0});
  EXPECT_EQ(store().offset_at_time("T", 0, 0, TimeBoundary::upper), QueueOffset{0});
  EXPECT_EQ(store().offset_at_time("T", 0, times.back() + 1, TimeBoundary::lower), QueueOffset{20});
  EXPECT_EQ(store().offset_at_time("T", 0, times.back() + 1, TimeBoundary::upper), QueueOffset{19});
  const auto first = std::lower_bound(times.begin(), times.end(), times[10]) - times.begin();
  const auto last = std::upper_bound(times.begin(), times.end(), times[10]) - times.begin() - 1;
  EXPECT_EQ(store().offset_at_time("T", 0, times[10], TimeBoundary::lower), QueueOffset{first});
  EXPECT_EQ(store().offset_at_time("T", 0, times[10], TimeBoundary::upper), QueueOffset{last});
  EXPECT_EQ(store().offset_at_time("nobody", 0, times[10], TimeBoundary::lower), QueueOffset{0});
  EXPECT_EQ(store().store_time_at("T", 0, {7}).value(), times[7]);
  EXPECT_TRUE(store().store_time_at("T", 0, {20}).has_error());
}

TEST_P(MessageStoreContract, KeysFindTheirMessages) {
  append("T", 0, "1", "KEYS\1red green\2UNIQ_KEY\1U1\2");
  append("T", 1, "2", "KEYS\1green\2UNIQ_KEY\1U2\2");
  append("Other", 0, "3", "KEYS\1green\2");
  const auto find = [&](std::string_view key) {
    std::vector<std::string> found;
    const KeyQueryResult result = store().query_by_key({.topic = "T", .key = key}).value();
    for (const StoredRecord& stored : result.records)
      found.push_back(text_of(record::RecordView::decode(stored.bytes)->body()));
    return found;
  };
  EXPECT_EQ(find("green"), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(find("red"), std::vector<std::string>{"1"});
  EXPECT_EQ(find("U2"), std::vector<std::string>{"2"});
  EXPECT_TRUE(find("blue").empty());
  EXPECT_EQ(store().query_by_key({.topic = "T", .key = "green", .max_messages = 1}).value().records.size(), 1U);
  EXPECT_TRUE(store().query_by_key({.topic = "T", .key = "green", .end_timestamp_ms = 1}).value().records.empty());
}

TEST_P(MessageStoreContract, ManyThreadsGetDistinctOffsetsAndReadTheirOwn) {
  constexpr int kThreads = 4, kEach = 500;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      std::string body = "t" + std::to_string(thread);
      Message mine;
      mine.topic = "T";
      mine.body = std::as_bytes(std::span(body));
      for (int count = 0; count < kEach; ++count) {
        const AppendReceipt receipt = store().append(mine).value();
        ReadRequest request{.topic = "T", .queue_id = 0, .offset = receipt.queue_offset, .max_messages = 1};
        EXPECT_EQ(bodies(store().read(request)), std::vector<std::string>{body});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store().bounds("T", 0).max, QueueOffset{kThreads * kEach});
}

TEST_P(MessageStoreContract, EverythingIsThereAfterReopening) {
  for (int count = 0; count < 150; ++count)
    append("T", count % 3, std::to_string(count), "KEYS\1k" + std::to_string(count) + "\2");
  const PhysicalOffset end = store().status().max_physical_offset;
  if (!open_.reopen) GTEST_SKIP() << "nothing survives a close of this store";
  open_.store = open_.reopen();
  ASSERT_NE(open_.store, nullptr);
  EXPECT_EQ(store().status().max_physical_offset, end);
  for (int queue = 0; queue < 3; ++queue) {
    EXPECT_EQ(store().bounds("T", queue).max, QueueOffset{50});
    EXPECT_EQ(bodies(read("T", queue, 49)), std::vector<std::string>{std::to_string(147 + queue)});
  }
  EXPECT_EQ(store().query_by_key({.topic = "T", .key = "k77"}).value().records.size(), 1U);
  EXPECT_EQ(append("T", 1, "next").queue_offset, QueueOffset{50});
}

}  // namespace tenon::testing
