// SPDX-License-Identifier: Apache-2.0
#include "logstore/file_sizes.hpp"

#include <fstream>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;

void fill(TestStore& store, int messages) {
  ASSERT_TRUE(store.open().has_value());
  for (int count = 0; count < messages; ++count)
    ASSERT_TRUE(store.append("T", 0, std::string(100, 'x'), "KEYS\1k" + std::to_string(count) + "\2").has_value());
  store.close();
}

FileSizes sizes_of(TestStore& store) {
  return find_file_sizes(posix_file_system(), StoreLayout(store.options)).value();
}

TEST(FileSizes, AnEmptyDirectoryTellsNothing) {
  TestStore store;
  const FileSizes sizes = sizes_of(store);
  EXPECT_FALSE(sizes.commit_log_file || sizes.consume_queue_file_entries || sizes.index);
}

TEST(FileSizes, AreThoseThatTheDirectoryWasMadeWith) {
  for (const int messages : {1, 90, 700}) {
    TestStore store;
    fill(store, messages);
    const FileSizes sizes = sizes_of(store);
    EXPECT_EQ(sizes.commit_log_file, 16'384);
    EXPECT_EQ(sizes.consume_queue_file_entries, 100);
    if (messages == 1) continue;  // one key hangs from a slot under many shapes
    ASSERT_TRUE(sizes.index) << messages;
    EXPECT_EQ(sizes.index->slots, 50);
    EXPECT_EQ(sizes.index->entries, 200);
  }
}

TEST(FileSizes, AFileThatWasNeverWrittenToDoesNotCount) {
  TestStore store;
  std::filesystem::create_directories(store.directory.path() / "commitlog");
  std::ofstream(store.directory.path() / "commitlog" / offset_file_name(0)) << std::string(5000, '\0');
  EXPECT_FALSE(sizes_of(store).commit_log_file);
}

TEST(FileSizes, AFileOfTheLogThatIsMissingOrShortMakesTheOthersNoLonger) {
  const auto entry = [](std::int64_t base, std::int64_t size) {
    return DirectoryEntry{offset_file_name(base), false, size};
  };
  EXPECT_EQ(log_file_size_of(std::vector{entry(0, 100), entry(200, 100), entry(300, 100)}), 100);
  EXPECT_EQ(log_file_size_of(std::vector{entry(0, 100), entry(200, 100)}), 100) << "the second of three is missing";
  EXPECT_EQ(log_file_size_of(std::vector{entry(0, 90), entry(100, 100), entry(200, 100)}), 100);
  EXPECT_EQ(log_file_size_of(std::vector{entry(0, 100), entry(100, 0)}), 100) << "a kill while it was made";
  EXPECT_EQ(log_file_size_of(std::vector{entry(0, 100), entry(200, 90)}), 100) << "one is missing, another short";
  EXPECT_EQ(log_file_size_of(std::vector{entry(0, 103), entry(100, 100)}), 100) << "too long";
  EXPECT_FALSE(log_file_size_of(std::vector{entry(0, 100)}));
}

TEST(FileSizes, ASizeThatIsTooLargeRemovesNoFile) {
  TestStore store;
  fill(store, 300);
  const auto log = store.directory.path() / "commitlog";
  const auto files = posix_file_system().list(log).value();
  const auto ahead = log / offset_file_name(16'384 * static_cast<std::int64_t>(files.size()));
  std::ofstream(ahead) << std::string(16'384, '\0');
  store.options.commit_log_file_size = 20'000;
  EXPECT_TRUE(store.open().has_error());
  EXPECT_TRUE(std::filesystem::exists(ahead));
}

TEST(FileSizes, AShortFileWhoseBeginIsLostIsNotTakenForUnfinished) {
  TestStore store;
  std::filesystem::create_directories(store.directory.path() / "commitlog");
  const auto file = store.directory.path() / "commitlog" / offset_file_name(0);
  std::ofstream(file) << std::string(4096, '\0') + std::string(12'288, 'x');
  store.options.commit_log_file_size = 20'000;
  EXPECT_TRUE(store.open().has_error());
  EXPECT_TRUE(std::filesystem::exists(file));
}

TEST(FileSizes, AForeignFileWithTheNameOfAQueueIsPassedOver) {
  TestStore store;
  fill(store, 300);
  std::filesystem::create_directories(store.directory.path() / "consumequeue" / "AAA");
  std::ofstream(store.directory.path() / "consumequeue" / "AAA" / "0") << "nobody's";
  EXPECT_EQ(sizes_of(store).consume_queue_file_entries, 100);
}

TEST(FileSizes, AStoreOpensADirectoryOfOtherSizesWhenTheyAreLeftToItsFiles) {
  TestStore store;
  fill(store, 300);
  store.options.commit_log_file_size = 1 << 20;
  store.options.consume_queue_file_entries = 300'000;
  store.options.index_slots = 5'000'000;
  store.options.index_entries = 20'000'000;
  EXPECT_TRUE(store.open().has_error());
  store.options.sizes_from_files = {true, true, true};
  const Status opened = store.open();
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  EXPECT_EQ(store->bounds("T", 0).max, QueueOffset{300});
  EXPECT_EQ(store->query_by_key({.topic = "T", .key = "k250"}).value().records.size(), 1U);
  for (int count = 0; count < 200; ++count) ASSERT_TRUE(store.append("T", 0, std::string(100, 'y')).has_value());
  store.close();
  for (const auto& file : std::filesystem::directory_iterator(store.directory.path() / "commitlog"))
    EXPECT_EQ(file.file_size(), 16'384U);
}

}  // namespace
}  // namespace tenon::logstore
