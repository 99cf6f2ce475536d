// SPDX-License-Identifier: Apache-2.0
// A read that must not wait for the disk says so, and does not.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "logstore/testing/test_store.hpp"

namespace tenon::logstore {
namespace {

using testing::TestStore;
namespace fs = std::filesystem;

/// Puts the pages of all files below `directory` out of memory, as far as the file system lets itself be told.
void forget_pages(const fs::path& directory) {
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    const int file = ::open(entry.path().c_str(), O_RDWR | O_CLOEXEC);
    ::fsync(file);
    (void)::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
  }
}

class ColdRead : public ::testing::TestWithParam<ReadMode> {
 protected:
  void SetUp() override {
    store_.options.file_system = nullptr;  // the real one: it is asked what is in memory
    store_.options.read = GetParam();
    store_.options.file_run_min = 1000;
    store_.options.commit_log_file_size = 1 << 20;
    ASSERT_TRUE(store_.open().has_value());
    for (int count = 0; count < 2000; ++count) ASSERT_TRUE(store_.append("T", 0, std::string(900, 'x')).has_value());
    store_.close();
    forget_pages(store_.directory.path());
    ASSERT_TRUE(store_.open().has_value());
    request_ = {.topic = "T", .queue_id = 0, .offset = {100}, .max_messages = 32};
  }
  ReadResult read(ReadWait wait) {
    request_.wait = wait;
    return store_->read(request_);
  }

  TestStore store_;
  ReadRequest request_;
};

TEST_P(ColdRead, IsRefusedAndThenBroughtToMemory) {
  if (read(ReadWait::never).status == ReadStatus::found) GTEST_SKIP() << "this file system keeps its pages";
  EXPECT_EQ(read(ReadWait::never).status, ReadStatus::not_in_memory);
  const ReadResult waited = read(ReadWait::allowed);
  ASSERT_EQ(waited.status, ReadStatus::found);
  EXPECT_EQ(waited.message_count, 32);
  const ReadResult warm = read(ReadWait::never);
  EXPECT_EQ(warm.status, ReadStatus::found);
  EXPECT_GT(warm.message_count, 0);
}

/// Touches what it reads, as a socket does: that brings nothing else either.
std::int64_t bytes_at_hand(LogStore& store, ReadRequest request) {
  std::int64_t bytes = 0;
  std::byte last{};
  request.wait = ReadWait::never;
  request.form = ReadForm::in_memory;
  for (ReadResult read; (read = store.read(request)).status == ReadStatus::found;
       request.offset = read.next_queue_offset) {
    for (const Slice& slice : read.records) last ^= std::get<MemorySlice>(slice).bytes.back();
    bytes += read.total_bytes;
  }
  EXPECT_NE(last, std::byte{0xFF});
  return bytes;
}

TEST_P(ColdRead, OfOnePieceBringsNothingElse) {
  constexpr std::int64_t kPiece = 64 * 1024, kPage = 4096;
  store_.close();
  store_.options.cold_read_piece = kPiece;
  forget_pages(store_.directory.path());
  ASSERT_TRUE(store_.open().has_value());
  if (read(ReadWait::never).status == ReadStatus::found) GTEST_SKIP() << "this file system keeps its pages";
  ASSERT_EQ(read(ReadWait::allowed).message_count, 32);
  const std::int64_t first = bytes_at_hand(*store_, request_);
  EXPECT_GT(first, kPiece / 2);
  EXPECT_LE(first, kPiece + kPage);
  EXPECT_EQ(bytes_at_hand(*store_, request_), first);
}

/// A queue of 2,000 entries in one file of 15 pages. To find its end, the start reads the first and some from the
/// middle on.
class ColdQueue : public ColdRead {
 protected:
  ColdQueue() { store_.options.consume_queue_file_entries = 3000; }
  /// Asking brings nothing.
  bool has_page(std::size_t page) const {
    const auto path = store_.directory.path() / "consumequeue/T/0/00000000000000000000";
    const auto file = posix_file_system().open(path, FileSystem::OpenMode::existing);
    const auto mapping = (*file)->map(60'000);
    return (*mapping)->resident(page * 4096, 4096) == 4096;
  }
};

TEST_P(ColdQueue, IsNotReadAheadByWhoMayNotWait) {
  if (read(ReadWait::never).status == ReadStatus::found) GTEST_SKIP() << "this file system keeps its pages";
  request_.offset = {300};  // of the second page
  EXPECT_EQ(read(ReadWait::never).status, ReadStatus::not_in_memory);
  EXPECT_FALSE(has_page(2)) << "the kernel's own reading ahead is the start of a chain";
}

TEST_P(ColdQueue, IsReadAheadByWhoMayWait) {
  if (read(ReadWait::never).status == ReadStatus::found) GTEST_SKIP() << "this file system keeps its pages";
  ASSERT_EQ(read(ReadWait::allowed).message_count, 32);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!has_page(3) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_TRUE(has_page(3));
}

TEST(ColdFile, IsAtHandOnlyAsFarAsItsPagesAre) {
  testing::TemporaryDirectory directory;
  const auto file = posix_file_system().open(directory.path() / "file", FileSystem::OpenMode::create);
  ASSERT_TRUE(file);
  const std::vector<std::byte> bytes(65'536, std::byte{'x'});
  ASSERT_TRUE((*file)->write_at(0, bytes) && (*file)->sync());
  forget_pages(directory.path());
  (void)::posix_fadvise((*file)->descriptor(), 0, 0, POSIX_FADV_RANDOM);  // nothing is read ahead
  if ((*file)->is_at_hand(32'768, 1)) GTEST_SKIP() << "this file system keeps its pages";
  std::byte first;
  ASSERT_TRUE((*file)->read_at(0, {&first, 1}));
  EXPECT_TRUE((*file)->is_at_hand(3'000, 500));
  EXPECT_FALSE((*file)->is_at_hand(4'000, 500));
}

INSTANTIATE_TEST_SUITE_P(Read, ColdRead, ::testing::Values(ReadMode::mapping, ReadMode::file));
INSTANTIATE_TEST_SUITE_P(Read, ColdQueue, ::testing::Values(ReadMode::mapping, ReadMode::file));

}  // namespace
}  // namespace tenon::logstore
