// SPDX-License-Identifier: Apache-2.0
#include "tenon/testing/log_tap_contract.hpp"

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "record/record_view.hpp"

namespace tenon::testing {
namespace {

std::string topic_name(int number) { return "T" + std::to_string(number); }

}  // namespace

std::string log_tap_case_name(const ::testing::TestParamInfo<LogTapCase>& info) { return info.param.name; }

void LogTapContract::SetUp() {
  source_ = GetParam().open();
  copy_ = GetParam().open();
  ASSERT_NE(source_.tap, nullptr);
  ASSERT_NE(copy_.tap, nullptr);
}

AppendReceipt LogTapContract::append(OpenLog& log, int number, std::string_view mark) {
  const std::string topic = topic_name(number % kTopics), digits = std::to_string(number);
  const std::string body = digits + std::string(mark), properties = "KEYS\1k" + digits + "\2";
  Message message;
  message.topic = topic;
  message.queue_id = number % kQueues;
  message.body = std::as_bytes(std::span(body));
  message.properties = properties;
  const auto receipt = log.store->append(message);
  EXPECT_TRUE(receipt.has_value()) << (receipt ? "" : receipt.error().message());
  return receipt ? *receipt : AppendReceipt{};
}

void LogTapContract::fill(int from, int to) {
  for (int number = from; number < to; ++number) append(source_, number);
}

std::span<const std::byte> LogTapContract::bytes_of(const LogStretch& stretch) {
  return std::get<MemorySlice>(stretch.bytes).bytes;
}

LogStretch LogTapContract::stretch_at(PhysicalOffset from, std::int64_t bytes_max) {
  return source_.tap->read_log(from, bytes_max, ReadForm::in_memory).value();
}

void LogTapContract::replicate(std::int64_t piece) {
  while (copy_.tap->log_received() < source_.tap->log_max()) {
    const LogStretch stretch = stretch_at(copy_.tap->log_received(), piece);
    ASSERT_GT(stretch.length, 0);
    const Status taken = copy_.tap->append_log(stretch.begin, bytes_of(stretch));
    ASSERT_TRUE(taken.has_value()) << taken.error().message();
  }
}

std::string LogTapContract::body_at(const OpenLog& log, int topic, std::int32_t queue, std::int64_t offset) {
  const std::string name = topic_name(topic);
  const ReadResult result = log.store->read(
      {.topic = name, .queue_id = queue, .offset = {offset}, .max_messages = 1, .form = ReadForm::in_memory});
  if (result.status != ReadStatus::found) return text("<", static_cast<int>(result.status), ">");
  const auto view = record::RecordView::decode(std::get<MemorySlice>(result.records.at(0)).bytes).value();
  return {reinterpret_cast<const char*>(view.body().data()), view.body().size()};
}

void LogTapContract::expect_the_same() {
  ASSERT_EQ(copy_.tap->log_max(), source_.tap->log_max());
  for (int topic = 0; topic < kTopics; ++topic) {
    for (std::int32_t queue = 0; queue < kQueues; ++queue) {
      const QueueBounds wanted = source_.store->bounds(topic_name(topic), queue);
      const QueueBounds bounds = copy_.store->bounds(topic_name(topic), queue);
      ASSERT_EQ(bounds.max, wanted.max) << topic << "/" << queue;
      for (std::int64_t at = bounds.min.value; at < wanted.max.value; ++at)
        ASSERT_EQ(body_at(copy_, topic, queue, at), body_at(source_, topic, queue, at)) << topic << "/" << queue;
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LogTapContract);

TEST_P(LogTapContract, GivesRecordsAsTheyLieInTheLog) {
  fill(0, 5);
  const auto receipt = append(source_, 5);
  const LogStretch stretch = stretch_at(receipt.physical_offset);
  EXPECT_EQ(stretch.begin, receipt.physical_offset);
  EXPECT_EQ(stretch.length, receipt.physical_end - receipt.physical_offset);
  const StoredRecord record = source_.store->record_at(receipt.physical_offset).value();
  EXPECT_TRUE(std::ranges::equal(bytes_of(stretch), record.bytes));
  EXPECT_EQ(stretch_at(source_.tap->log_min(), 10).length, 10) << "not more than was asked for";
}

TEST_P(LogTapContract, NeverCrossesTheEndOfAFile) {
  fill(0, 600);
  const std::int64_t size = source_.tap->log_file_size();
  ASSERT_GT(source_.tap->log_max().value, size);
  const LogStretch stretch = stretch_at({size - 100});
  EXPECT_EQ(stretch.length, 100);
}

TEST_P(LogTapContract, KnowsItsEnds) {
  fill(0, 5);
  const PhysicalOffset end = source_.tap->log_max();
  EXPECT_EQ(stretch_at(end).length, 0);
  EXPECT_TRUE(source_.tap->read_log(end + 1, 100, ReadForm::any).error().is(Errc::query_not_found));
  EXPECT_TRUE(source_.tap->read_log(source_.tap->log_min() - 1, 100, ReadForm::any).error().is(Errc::query_not_found));
  EXPECT_EQ(source_.tap->log_received(), end);
}

TEST_P(LogTapContract, AWatcherIsToldOfAppends) {
  struct Watcher final : LogWatcher {
    void log_grew() noexcept override { ++told; }
    int told = 0;
  } watcher;
  fill(0, 2);
  source_.tap->watch(&watcher);
  fill(2, 5);
  EXPECT_EQ(watcher.told, 3);
  source_.tap->watch(nullptr);
  fill(5, 7);
  EXPECT_EQ(watcher.told, 3);
}

TEST_P(LogTapContract, RemembersTheConfirmOffset) {
  fill(0, 5);
  EXPECT_EQ(source_.tap->confirm_offset(), source_.tap->log_max()) << "until it is said";
  source_.tap->set_confirm_offset({7});
  EXPECT_EQ(source_.tap->confirm_offset(), PhysicalOffset{7});
  if (!source_.reopen) return;
  source_.reopen(source_);
  EXPECT_EQ(source_.tap->confirm_offset(), PhysicalOffset{7});
  source_.tap->set_confirm_offset(source_.tap->log_max());  // and nothing more is appended
  source_.reopen(source_);
  EXPECT_EQ(source_.tap->confirm_offset(), source_.tap->log_max());
  ASSERT_TRUE(source_.tap->truncate_log(source_.tap->log_min() + 1).has_value());
  EXPECT_EQ(source_.tap->confirm_offset(), source_.tap->log_min());
}

TEST_P(LogTapContract, ForgetsGarbageThatBytesOfTheNextFileFollow) {
  fill(0, 50);
  const PhysicalOffset damaged = append(source_, 50).physical_offset;
  fill(51, 700);
  const LogStretch first = stretch_at(source_.tap->log_min());
  const LogStretch next = stretch_at(first.begin + first.length, 1'000);
  ASSERT_EQ(next.length, 1'000);
  std::vector<std::byte> bytes(bytes_of(first).begin(), bytes_of(first).end());
  bytes.insert(bytes.end(), bytes_of(next).begin(), bytes_of(next).end());
  bytes[static_cast<std::size_t>(damaged - first.begin) + 4] ^= std::byte{0xFF};
  const Status refused = copy_.tap->append_log(first.begin, bytes);
  ASSERT_TRUE(refused.has_error());
  EXPECT_TRUE(refused.error().is(Errc::corrupt));
  EXPECT_EQ(copy_.tap->log_received(), damaged);
  replicate(10'000);
  expect_the_same();
}

TEST_P(LogTapContract, ACopyServesTheSame) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    fill(round * 50, round * 50 + 50);
    replicate(1 + static_cast<std::int64_t>(random() % 5000));
  }
  expect_the_same();
  EXPECT_EQ(copy_.store->query_by_key({.topic = "T1", .key = "k100"}).value().records.size(), 1U);
  if (!copy_.reopen) return;
  copy_.reopen(copy_);
  expect_the_same();
}

TEST_P(LogTapContract, TakesByteByByte) {
  fill(0, 10);
  replicate(1);
  expect_the_same();
}

TEST_P(LogTapContract, ServesOnlyWhatIsWhole) {
  fill(0, 3);
  const LogStretch stretch = stretch_at(source_.tap->log_min());
  const auto most = bytes_of(stretch).first(static_cast<std::size_t>(stretch.length) - 1);
  ASSERT_TRUE(copy_.tap->append_log(stretch.begin, most).has_value());
  EXPECT_EQ(copy_.tap->log_received(), source_.tap->log_max() - 1);
  EXPECT_EQ(copy_.store->bounds("T2", 0).max.value, 0);
  EXPECT_LT(copy_.tap->log_max(), copy_.tap->log_received());
}

TEST_P(LogTapContract, ACopyGoesOnAsAStoreOfItsOwn) {
  fill(0, 300);
  replicate(4096);
  const AppendReceipt receipt = append(copy_, 300);
  EXPECT_EQ(receipt.queue_offset, source_.store->bounds("T0", 0).max);
  EXPECT_EQ(receipt.physical_offset, source_.tap->log_max());
}

TEST_P(LogTapContract, AnEmptyLogMayBeginAtALaterFile) {
  fill(0, 600);
  const PhysicalOffset begin{source_.tap->log_file_size()};
  const LogStretch stretch = stretch_at(begin);
  ASSERT_GT(stretch.length, 0);
  for (const std::int64_t wrong : {std::int64_t{100}, -source_.tap->log_file_size()})
    ASSERT_TRUE(copy_.tap->append_log({wrong}, bytes_of(stretch)).error().is(Errc::invalid_parameter));
  ASSERT_TRUE(copy_.tap->append_log(begin, bytes_of(stretch)).has_value());
  replicate(10'000);
  EXPECT_EQ(copy_.tap->log_min(), begin);
  EXPECT_GT(copy_.store->bounds("T0", 0).min.value, 0);
  expect_the_same();
}

TEST_P(LogTapContract, RefusesGapsAndGarbage) {
  fill(0, 20);
  replicate(4096);
  const PhysicalOffset end = copy_.tap->log_received();
  const std::string garbage(500, '\xEE');
  EXPECT_TRUE(copy_.tap->append_log(end + 1, std::as_bytes(std::span(garbage))).error().is(Errc::invalid_parameter));
  const Status refused = copy_.tap->append_log(end, std::as_bytes(std::span(garbage)));
  ASSERT_TRUE(refused.has_error());
  EXPECT_TRUE(refused.error().is(Errc::corrupt));
  EXPECT_EQ(copy_.tap->log_received(), end);
  fill(20, 40);
  replicate(100);
  expect_the_same();
}

TEST_P(LogTapContract, CutsBackAndGoesOnAnotherWay) {
  fill(0, 900);
  replicate(9'999);
  const PhysicalOffset fork = append(source_, 900).physical_offset;
  for (int number = 900; number < 1'400; ++number) append(copy_, number, " of a master that is no more");
  const auto kept = copy_.tap->truncate_log(fork);
  ASSERT_TRUE(kept.has_value()) << kept.error().message();
  EXPECT_TRUE(std::filesystem::exists(*kept)) << *kept;
  EXPECT_EQ(copy_.tap->log_max(), fork);
  EXPECT_EQ(copy_.tap->log_received(), fork);
  EXPECT_TRUE(copy_.store->query_by_key({.topic = "T0", .key = "k900"}).value().records.empty());
  fill(901, 1'000);
  replicate(777);
  expect_the_same();
  EXPECT_EQ(copy_.store->query_by_key({.topic = "T1", .key = "k901"}).value().records.size(), 1U);
  if (!copy_.reopen) return;
  copy_.reopen(copy_);
  expect_the_same();
}

TEST_P(LogTapContract, CutsWholeRecordsOnly) {
  fill(0, 10);
  const AppendReceipt receipt = append(source_, 10);
  ASSERT_TRUE(source_.tap->truncate_log(receipt.physical_offset + 1).has_value());
  EXPECT_EQ(source_.tap->log_max(), receipt.physical_offset);
  const auto nothing = source_.tap->truncate_log(receipt.physical_offset);
  ASSERT_TRUE(nothing.has_value());
  EXPECT_EQ(*nothing, "") << "there was nothing to cut";
  EXPECT_EQ(append(source_, 10).physical_offset, receipt.physical_offset);
  const Status beyond = [&] {
    const auto cut = source_.tap->truncate_log(source_.tap->log_max() + 1);
    return cut ? Status{} : Status(cut.error());
  }();
  ASSERT_TRUE(beyond.has_error());
  EXPECT_TRUE(beyond.error().is(Errc::invalid_parameter));
}

TEST_P(LogTapContract, CutsAtTheBeginOfAFile) {
  fill(0, 600);
  const PhysicalOffset file{source_.tap->log_file_size()};
  ASSERT_TRUE(source_.tap->truncate_log(file).has_value());
  EXPECT_EQ(source_.tap->log_max(), file);
  EXPECT_EQ(append(source_, 0).physical_offset, file);
}

TEST_P(LogTapContract, ForgetsARecordThatIsNotWholeWhenItIsCutAtItsEnd) {
  fill(0, 3);
  const LogStretch stretch = stretch_at(source_.tap->log_min());
  const auto most = bytes_of(stretch).first(static_cast<std::size_t>(stretch.length) - 1);
  ASSERT_TRUE(copy_.tap->append_log(stretch.begin, most).has_value());
  ASSERT_TRUE(copy_.tap->truncate_log(copy_.tap->log_max()).has_value());
  EXPECT_EQ(copy_.tap->log_received(), copy_.tap->log_max());
  replicate(50);
  expect_the_same();
}

TEST_P(LogTapContract, CutToNothingItMayBeginAnywhere) {
  fill(0, 600);
  replicate(5'000);
  ASSERT_TRUE(copy_.tap->truncate_log(copy_.tap->log_min()).has_value());
  EXPECT_EQ(copy_.tap->log_max(), copy_.tap->log_min());
  EXPECT_EQ(body_at(copy_, 0, 0, 0), text("<", static_cast<int>(ReadStatus::no_message_in_queue), ">"));
  const PhysicalOffset begin{source_.tap->log_file_size()};
  ASSERT_TRUE(copy_.tap->append_log(begin, bytes_of(stretch_at(begin))).has_value());
  replicate(5'000);
  EXPECT_EQ(copy_.tap->log_min(), begin);
  expect_the_same();
}

TEST_P(LogTapContract, WhatAReaderHoldsStaysAsItWas) {
  fill(0, 20);
  const StoredRecord held = source_.store->record_at(source_.tap->log_min()).value();
  const std::vector<std::byte> before(held.bytes.begin(), held.bytes.end());
  ASSERT_TRUE(source_.tap->truncate_log(source_.tap->log_min()).has_value());
  for (int number = 0; number < 20; ++number) append(source_, number, "something else");
  EXPECT_TRUE(std::ranges::equal(held.bytes, before));
}

TEST_P(LogTapContract, ReadersGoOnWhileALogIsReceivedAndCut) {
  fill(0, 400);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::thread reader([&] {
    while (!done) {
      const std::int64_t max = copy_.store->bounds("T1", 1).max.value;
      for (std::int64_t at = std::max<std::int64_t>(max - 50, 0); at < max; ++at) {
        const std::string body = body_at(copy_, 1, 1, at);  // T1 and queue 1: 1, 7, 13, ...
        if (!body.starts_with("<") && body != std::to_string(at * kTopics * kQueues + 1)) ++wrong;
      }
    }
  });
  for (int round = 0; round < 6; ++round) {
    replicate(4'000);
    const auto cut = copy_.tap->truncate_log({copy_.tap->log_max().value / (2 + round % 3)});
    EXPECT_TRUE(cut.has_value()) << cut.error().message();
  }
  replicate(4'000);
  done = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
  expect_the_same();
}

}  // namespace tenon::testing
