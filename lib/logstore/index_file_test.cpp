// SPDX-License-Identifier: Apache-2.0
#include "logstore/index_file.hpp"

#include <gtest/gtest.h>

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
