// SPDX-License-Identifier: Apache-2.0
// A small store, closed cleanly, damaged at one place at a time: verify names that place, and nothing when nothing is
// wrong; repair makes a store of it that is whole again.
#include "storetools/verify.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "logstore/queue_entry.hpp"
#include "logstore/testing/test_store.hpp"
#include "record/record_encoder.hpp"
#include "storetools/dump.hpp"
#include "storetools/repair.hpp"
#include "storetools/testing/small_store.hpp"
#include "tenon/batch_queues.hpp"

namespace tenon::storetools {
namespace {

using logstore::offset_file_name;
using logstore::testing::TestStore;
using StoreTools = testing::SmallStore;

TEST_F(StoreTools, AWholeStoreHasNothingToTell) {
  EXPECT_TRUE(findings().empty());
  EXPECT_EQ(summary_.log.records, 400);
  EXPECT_EQ(summary_.queue_entries, 400);
  EXPECT_EQ(summary_.queues, 3);
  EXPECT_EQ(summary_.index_entries, 800);
  EXPECT_TRUE(summary_.clean_stop);
}

TEST_F(StoreTools, AStoreInUseIsLeftAlone) {
  ASSERT_TRUE(store_.open().has_value());
  Findings nobody([](const Finding&) {});
  const auto refused = verify({root(), {}, {}}, nobody);
  ASSERT_TRUE(refused.has_error());
  EXPECT_TRUE(refused.error().is(Errc::busy)) << refused.error().message();
  EXPECT_TRUE(plan_repair({root(), {}, false, {}}).error().is(Errc::busy));
}

TEST_F(StoreTools, EveryFieldOfARecordThatIsAlteredIsNamed) {
  const std::int64_t offset = offsets_[200], at = offset % 16'384;
  // Flags, hosts, times and properties are covered by nothing: RocketMQ's records have no checksum over them.
  for (const int field : {0, 4, 8, 12, 20, 28, 84, 88, 100}) {
    SCOPED_TRACE(field);
    std::fstream file(log_file(offset), std::ios::in | std::ios::binary);
    file.seekg(at + field);
    const char before = static_cast<char>(file.get());
    overwrite(log_file(offset), at + field, std::string(1, static_cast<char>(before ^ 0x40)));
    (void)findings();
    EXPECT_GE(damages_, 1);
    overwrite(log_file(offset), at + field, std::string(1, before));
  }
  EXPECT_TRUE(findings().empty());
}

TEST_F(StoreTools, ADamagedRecordIsNamedByFileAndOffsetAndTheRestIsRead) {
  const std::int64_t offset = offsets_[200];
  overwrite(log_file(offset), offset % 16'384 + 95, "?");
  expect_damage(log_file(offset), offset % 16'384, "CRC");
  EXPECT_EQ(summary_.log.records, 399);
  EXPECT_EQ(summary_.log.records_behind_damage, 199);
  EXPECT_EQ(summary_.log.trusted_end, PhysicalOffset{offset});
}

TEST_F(StoreTools, EntriesAreHeldAgainstRecordsBothWays) {
  const auto queue = root() / "consumequeue" / "T" / "1" / offset_file_name(0);
  overwrite(queue, 20 * 7, std::string(20, '\0'));
  expect_damage(queue, 20 * 7, "no entry");
  overwrite(queue, 20 * 7, std::string("\0\0\0\0\0\0\0\5\0\0\0\x60\0\0\0\0\0\0\0\0", 20));
  expect_damage(queue, 20 * 7, "is not that of the record");
  const auto last = root() / "consumequeue" / "T" / "1" / offset_file_name(2000);
  overwrite(last, 20 * 60, std::string("\0\0\0\0\0\0\0\5\0\0\0\x60\0\0\0\0\0\0\0\0", 20));
  expect_damage(last, 20 * 60, "no record of T/1");
}

TEST_F(StoreTools, TheIndexIsHeldAgainstTheLog) {
  const auto index = index_file();
  overwrite(index, 40 + 4 * 50 + 20 * 9 + 4, std::string("\0\0\0\0\0\0\0\7", 8));
  expect_damage(index, 40 + 4 * 50 + 20 * 9, "no record lies");
  overwrite(index, 36, std::string("\x7f\0\0\0", 4));
  EXPECT_FALSE(findings().empty());
}

TEST_F(StoreTools, ACheckpointThatVouchesForTooMuchIsDamage) {
  overwrite(root() / "checkpoint", 0, "\x7f\x7f");
  overwrite(root() / "checkpoint", 8, "\x7f\x7f");
  expect_damage(root() / "checkpoint", 0, "vouches");
}

TEST_F(StoreTools, ForeignAndMissingFilesAreNamed) {
  std::ofstream(root() / "commitlog" / "notes.txt") << "x";
  expect_damage(root() / "commitlog" / "notes.txt", -1, "does not belong here");
  std::filesystem::remove(root() / "commitlog" / "notes.txt");
  std::filesystem::remove(log_file(16'384));
  expect_damage(log_file(32'768), -1, "the file before it ends at");
}

TEST_F(StoreTools, RepairMakesQueuesAndIndexAgain) {
  std::filesystem::remove_all(root() / "consumequeue" / "T" / "1");
  overwrite(index_file(), 36, std::string("\x7f\0\0\0", 4));
  (void)findings();
  EXPECT_GE(damages_, 1);
  repair_it(false);
  EXPECT_EQ(summary_.queue_entries, 400);
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_.body_at("T", 1, 5), "message 16" + std::string(100, 'x'));
  EXPECT_EQ(store_->query_by_key({.topic = "T", .key = "k321"}).value().records.size(), 1U);
}

TEST_F(StoreTools, RepairCutsATornTailAndKeepsWhatItCuts) {
  const std::int64_t last = offsets_.back();
  overwrite(log_file(last), last % 16'384 + 90, std::string(20, '?'));
  repair_it(false);
  EXPECT_EQ(summary_.log.records, 399);
  std::ifstream saved(root() / "saved" / "commitlog" / (offset_file_name(last) + ".tail"), std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(saved), {});
  EXPECT_NE(bytes.find(std::string(20, '?')), std::string::npos);
}

TEST_F(StoreTools, RepairCutsWholeRecordsOnlyWhenToldSo) {
  overwrite(log_file(offsets_[100]), offsets_[100] % 16'384 + 95, "?");
  const RepairRequest request{root(), {}, false, {}};
  const auto plan = plan_repair(request);
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->records_cut, 299);
  const Status refused = repair(request, *plan, root() / "saved");
  ASSERT_TRUE(refused.has_error());
  EXPECT_FALSE(std::filesystem::exists(root() / "saved")) << "nothing was touched";
  repair_it(true);
  EXPECT_EQ(summary_.log.records, 100);
}

TEST_F(StoreTools, RepairMakesAFileOfTheLogAsLongAsTheOthers) {
  const auto first = log_file(0), last = log_file(offsets_.back());
  std::filesystem::resize_file(first, 16'384 - 5);  // zeros behind the closing filler
  std::filesystem::resize_file(last, static_cast<std::uintmax_t>(offsets_.back() % 16'384 + 300));
  expect_damage(first, -1, "has 16379 bytes");
  expect_damage(last, -1, "by their names the files have 16384");
  repair_it(false);
  EXPECT_EQ(summary_.log.records, 400);
  EXPECT_EQ(std::filesystem::file_size(first), 16'384U);
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_.body_at("T", 0, 133), "message 399" + std::string(100, 'x'));
}

TEST_F(StoreTools, RepairSavesWhatAFileOfTheLogHasTooMuch) {
  const auto second = log_file(16'384);
  std::ofstream(second, std::ios::app) << "surplus";
  repair_it(false);
  EXPECT_EQ(summary_.log.records, 400);
  std::ifstream saved(root() / "saved" / "commitlog" / (second.filename().string() + ".surplus"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(saved), {}), "surplus");
}

TEST_F(StoreTools, RepairCutsWhereAFileOfTheLogIsMissing) {
  std::filesystem::remove(log_file(16'384));  // the second
  const RepairRequest request{root(), {}, false, {}};
  EXPECT_EQ(plan_repair(request)->cut_at, PhysicalOffset{16'384});
  EXPECT_GT(plan_repair(request)->records_cut, 100);
  repair_it(true);
  EXPECT_EQ(summary_.log.end, PhysicalOffset{16'384});
  EXPECT_TRUE(std::filesystem::exists(root() / "saved" / "commitlog" / log_file(32'768).filename()));
  ASSERT_TRUE(store_.open().has_value());
  ASSERT_TRUE(store_.append("T", 0, "after").has_value());
}

/// The first of all files, which a start would take the size of all from.
TEST_F(StoreTools, AQueueFileThatWasCutShortIsNamedAndMadeAgainAsLongAsTheOthers) {
  const auto file = root() / "consumequeue" / "T" / "0" / offset_file_name(0);
  std::filesystem::resize_file(file, 1980);
  expect_damage(file, -1, "has 1980 bytes, but files of consume queues have 2000");
  repair_it(false);
  EXPECT_EQ(std::filesystem::file_size(file), 2000U);
  ASSERT_TRUE(store_.open().has_value());
  EXPECT_EQ(store_->bounds("T", 0).max, QueueOffset{134});
}

TEST_F(StoreTools, RepairCorrectsQueuesWithoutARecordToo) {
  const auto queue = root() / "consumequeue" / "Expired" / "0";
  std::filesystem::create_directories(queue);
  std::filesystem::copy_file(root() / "consumequeue" / "T" / "0" / offset_file_name(0), queue / offset_file_name(0));
  overwrite(queue / offset_file_name(0), 0, std::string(2000, '\0'));
  overwrite(queue / offset_file_name(0), 0, std::string("\0\0\0\0\0\0\0\0\x7f\xff\xff\xff", 12));  // a filler
  std::filesystem::resize_file(queue / offset_file_name(0), 60);
  std::ofstream(queue / "foreign") << "x";
  expect_damage(queue / offset_file_name(0), -1, "has 60 bytes");
  repair_it(false);
  EXPECT_TRUE(std::filesystem::exists(root() / "saved" / "consumequeue" / "Expired" / "0" / "foreign"));
  EXPECT_EQ(std::filesystem::file_size(queue / offset_file_name(0)), 2000U);
}

/// As the delay plug-in would, with a table of its own: level 1 waits 77 s.
struct OwnLevels final : TagsCodeRule {
  std::int64_t tags_code(const PropertiesView&, std::int64_t store_timestamp_ms) const noexcept override {
    return store_timestamp_ms + 77'000;
  }
};

TEST_F(StoreTools, RepairKeepsTheDeliveryTimesOfDelayedMessages) {
  const OwnLevels levels;
  ASSERT_TRUE(store_.open().has_value());
  store_.store->set_tags_code_rule(kScheduleTopic, levels);
  for (int count = 0; count < 3; ++count)
    ASSERT_TRUE(store_
                    .append(kScheduleTopic, 0, "later",
                            "TAGS\1t\2DELAY\1"
                            "1\2")
                    .has_value());
  store_.close();
  std::filesystem::remove_all(root() / "consumequeue" / "T" / "1");
  EXPECT_FALSE(findings().empty());
  repair_it(false);
  std::ifstream file(root() / "consumequeue" / kScheduleTopic / "0" / offset_file_name(0), std::ios::binary);
  std::array<char, 60> entries{};
  ASSERT_TRUE(file.read(entries.data(), entries.size()));
  for (int at = 0; at < 60; at += 20) {
    const IndexEntry entry = logstore::decode_entry(reinterpret_cast<const std::byte*>(entries.data() + at));
    ASSERT_TRUE(store_.open().has_value());
    EXPECT_EQ(entry.tags_code, store_->message_at(entry.physical_offset)->store_timestamp_ms + 77'000);
    store_.close();
  }
  // A hash in the place of the time would let a Java broker deliver the message at once.
  overwrite(root() / "consumequeue" / kScheduleTopic / "0" / offset_file_name(0), 12,
            std::string("\0\0\0\0\0\0\0t", 8));
  expect_damage(root() / "consumequeue" / kScheduleTopic / "0" / offset_file_name(0), 0, "is not that of the record");
}

TEST_F(StoreTools, ADirectoryBesideTheLogFilesIsNoDamage) {
  std::filesystem::create_directory(root() / "commitlog" / "lost+found");
  const auto found = findings();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::note);
  repair_it(false);
  EXPECT_TRUE(std::filesystem::exists(root() / "commitlog" / "lost+found")) << "not ours to move";
}

/// What a record says of its topic is no name of a directory yet.
TEST_F(StoreTools, NothingOutsideOfTheStoreIsLookedAtOrMoved) {
  ASSERT_TRUE(store_.open().has_value());
  for (const std::string& topic : {std::string("../../outside"), std::string(300, 't')}) {
    Message message;
    message.topic = topic;
    std::vector<std::byte> bytes(record::encoded_size(message));
    record::encode(message, bytes.data());
    record::patch(bytes.data(), {{0}, store_->log_received(), 1'700'000'000'000}, false);
    ASSERT_TRUE(store_->append_log(store_->log_received(), bytes).has_value());
  }
  store_.close();
  const auto outside = root() / "consumequeue" / "../../outside" / "0";
  std::filesystem::create_directories(outside);
  EXPECT_TRUE(findings().empty());
  repair_it(false);
  EXPECT_TRUE(std::filesystem::exists(outside));
  std::filesystem::remove_all(outside.parent_path());
}

TEST_F(StoreTools, DumpPrintsRecordsEntriesAndDamages) {
  overwrite(log_file(offsets_[1]), offsets_[1] % 16'384 + 95, "?");
  std::vector<std::string> lines;
  const DumpSink sink = [&](std::string_view line) { lines.emplace_back(line); };
  DumpRequest request;
  request.directory = root();
  request.count = 3;
  request.bodies = true;
  ASSERT_TRUE(dump_records(request, sink).has_value());
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_NE(lines[0].find("T/0 0"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find("DAMAGED"), std::string::npos) << lines[1];
  lines.clear();
  request.topic = "T";
  request.queue_id = 2;
  request.from = 1;
  request.format = DumpFormat::json;
  ASSERT_TRUE(dump_queue(request, sink).has_value());
  EXPECT_EQ(lines[0], text("{\"queueOffset\":1,\"phyOffset\":", offsets_[5], ",\"size\":", offsets_[6] - offsets_[5],
                           ",\"tagsCode\":116}"));
  EXPECT_TRUE(dump_records({.directory = root(), .from = 5}, sink).error().is(Errc::query_not_found));
}

class StoreToolsWithExtension : public StoreTools {
 protected:
  void SetUp() override {
    store_.options.consume_queue_extension = true;
    store_.options.consume_queue_extension_file_size = 1024;
    StoreTools::SetUp();
  }
  std::filesystem::path unit_file() const { return root() / "consumequeue_ext" / "T" / "1" / offset_file_name(1024); }
};

TEST_F(StoreToolsWithExtension, NothingIsFoundAndAWrongUnitIsNamed) {
  EXPECT_TRUE(findings().empty());
  EXPECT_EQ(damages_, 0);
  overwrite(unit_file(), 20 + 10, std::string(8, '\1'));  // a store time
  // The entry behind the 51 units of the first file, and the one after it.
  expect_damage(root() / "consumequeue" / "T" / "1" / offset_file_name(0), 52 * 20, "unit");
}

TEST_F(StoreToolsWithExtension, AFileThatWasCutShortIsNamedAndGetsItsLength) {
  std::filesystem::resize_file(unit_file(), 1000);
  expect_damage(unit_file(), -1, "has 1000 bytes, but files of consume-queue extensions have 1024");
  repair_it(false);
  ASSERT_TRUE(store_.open().has_value());
}

/// A start removes an empty file there: verify leaves it to that.
TEST_F(StoreToolsWithExtension, LookingChangesNothing) {
  const auto empty = root() / "consumequeue_ext" / "T" / "0" / offset_file_name(1 << 20);
  std::ofstream(empty).flush();
  EXPECT_TRUE(findings().empty());
  EXPECT_TRUE(std::filesystem::exists(empty));
}

TEST_F(StoreToolsWithExtension, AUnitThatIsMissingIsNoDamage) {
  overwrite(unit_file(), 0, std::string(2, '\0'));
  EXPECT_FALSE(findings().empty());
  EXPECT_EQ(damages_, 0);
}

TEST_F(StoreToolsWithExtension, RepairMakesItAgain) {
  overwrite(unit_file(), 20 + 10, std::string(8, '\1'));
  repair_it(false);
  EXPECT_TRUE(findings().empty());
  EXPECT_TRUE(std::filesystem::exists(unit_file()));
}

class StoreToolsWithBatches : public StoreTools {
 protected:
  void SetUp() override {
    store_.options.batch_consume_queue_file_units = 10;
    StoreTools::SetUp();
    ASSERT_TRUE(store_.open());
    ASSERT_TRUE(store_->keep_batches("B"));
    for (int count = 0; count < 35; ++count) {
      Message message;
      message.topic = "B";
      message.sys_flag = sys_flag::inner_batch;
      message.properties =
          "INNER_NUM\1"
          "3\2";
      ASSERT_TRUE(store_->append(message));
      message.sys_flag = 0;
      message.properties = {};
      message.queue_id = 1;
      ASSERT_TRUE(store_->append(message));
    }
    store_.close();
  }
  std::filesystem::path unit_file(std::int64_t number) const {
    return root() / "batchconsumequeue" / "B" / "0" / offset_file_name(number * 460);
  }
};

TEST_F(StoreToolsWithBatches, NothingIsFoundAndWrongUnitsAreNamed) {
  EXPECT_TRUE(findings().empty());
  EXPECT_EQ(summary_.queues, 5);
  EXPECT_EQ(summary_.queue_entries, 400 + 70);
  overwrite(unit_file(1), 3 * 46 + 37, "\x05");  // how many messages
  expect_damage(unit_file(1), 3 * 46, "not that of the record");
  overwrite(unit_file(2), 2 * 46 + 7, "\x7f");  // where the record lies
  expect_damage(unit_file(2), 2 * 46, "points at no record");
  overwrite(unit_file(1), 3 * 46 + 37, std::string_view("\x03"));
}

TEST_F(StoreToolsWithBatches, WhatADeletedTopicLeavesIsANote) {
  std::filesystem::create_directories(root() / "config");
  std::ofstream(root() / "config" / "topics.json") << "{\"topicConfigTable\":{\"T\":{}}}";
  ASSERT_TRUE(store_.open());
  ASSERT_TRUE(store_->keep_batches("Other"));
  ASSERT_TRUE(store_.append("Other", 0, "stays"));  // without any queue a start makes all again
  ASSERT_TRUE(store_->delete_topic("B", MessageStore::kWholeLog).has_value());
  store_.close();
  (void)findings();
  EXPECT_EQ(damages_, 0);
  EXPECT_EQ(summary_.deleted.at("B"), 70);
  std::ofstream(root() / "config" / "topics.json") << "{\"topicConfigTable\":{\"T\":{},\"B\":{}}}";
  ASSERT_TRUE(store_.open());
  ASSERT_TRUE(store_->keep_batches("B"));
  for (int count = 0; count < 4; ++count) {
    ASSERT_TRUE(store_.append("B", 0, "again"));
  }
  store_.close();
  (void)findings();
  EXPECT_EQ(damages_, 0);
  EXPECT_EQ(summary_.deleted.at("B"), 70);
  EXPECT_EQ(summary_.queue_entries, 400 + 1 + 4);
  const auto first = unit_file(0);
  overwrite(first, 7, "\x7f");  // where the first record lies
  expect_damage(first, 0, "points at no record");
}

TEST_F(StoreToolsWithBatches, RepairMakesThemAgain) {
  overwrite(unit_file(1), 0, std::string(460, '\0'));
  EXPECT_FALSE(findings().empty());
  repair_it(false);
  EXPECT_EQ(summary_.queue_entries, 400 + 70);
  ASSERT_TRUE(store_.open());
  EXPECT_EQ(store_->bounds("B", 0).max.value, 105);
  EXPECT_EQ(store_->bounds("B", 1).max.value, 35);
}

TEST_F(StoreToolsWithBatches, DumpPrintsUnits) {
  std::vector<std::string> lines;
  DumpRequest request;
  request.directory = root();
  request.topic = "B";
  request.queue_id = 0;
  request.from = 31;
  request.count = 2;
  ASSERT_TRUE(dump_queue(request, [&](std::string_view line) { lines.emplace_back(line); }));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("30  3 messages  physical offset ")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("33  3 messages  physical offset ")) << lines[1];
}

TEST(Dump, ARecordIsOneLineWhateverIsInIt) {
  TestStore store;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store.append("T", 0, "a\nb", "odd\1x\ny\2").has_value());
  store.close();
  std::vector<std::string> lines;
  DumpRequest request;
  request.directory = store.directory.path();
  request.bodies = true;
  ASSERT_TRUE(dump_records(request, [&](std::string_view line) { lines.emplace_back(line); }).has_value());
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].find('\n'), std::string::npos);
  EXPECT_NE(lines[0].find("odd=x\\x0ay  0x610a62"), std::string::npos) << lines[0];
}

}  // namespace
}  // namespace tenon::storetools
