// SPDX-License-Identifier: Apache-2.0
// What a power failure leaves in part: the last record of the log, a unit of a batch queue, a file of the index.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <vector>

#include "logstore/testing/test_store.hpp"
#include "tenon/testing/inner_batch.hpp"

namespace tenon::logstore {
namespace {

namespace fs = std::filesystem;
using testing::TestStore;

constexpr std::int64_t kSector = 512;

void write_over(const fs::path& path, std::int64_t at, std::string_view bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.good()) << path;
}
void lose(const fs::path& path, std::int64_t begin, std::int64_t end) {
  write_over(path, begin, std::string(static_cast<std::size_t>(end - begin), '\0'));
}
void stop_uncleanly(TestStore& store) {
  store.close();
  std::ofstream(store.directory.path() / "abort").put('1');
}

TEST(TornRecord, WithoutTheEndOfItsPropertiesIsNone) {
  for (const std::size_t length : {600U, 700U, 800U, 900U, 1000U, 1100U}) {
    TestStore store;
    ASSERT_TRUE(store.open().has_value());
    for (int count = 0; count < 9; ++count) ASSERT_TRUE(store.append("T", 0, "m", "TAGS\1t\2").has_value());
    const auto last = store.append("T", 0, "torn", text("K\1", std::string(length, 'v'), "\2TAGS\1t"));
    ASSERT_TRUE(last.has_value());
    stop_uncleanly(store);
    const std::int64_t end = last->physical_end.value;
    lose(store.directory.path() / "commitlog" / offset_file_name(0), (end - 1) / kSector * kSector, end);
    ASSERT_TRUE(store.open().has_value());
    EXPECT_EQ(store->bounds("T", 0).max.value, 9) << length;
    EXPECT_EQ(store->log_max(), last->physical_offset);
    EXPECT_EQ(store.append("T", 0, "next")->queue_offset.value, 9);
  }
}

/// Appends records whose properties end in zeros and `closing`, the last so that it ends there in a sector.
void append_zeros(TestStore& store, std::int64_t in_sector, std::string_view closing) {
  const auto append = [&](std::int64_t count) {
    const std::string zeros(static_cast<std::size_t>(count), '\0');
    return store.append("T", 0, "zeros", text("K\1", zeros, closing))->physical_end.value;
  };
  const std::int64_t size = append(1000);
  const std::int64_t more = (in_sector + 4 * size * kSector - 2 * size) % kSector;
  ASSERT_EQ(append(1000 + more) % kSector, in_sector);
}

/// Zeros that a client has sent end no log, wherever in a sector their record ends.
TEST(TornRecord, IsNotTheOneThatOthersFollow) {
  for (const std::int64_t in_sector : {std::int64_t{0}, std::int64_t{1}, kSector - 1}) {
    TestStore store;
    ASSERT_TRUE(store.open().has_value());
    append_zeros(store, in_sector, "");
    ASSERT_TRUE(store.append("T", 0, "after").has_value());
    stop_uncleanly(store);
    fs::remove(store.directory.path() / "checkpoint");
    ASSERT_TRUE(store.open().has_value());
    EXPECT_EQ(store->bounds("T", 0).max.value, 3) << in_sector;
  }
}

/// The broker closes properties that end in zeros so, see its may_look_torn().
TEST(TornRecord, IsNotTheLastOneWhosePropertiesAreClosed) {
  for (const std::int64_t in_sector : {0, 1, 2}) {
    TestStore store;
    ASSERT_TRUE(store.open().has_value());
    append_zeros(store, in_sector, "\2");
    stop_uncleanly(store);
    fs::remove(store.directory.path() / "checkpoint");
    ASSERT_TRUE(store.open().has_value());
    EXPECT_EQ(store->bounds("T", 0).max.value, 2) << in_sector;
  }
}

/// What is left of the unit points to a record that retention has deleted, and the one before it is lost.
TEST(TornUnit, KeepsNoStoreFromBeingOpened) {
  constexpr int kVouched = 10, kAll = 14;
  TestStore store;
  store.options.batch_consume_queue_file_units = 16;
  store.options.checkpoint_interval = std::chrono::hours(1);
  store.options.retention.log_size_max = 2 * store.options.commit_log_file_size;
  ASSERT_TRUE(store.open().has_value());
  ASSERT_TRUE(store->keep_batches("B").has_value());
  auto append_up_to = [&store, number = 0](int count) mutable {
    for (std::string properties; number < count; ++number) {
      ASSERT_TRUE(
          store->append(tenon::testing::inner_batch("B", 3, text("batch ", number), properties = {})).has_value());
      for (int others = 0; others < 40; ++others) ASSERT_TRUE(store.append("Other", 0, std::string(200, 'x')));
    }
  };
  append_up_to(kVouched);
  store->clean_expired_files();
  ASSERT_GT(store->log_min().value, 1 << 16);
  ASSERT_TRUE(store->write_checkpoint_now().has_value());
  const fs::path root = store.directory.path();
  fs::copy(root / "checkpoint", root / "kept");
  append_up_to(kAll);
  stop_uncleanly(store);
  fs::rename(root / "kept", root / "checkpoint");
  const fs::path queue = root / "batchconsumequeue" / "B" / "0" / offset_file_name(0);
  constexpr std::int64_t kTorn = 11 * kBatchUnitSize;
  static_assert(kTorn < kSector && kTorn + 8 > kSector, "of its physical offset two bytes lie in the next sector");
  lose(queue, kTorn - kBatchUnitSize, kSector);
  const Status opened = store.open();
  ASSERT_TRUE(opened.has_value()) << opened.error().message();
  EXPECT_EQ(store->bounds("B", 0).max.value, kAll * 3);
  for (int number = kVouched; number < kAll; ++number)
    EXPECT_EQ(store.body_at("B", 0, number * 3), text("batch ", number));
}

/// Fails to remove files of the index but for so many.
class FewRemovals final : public testing::FaultFileSystem {
 public:
  int left = 1'000'000;
  Status remove(const fs::path& path) override {
    if (path.parent_path().filename() == "index" && left-- <= 0) return Error(Errc::io, "power failed");
    return FaultFileSystem::remove(path);
  }
};

class TornIndex : public ::testing::Test {
 protected:
  static constexpr int kPerFile = 199;
  TornIndex() {
    store_.options.file_system = &files_;
    store_.options.now_ms = [this] { return now_ms_.load(); };
    store_.options.checkpoint_interval = std::chrono::hours(1);
    store_.options.commit_log_file_size = 1 << 20;
    EXPECT_TRUE(store_.open().has_value());
  }
  void append_up_to(int count) {
    for (; appended_ < count; ++appended_)
      ASSERT_TRUE(store_.append("T", 0, "b", text("KEYS\1k", appended_, "\2")).has_value());
    ASSERT_TRUE(store_->query_by_key({.topic = "T", .key = "k0"}).has_value());
  }
  std::vector<fs::path> index_files() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(store_.directory.path() / "index")) found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
  }
  void expect_all_keys() {
    for (int number = 0; number < appended_; ++number)
      ASSERT_EQ(store_->query_by_key({.topic = "T", .key = text("k", number)})->records.size(), 1U) << number;
  }

  std::atomic<std::int64_t> now_ms_{1'795'000'000'000};
  FewRemovals files_;
  TestStore store_;
  int appended_ = 0;
};

TEST_F(TornIndex, LosesNoKeyWhereAStartEndsWhileItRemovesFiles) {
  append_up_to(kPerFile);
  now_ms_ -= 3'600'000;
  append_up_to(4 * kPerFile - 9);
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  stop_uncleanly(store_);
  ASSERT_EQ(index_files().size(), 4U);
  files_.left = 1;
  ASSERT_FALSE(store_.open().has_value());
  files_.left = 1'000'000;
  ASSERT_TRUE(store_.open().has_value());
  expect_all_keys();
}

TEST_F(TornIndex, BelievesNoFullFileThatNoneFollows) {
  append_up_to(2 * kPerFile);
  ASSERT_TRUE(store_->write_checkpoint_now().has_value());
  stop_uncleanly(store_);
  ASSERT_EQ(index_files().size(), 2U);
  const fs::path newest = index_files().back();
  lose(newest, 40 + 50 * 4 + 20, static_cast<std::int64_t>(fs::file_size(newest)));
  ASSERT_TRUE(store_.open().has_value());
  expect_all_keys();
}

TEST_F(TornIndex, LeavesAFileAloneWhoseNameIsNoNumber) {
  append_up_to(2 * kPerFile);
  store_.close();
  const fs::path copy = index_files().front().parent_path() / std::string(20, '9');
  fs::copy(index_files().front(), copy);
  ASSERT_TRUE(store_.open().has_value());
  append_up_to(4 * kPerFile);
  expect_all_keys();
  EXPECT_TRUE(fs::exists(copy));
}

}  // namespace
}  // namespace tenon::logstore
