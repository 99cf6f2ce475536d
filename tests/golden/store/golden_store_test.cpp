// SPDX-License-Identifier: Apache-2.0
// What the Java broker served from a directory, Tenon serves from it, too, also after it has opened and closed it.
#include "golden_store.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "golden_directory.hpp"
#include "record/message_id.hpp"
#include "record/record_encoder.hpp"
#include "record/record_view.hpp"
#include "sha256.hpp"

namespace tenon::golden {
namespace {

using fastjson::Value;

using Engine = logstore::testing::Engine;

/// The bytes of a slice, brought to `storage` if they lie in a file.
std::span<const std::byte> bytes_of(const Slice& slice, std::vector<std::byte>& storage) {
  if (const auto* memory = std::get_if<MemorySlice>(&slice)) return memory->bytes;
  const auto& file = std::get<FileSlice>(slice);
  storage.resize(static_cast<std::size_t>(file.length));
  EXPECT_EQ(::pread(file.descriptor, storage.data(), storage.size(), file.offset), file.length);
  return storage;
}

std::string case_name(const ::testing::TestParamInfo<std::tuple<const char*, Engine>>& info) {
  std::string name = std::get<0>(info.param);
  std::replace_if(
      name.begin(), name.end(), [](char letter) { return letter == '-' || letter == '.'; }, '_');
  return name + (std::get<1>(info.param) == Engine::mmap ? "_mmap" : "_sendfile");
}

class GoldenStoreTest : public ::testing::TestWithParam<std::tuple<const char*, Engine>> {
 protected:
  void SetUp() override {
    TENON_NEED_GOLDEN();
    golden_ = std::make_unique<GoldenStore>(archive(), std::get<1>(GetParam()));
  }
  std::string archive() const { return std::get<0>(GetParam()); }
  std::string_view archive_view() const { return std::get<0>(GetParam()); }
  logstore::LogStore& store() { return golden_->store(); }
  const Value& expected(std::string_view member) const { return *golden_->expected().find(member); }
  bool is_4_9() const { return archive_view().ends_with("4.9.7"); }

  void check_queues();
  void check_messages(const Value& queue);
  void check_searches(const Value& queue);
  void check_pulls();
  void check_keys(std::string_view member, std::string_view prefix);

  std::unique_ptr<GoldenStore> golden_;
};

void GoldenStoreTest::check_messages(const Value& queue) {
  const std::string topic = queue.text_or("topic", "");
  std::int64_t at = queue.i64_or("min", -1);
  for (const Value& message : queue.find("messages")->elements()) {
    // Not the record's own queue offset: a light queue points to records of another one.
    const ReadResult result =
        store().read({.topic = topic, .queue_id = queue.i32_or("queueId", -1), .offset = {at}, .max_messages = 1});
    ASSERT_EQ(result.status, ReadStatus::found) << topic << " at " << at;
    std::vector<std::byte> storage;
    const auto bytes = bytes_of(result.records.at(0), storage);
    EXPECT_EQ(sha256(bytes), message.text_or("recordSha256", "")) << topic << " at " << at;
    const auto view = record::RecordView::decode(bytes).value();
    EXPECT_EQ(view.physical_offset().value, message.i64_or("phyOffset", -1));
    EXPECT_EQ(record::to_string({view.store_host(), view.physical_offset()}), message.text_or("offsetMsgId", ""));
    // The format leaves no choice: encoding the same message gives the same bytes.
    std::vector<std::byte> again(record::encoded_size(view.message()));
    record::encode(view.message(), again.data());
    record::patch(again.data(), {view.queue_offset(), view.physical_offset(), view.store_timestamp_ms()},
                  view.born_host().is_v6());
    EXPECT_TRUE(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end())) << topic << " at " << at;
    at = result.next_queue_offset.value;
  }
}

void GoldenStoreTest::check_searches(const Value& queue) {
  if (is_4_9()) return;  // another rule, by the modification times of files
  const std::string topic = queue.text_or("topic", "");
  const std::int32_t id = queue.i32_or("queueId", -1);
  for (const Value& search : queue.find("searches")->elements()) {
    const std::int64_t time = search.i64_or("timestamp", -1);
    EXPECT_EQ(store().offset_at_time(topic, id, time, TimeBoundary::lower).value, search.i64_or("lower", -1))
        << topic << "/" << id << " " << time;
    // Between two batches the Java broker's upper answers the one behind or the begin of the queue, as it happens.
    const bool batches = archive_view().starts_with("batchcq") && topic == "Boxes";
    if (batches && store().store_time_at(topic, id, {search.i64_or("lower", -1)}).value() != time) continue;
    EXPECT_EQ(store().offset_at_time(topic, id, time, TimeBoundary::upper).value, search.i64_or("upper", -1))
        << topic << "/" << id << " " << time;
  }
}

void GoldenStoreTest::check_queues() {
  const StoreStatus status = store().status();
  EXPECT_EQ(status.min_physical_offset.value, expected("commitLog").i64_or("min", -1));
  EXPECT_EQ(status.max_physical_offset.value, expected("commitLog").i64_or("max", -1));
  for (const Value& queue : expected("queues").elements()) {
    const std::string topic = queue.text_or("topic", "");
    const std::int32_t id = queue.i32_or("queueId", -1);
    const QueueBounds bounds = store().bounds(topic, id);
    EXPECT_EQ(bounds.min.value, queue.i64_or("min", -1)) << topic << "/" << id;
    EXPECT_EQ(bounds.max.value, queue.i64_or("max", -1)) << topic << "/" << id;
    const auto earliest = store().store_time_at(topic, id, bounds.min);
    EXPECT_EQ(earliest ? *earliest : -1, queue.i64_or("earliestStoreTime", -2)) << topic << "/" << id;
    check_messages(queue);
    check_searches(queue);
  }
}

void GoldenStoreTest::check_pulls() {
  // A slave answers an offset outside of the queue with the same offset, so that its clients wait for it to catch up.
  if (archive_view().starts_with("slave")) return;
  for (const Value& pull : expected("edgePulls").elements()) {
    const std::string topic = pull.text_or("topic", "");
    const std::int64_t at = pull.i64_or("offset", -1);
    const ReadResult result =
        store().read({.topic = topic, .queue_id = pull.i32_or("queueId", -1), .offset = {at}, .max_messages = 1});
    const std::int32_t code = pull.i32_or("code", -1);
    if (code != 0 && code != 19 && code != 20 && code != 21) continue;  // refused before the store was asked
    const std::string where = text(topic, "/", pull.i32_or("queueId", -1), " at ", at);
    EXPECT_EQ(result.next_queue_offset.value, pull.i64_or("nextBeginOffset", -1)) << where;
    EXPECT_EQ(result.min_queue_offset.value, pull.i64_or("minOffset", -1)) << where;
    EXPECT_EQ(result.max_queue_offset.value, pull.i64_or("maxOffset", -1)) << where;
    EXPECT_EQ(result.total_bytes, pull.i64_or("bytes", -1)) << where;
  }
}

void GoldenStoreTest::check_keys(std::string_view member, std::string_view prefix) {
  for (const Value& query : expected(member).elements()) {
    const std::string topic = query.text_or("topic", ""), key = std::string(prefix) + query.text_or("key", "");
    const auto result = store().query_by_key({.topic = topic,
                                              .key = key,
                                              .max_messages = query.i32_or("maxNum", 0),
                                              .begin_timestamp_ms = query.i64_or("begin", 0),
                                              .end_timestamp_ms = query.i64_or("end", 0)});
    std::vector<std::int64_t> found, wanted;
    for (const StoredRecord& stored : result.value().records)
      found.push_back(record::RecordView::decode(stored.bytes)->physical_offset().value);
    for (const Value& offset : query.find("phyOffsets")->elements()) wanted.push_back(*offset.as_i64());
    EXPECT_EQ(found, wanted) << topic << " " << key << " max " << query.i32_or("maxNum", 0) << " from "
                             << query.i64_or("begin", 0);
  }
}

/// Directories that the Java broker closed cleanly.
class CleanGoldenStoreTest : public GoldenStoreTest {};

TEST_P(CleanGoldenStoreTest, ServesWhatTheJavaBrokerServed) {
  check_queues();
  check_pulls();
  check_keys("keyQueries", "");
  check_keys("uniqueKeyQueries", "");
  if (!is_4_9()) check_keys("tagQueries", "T#");
}

TEST_P(CleanGoldenStoreTest, ServesTheSameAfterItsOwnClose) {
  golden_->reopen();
  check_queues();
  check_keys("keyQueries", "");
}

constexpr auto kEngines = [] { return ::testing::Values(Engine::mmap, Engine::sendfile); };

INSTANTIATE_TEST_SUITE_P(Java, CleanGoldenStoreTest,
                         ::testing::Combine(::testing::Values("clean-4.9.7", "clean-5.4.0", "delay-4.9.7",
                                                              "delay-5.4.0", "transaction-4.9.7", "transaction-5.4.0",
                                                              "retry-4.9.7", "retry-5.4.0", "pop-5.4.0",
                                                              "propcrc-5.4.0", "timer-5.4.0", "lmq-4.9.7", "lmq-5.4.0",
                                                              "retention-4.9.7", "retention-5.4.0", "master-4.9.7",
                                                              "slave-4.9.7", "batchcq-5.4.0"),
                                            kEngines()),
                         case_name);

/// Directories of a broker that was killed, or that were damaged afterwards.
class DamagedGoldenStoreTest : public GoldenStoreTest {};

TEST_P(DamagedGoldenStoreTest, RecoversWhatTheJavaBrokerRecovered) {
  check_queues();
  check_pulls();
}

TEST_P(DamagedGoldenStoreTest, IsWholeAfterRecovery) {
  golden_->reopen();
  check_queues();
}

INSTANTIATE_TEST_SUITE_P(Java, DamagedGoldenStoreTest,
                         ::testing::Combine(::testing::Values("unclean-4.9.7", "unclean-5.4.0", "torn-4.9.7",
                                                              "torn-5.4.0", "flip-4.9.7", "flip-5.4.0"),
                                            kEngines()),
                         case_name);

/// Directories with more than logs and queues: what is made again from the log is as it was.
class ExtendedGoldenStoreTest : public GoldenStoreTest {};

TEST_P(ExtendedGoldenStoreTest, ServesTheSameAfterACrash) {
  golden_->recover();
  check_queues();
  check_pulls();
}

INSTANTIATE_TEST_SUITE_P(Java, ExtendedGoldenStoreTest,
                         ::testing::Combine(::testing::Values("lmq-4.9.7", "lmq-5.4.0", "propcrc-5.4.0", "cqext-4.9.7",
                                                              "cqext-5.4.0", "batchcq-5.4.0"),
                                            kEngines()),
                         case_name);

class AcknowledgedGoldenStoreTest : public GoldenStoreTest {};

TEST_P(AcknowledgedGoldenStoreTest, EveryAcknowledgedMessageIsThere) {
  std::ifstream lines(golden::directory() / "store" / (archive() + ".acknowledged.txt"));
  std::string id;
  std::int32_t queue_id = 0;
  std::int64_t queue_offset = 0;
  int count = 0;
  for (; lines >> id >> queue_id >> queue_offset; ++count) {
    const auto parsed = record::parse_offset_message_id(id).value();
    const auto stored = store().message_at(parsed.physical_offset);
    ASSERT_TRUE(stored.has_value()) << id;
    EXPECT_EQ(stored->queue_offset.value, queue_offset);
    EXPECT_EQ(stored->message.queue_id, queue_id);
    EXPECT_LT(queue_offset, store().bounds(stored->message.topic, queue_id).max.value);
  }
  EXPECT_GE(count, 700);
}

INSTANTIATE_TEST_SUITE_P(Java, AcknowledgedGoldenStoreTest,
                         ::testing::Combine(::testing::Values("unclean-4.9.7", "unclean-5.4.0"), kEngines()),
                         case_name);

}  // namespace
}  // namespace tenon::golden
