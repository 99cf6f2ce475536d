// SPDX-License-Identifier: Apache-2.0
// What the Java broker wrote into records and directories with its further keys, Tenon writes, too, or leaves alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "golden_directory.hpp"
#include "golden_store.hpp"
#include "logstore/testing/test_store.hpp"
#include "record/property_crc.hpp"
#include "record/record_encoder.hpp"
#include "record/record_view.hpp"

namespace tenon::golden {
namespace {

using Engine = logstore::testing::Engine;

/// All records, in the order of the log.
std::vector<StoredRecord> records_of(const logstore::LogStore& store) {
  std::vector<StoredRecord> records;
  for (PhysicalOffset at = store.log_min(); at < store.log_max();) {
    records.push_back(store.record_at(at).value());
    at += static_cast<std::int64_t>(records.back().bytes.size());
  }
  return records;
}

class ExtendedFiles : public ::testing::Test {
 protected:
  void SetUp() override { TENON_NEED_GOLDEN(); }
};

TEST_F(ExtendedFiles, LightQueuesGetTheSameOffsets) {
  const GoldenStore golden("lmq-5.4.0", Engine::mmap);
  logstore::testing::TestStore ours;
  ours.options.light_queues = true;
  ASSERT_TRUE(ours.open().has_value());
  for (const StoredRecord& stored : records_of(golden.store())) {
    Message message = record::RecordView::decode(stored.bytes)->message();
    const std::string_view wanted = PropertiesView(message.properties).find("INNER_MULTI_QUEUE_OFFSET").value_or("");
    std::string properties(message.properties);
    remove_property(properties, "INNER_MULTI_QUEUE_OFFSET");
    message.properties = properties;
    const auto receipt = ours->append(message);
    ASSERT_TRUE(receipt.has_value()) << receipt.error().message();
    const StoredMessage made = ours->message_at(receipt->physical_offset).value();
    EXPECT_EQ(PropertiesView(made.message.properties).find("INNER_MULTI_QUEUE_OFFSET").value_or(""), wanted);
  }
  for (const char* const light : {"%LMQ%one", "%LMQ%two", "%LMQ%a+b"}) {
    const QueueBounds wanted = golden.store().bounds(light, 0);
    ASSERT_EQ(ours->bounds(light, 0).max, wanted.max) << light;
    for (std::int64_t at = 0; at < wanted.max.value; ++at) {
      const ReadResult read = golden.store().read({.topic = light, .queue_id = 0, .offset = {at}, .max_messages = 1});
      const auto record = record::RecordView::decode(std::get<MemorySlice>(read.records.at(0)).bytes).value();
      EXPECT_EQ(ours.body_at(light, 0, at),
                std::string(reinterpret_cast<const char*>(record.body().data()), record.body().size()));
    }
  }
}

TEST_F(ExtendedFiles, LightQueuesAreMadeAgainFromTheLog) {
  logstore::testing::TestStore ours;
  ours.options.light_queues = true;
  ASSERT_TRUE(ours.open().has_value());
  for (int number = 0; number < 50; ++number)
    ASSERT_TRUE(ours.append("T", number % 2, std::to_string(number), "INNER_MULTI_DISPATCH\1%LMQ%a,%LMQ%b\2"));
  EXPECT_TRUE(ours.append("T", 0, "x", "INNER_MULTI_DISPATCH\1%LMQ%a,other\2").error().is(Errc::message_illegal));
  ours.close();
  std::filesystem::remove_all(ours.directory.path() / "consumequeue");
  ASSERT_TRUE(ours.open().has_value());
  ASSERT_EQ(ours->bounds("%LMQ%b", 0).max.value, 50);
  EXPECT_EQ(ours.body_at("%LMQ%b", 0, 49), "49");
  ASSERT_TRUE(ours.append("T", 0, "next", "INNER_MULTI_DISPATCH\1%LMQ%b\2"));
  EXPECT_EQ(ours.body_at("%LMQ%b", 0, 50), "next");
}

TEST_F(ExtendedFiles, TheCrcOverARecordIsTheSame) {
  const GoldenStore golden("propcrc-5.4.0", Engine::mmap, [](auto& options) { options.property_crc = true; });
  int checked = 0;
  for (const StoredRecord& stored : records_of(golden.store())) {
    const auto view = record::RecordView::decode(stored.bytes).value();
    EXPECT_FALSE(record::property_crc_is_wrong(view));
    Message message = view.message();
    const std::string properties = record::with_room_for_property_crc(message.properties);
    message.properties = properties;
    std::vector<std::byte> again(record::encoded_size(message));
    record::encode(message, again.data());
    record::patch(again.data(), {view.queue_offset(), view.physical_offset(), view.store_timestamp_ms()},
                  view.born_host().is_v6());
    record::write_property_crc(again);
    EXPECT_TRUE(std::ranges::equal(again, stored.bytes)) << view.physical_offset().value;
    ++checked;
  }
  EXPECT_GT(checked, 10);
}

TEST_F(ExtendedFiles, ACrcThatIsWrongEndsTheLogOfAStoreThatWritesThem) {
  logstore::testing::TestStore ours;
  ours.options.property_crc = true;
  ASSERT_TRUE(ours.open().has_value());
  ASSERT_TRUE(ours.append("T", 0, "good", "KEYS\1k"));
  const PhysicalOffset second = ours.append("T", 0, "bad",
                                            "KEYS\1k\2__CRC32#\1"
                                            "12\2")
                                    .value()
                                    .physical_offset;
  EXPECT_FALSE(record::property_crc_is_wrong(record::RecordView::decode(ours->record_at(second)->bytes).value()));
  ours.close();
  // A bit of the flag: no other CRC is over it.
  std::fstream log(ours.directory.path() / "commitlog" / logstore::offset_file_name(0),
                   std::ios::in | std::ios::out | std::ios::binary);
  log.seekp(second.value + 16).put('\x40');
  log.close();
  std::ofstream(ours.directory.path() / "abort").put('1');
  std::filesystem::remove(ours.directory.path() / "checkpoint");
  ASSERT_TRUE(ours.open().has_value());
  EXPECT_EQ(ours->bounds("T", 0).max.value, 1);
}

/// Sees what a store says of messages before it reads them.
class IndexWatcher final : public CompiledFilter {
 public:
  bool match_index(const IndexEntry& entry) const noexcept override {
    seen = entry;
    if (entry.extension != nullptr) extension = *entry.extension;
    has_extension = entry.extension != nullptr;
    map.clear();
    if (has_extension) map.assign(entry.extension->bit_map.begin(), entry.extension->bit_map.end());
    return true;
  }
  bool needs_properties() const noexcept override { return false; }
  bool match_properties(const PropertiesView&) const noexcept override { return true; }

  mutable IndexEntry seen;
  mutable IndexExtension extension;
  mutable bool has_extension = false;
  mutable std::vector<std::byte> map;
};

TEST_F(ExtendedFiles, TheExtensionOfAQueueIsHandedToFilters) {
  for (const char* const archive : {"cqext-4.9.7", "cqext-5.4.0"}) {
    const GoldenStore golden(archive, Engine::mmap);
    int described = 0;
    for (std::int32_t queue = 0; queue < 2; ++queue) {
      for (std::int64_t at = 0; at < golden.store().bounds("Sql", queue).max.value; ++at) {
        const IndexWatcher watcher;
        const ReadResult read = golden.store().read(
            {.topic = "Sql", .queue_id = queue, .offset = {at}, .max_messages = 1, .filter = &watcher});
        const auto record = record::RecordView::decode(std::get<MemorySlice>(read.records.at(0)).bytes).value();
        EXPECT_EQ(watcher.seen.tags_code, tags_code_of(record.properties())) << archive << " " << queue << "/" << at;
        if (!watcher.has_extension) continue;
        ++described;
        EXPECT_EQ(watcher.extension.store_timestamp_ms, record.store_timestamp_ms());
        EXPECT_EQ(watcher.map.size(), 14U);
      }
    }
    EXPECT_GT(described, 200) << archive;
  }
}

/// The map that the Java broker has stored with the message that is appended next.
class StoredMaps final : public FilterBitMaps {
 public:
  std::size_t size_bytes() const noexcept override { return 14; }
  bool calculate(std::string_view, const PropertiesView&, std::span<std::byte> map) const override {
    std::ranges::copy(next, map.begin());
    return !next.empty();
  }
  std::vector<std::byte> next;
};

std::map<std::string, std::string> files_below(const std::filesystem::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().lexically_relative(directory)] = std::string(std::istreambuf_iterator<char>(file), {});
  }
  return files;
}

void expect_same_files(const std::filesystem::path& made, const std::filesystem::path& wanted) {
  const auto of_java = files_below(wanted);
  EXPECT_EQ(files_below(made).size(), of_java.size());
  for (const auto& [name, content] : of_java) {
    const std::string ours = files_below(made)[name];
    const auto differs = std::ranges::mismatch(ours, content).in1 - ours.begin();
    EXPECT_TRUE(ours == content) << wanted / name << " from " << differs << " on";
  }
}

/// What the store says of the message beside its entry.
std::vector<std::byte> bit_map_of(const logstore::LogStore& store, const record::RecordView& record) {
  const IndexWatcher watcher;
  (void)store.read({.topic = record.topic(),
                    .queue_id = record.queue_id(),
                    .offset = record.queue_offset(),
                    .max_messages = 1,
                    .filter = &watcher});
  return watcher.map;
}

TEST_F(ExtendedFiles, TheExtensionOfAQueueHasTheSameBytes) {
  for (const char* const archive : {"cqext-4.9.7", "cqext-5.4.0"}) {
    const GoldenStore golden(archive, Engine::mmap);
    logstore::testing::TestStore ours;
    StoredMaps maps;
    std::int64_t now_ms = 0;
    ours.options.commit_log_file_size = 1 << 20;
    ours.options.consume_queue_extension = true;
    ours.options.consume_queue_extension_file_size = 4096;
    ours.options.now_ms = [&] { return now_ms; };
    ours.store = std::make_unique<logstore::LogStore>(ours.options);
    ours->set_filter_bit_maps(maps);
    ASSERT_TRUE(ours->open());
    for (const StoredRecord& stored : records_of(golden.store())) {
      const auto view = record::RecordView::decode(stored.bytes).value();
      now_ms = view.store_timestamp_ms();
      maps.next = bit_map_of(golden.store(), view);
      ASSERT_TRUE(ours->append(view.message()));
    }
    ours.close();
    for (const char* const kind : {"consumequeue_ext", "consumequeue"})
      expect_same_files(ours.directory.path() / kind, golden.path() / kind);
  }
}

TEST_F(ExtendedFiles, TheExtensionOfAJavaBrokerGoesOn) {
  for (const char* const archive : {"cqext-4.9.7", "cqext-5.4.0"}) {
    GoldenStore golden(archive, Engine::mmap, [](auto& options) {
      options.consume_queue_extension = true;
      options.consume_queue_extension_file_size = 4096;
    });
    const std::int64_t max = golden.store().bounds("Sql", 0).max.value;
    Message message;
    message.topic = "Sql";
    message.properties = "TAGS\1new\2";
    ASSERT_TRUE(golden.store().append(message));
    golden.recover();
    for (const std::int64_t at : {max - 1, max}) {
      const IndexWatcher watcher;
      (void)golden.store().read({.topic = "Sql", .queue_id = 0, .offset = {at}, .max_messages = 1, .filter = &watcher});
      EXPECT_TRUE(watcher.has_extension) << archive << " " << at;
      EXPECT_EQ(watcher.extension.store_timestamp_ms, *golden.store().store_time_at("Sql", 0, {at}));
    }
  }
}

TEST_F(ExtendedFiles, BatchConsumeQueuesHaveTheSameBytes) {
  const GoldenStore golden("batchcq-5.4.0", Engine::mmap);
  logstore::testing::TestStore ours;
  std::int64_t now_ms = 0;
  ours.options.commit_log_file_size = 1 << 20;
  ours.options.batch_consume_queue_file_units = 20;
  ours.options.now_ms = [&] { return now_ms; };
  ASSERT_TRUE(ours.open());
  ASSERT_TRUE(ours->keep_batches("Boxes"));
  for (const StoredRecord& stored : records_of(golden.store())) {
    const auto view = record::RecordView::decode(stored.bytes).value();
    now_ms = view.store_timestamp_ms();
    const auto appended = ours->append(view.message());
    ASSERT_TRUE(appended) << appended.error().message();
    EXPECT_EQ(appended->queue_offset, view.queue_offset());
  }
  ours.close();
  expect_same_files(ours.directory.path() / "batchconsumequeue", golden.path() / "batchconsumequeue");
}

TEST_F(ExtendedFiles, BatchConsumeQueuesAreMadeAgainFromTheLog) {
  GoldenStore golden("batchcq-5.4.0", Engine::mmap);
  const auto before = files_below(golden.path() / "batchconsumequeue");
  std::filesystem::remove_all(golden.path() / "batchconsumequeue");
  golden.recover();
  EXPECT_FALSE(std::filesystem::exists(golden.path() / "consumequeue" / "Boxes"))
      << "a Java broker would not start over it";
  Message message;
  message.topic = "Boxes";
  EXPECT_EQ(golden.store().append(message)->queue_offset.value, 150);
  golden.reopen();
  const auto after = files_below(golden.path() / "batchconsumequeue");
  EXPECT_EQ(after.size(), before.size());
  EXPECT_TRUE(after.at("Boxes/1/00000000000000000000") == before.at("Boxes/1/00000000000000000000"));
  EXPECT_TRUE(after.at("Boxes/1/00000000000000000920") == before.at("Boxes/1/00000000000000000920"));
}

}  // namespace
}  // namespace tenon::golden
