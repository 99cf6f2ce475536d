// SPDX-License-Identifier: Apache-2.0
#include "logstore/index_file.hpp"

#include <gtest/gtest.h>

#include "logstore/testing/fault_file_system.hpp"
#include "logstore/testing/temporary_directory.hpp"

namespace tenon::logstore {
namespace {

TEST(IndexHash, IsThatOfTheReference) {
  // store-format.md 15.1 and 4.
  EXPECT_EQ(IndexHash("TopicTest").of("KEY1"), 1'656'969'516);
  EXPECT_EQ(IndexHash("Plain").of("T#TagA"), 126'603'215);
  EXPECT_EQ(IndexHash("Plain").of_tags("TagA"), 126'603'215);
  EXPECT_EQ(IndexHash("Plain").of_tags("标签"), IndexHash("Plain").of("T#标签"));
}

TEST(IndexFile, ChainsEntriesOfOneSlotNewestFirst) {
  testing::TemporaryDirectory directory;
  const IndexShape shape{7, 50};
  auto file = IndexFile::create(posix_file_system(), directory.path() / "20260101000000000", shape, nullptr).value();
  for (int count = 0; count < 20; ++count)
    ASSERT_TRUE(file->put({count % 2, {count}, 1'000'000 + count * 1000}).has_value());
  std::vector<std::int64_t> offsets, times;
  file->visit(1, [&](PhysicalOffset offset, std::int64_t time) {
    offsets.push_back(offset.value);
    times.push_back(time);
    return offsets.size() < 3;
  });
  EXPECT_EQ(offsets, (std::vector<std::int64_t>{19, 17, 15}));
  EXPECT_EQ(times, (std::vector<std::int64_t>{1'019'000, 1'017'000, 1'015'000}));
  EXPECT_EQ(file->begin_physical_offset(), PhysicalOffset{0});
  EXPECT_EQ(file->end_physical_offset(), PhysicalOffset{19});
  EXPECT_EQ(file->count(), 21);
  EXPECT_EQ(std::filesystem::file_size(file->path()), static_cast<std::uintmax_t>(shape.file_size()));
}

/// Offset and time of all that is found under hashes below `end`.
std::vector<std::pair<std::int64_t, std::int64_t>> all_of(const IndexFile& file, std::int32_t end) {
  std::vector<std::pair<std::int64_t, std::int64_t>> all;
  for (std::int32_t hash = 0; hash < end; ++hash)
    file.visit(hash, [&](PhysicalOffset offset, std::int64_t time) {
      all.emplace_back(offset.value, time);
      return true;
    });
  return all;
}

TEST(IndexFile, IsTheSameHoweverManyKeysComeAtOnce) {
  testing::TemporaryDirectory directory;
  const IndexShape shape{100, 10'000};
  std::vector<IndexFile::Key> keys;
  keys.reserve(5'000);
  for (int count = 0; count < 5'000; ++count)
    keys.push_back({count * 7 % 1'000, {count * 300}, 1'000'000 + count * 100});
  auto single = IndexFile::create(posix_file_system(), directory.path() / "1", shape, nullptr).value();
  for (const auto& key : keys) ASSERT_TRUE(single->put(key).has_value());
  auto many = IndexFile::create(posix_file_system(), directory.path() / "2", shape, nullptr).value();
  for (std::span<const IndexFile::Key> rest = keys; !rest.empty();) rest = rest.subspan(many->put_some(rest).value());
  const auto bytes_of = [&](const IndexFile& file) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(shape.file_size()));
    const auto raw = posix_file_system().open(file.path(), FileSystem::OpenMode::existing).value();
    EXPECT_EQ(raw->read_at(0, bytes).value(), bytes.size());
    return bytes;
  };
  EXPECT_EQ(bytes_of(*single), bytes_of(*many));
  EXPECT_EQ(many->count(), 5'001);
}

TEST(IndexFile, TakesNoMoreKeysThanItHasEntriesFor) {
  testing::TemporaryDirectory directory;
  const IndexShape shape{7, 50};
  auto file = IndexFile::create(posix_file_system(), directory.path() / "1", shape, nullptr).value();
  const std::vector<IndexFile::Key> keys(100, IndexFile::Key{3, {0}, 1});
  EXPECT_EQ(file->put_some(keys).value(), 49U);
  EXPECT_TRUE(file->full());
  EXPECT_EQ(file->put_some(keys).value(), 0U);
}

TEST(IndexFile, AWriteThatFailsChangesNothing) {
  testing::TemporaryDirectory directory;
  testing::FaultFileSystem faults;
  const IndexShape shape{7, 500};
  auto file = IndexFile::create(faults, directory.path() / "1", shape, nullptr).value();
  std::vector<IndexFile::Key> keys;
  keys.reserve(100);
  for (int count = 0; count < 100; ++count) keys.push_back({count % 11, {count}, 1'000'000});
  ASSERT_EQ(file->put_some(keys).value(), 100U);
  const auto before = all_of(*file, 11);
  ASSERT_EQ(before.size(), 100U);

  faults.fail_from(0);
  EXPECT_FALSE(file->put_some(keys).has_value());
  EXPECT_EQ(all_of(*file, 11), before);
  EXPECT_EQ(file->count(), 101);
  faults.heal();
  EXPECT_EQ(file->put_some(keys).value(), 100U);
  EXPECT_EQ(all_of(*file, 11).size(), 200U);
}

TEST(IndexFile, GarbageNeverLeadsOutOfTheFile) {
  testing::TemporaryDirectory directory;
  const auto path = directory.path() / "20260101000000000";
  const IndexShape shape{7, 50};
  { (void)IndexFile::create(posix_file_system(), path, shape, nullptr).value(); }
  const auto raw = posix_file_system().open(path, FileSystem::OpenMode::existing).value();
  const std::vector<std::byte> garbage(static_cast<std::size_t>(shape.file_size()), std::byte{0x21});
  ASSERT_TRUE(raw->write_at(0, garbage).has_value());
  auto file = IndexFile::open(posix_file_system(), path, shape).value();
  int visited = 0;
  for (std::int32_t hash = 0; hash < 7; ++hash)
    file->visit(hash, [&](PhysicalOffset, std::int64_t) { return ++visited < 1000; });
  EXPECT_TRUE(file->full());
  EXPECT_LT(visited, 1000);
}

}  // namespace
}  // namespace tenon::logstore
