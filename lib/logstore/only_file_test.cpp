// SPDX-License-Identifier: Apache-2.0
// Queues with one file are opened by a shorter way; it must lead to the same end.
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <random>

#include "logstore/consume_queue.hpp"
#include "logstore/testing/fault_file_system.hpp"
#include "logstore/testing/temporary_directory.hpp"

namespace tenon::logstore {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view content) { std::ofstream(path) << content; }

class OnlyFileTest : public ::testing::Test {
 protected:
  /// By the calls of the kernel, and by list() and open().
  std::array<std::optional<OnlyFile>, 2> look() {
    return {posix_file_system().open_only_file(directory_.path()), plain_.open_only_file(directory_.path())};
  }
  void expect_nothing() {
    for (const auto& found : look()) EXPECT_FALSE(found.has_value());
  }
  testing::TemporaryDirectory directory_;
  testing::FaultFileSystem plain_;
};

TEST_F(OnlyFileTest, IsOpenedWithItsNameAndSize) {
  write_file(directory_.path() / "00000000000000000020", "content");
  for (const auto& found : look()) {
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->name, "00000000000000000020");
    EXPECT_EQ(found->size, 7);
    std::array<std::byte, 16> bytes{};
    EXPECT_EQ(found->file->read_at(0, bytes).value(), 7U);
    EXPECT_EQ(static_cast<char>(bytes[6]), 't');
  }
}

TEST_F(OnlyFileTest, IsNoneOfTwoNorADirectoryNorNothing) {
  expect_nothing();
  fs::create_directory(directory_.path() / "0");
  expect_nothing();
  write_file(directory_.path() / "1", "1");
  expect_nothing();
  fs::remove(directory_.path() / "0");
  write_file(directory_.path() / ".2", "2");
  expect_nothing();
  fs::remove_all(directory_.path());
  expect_nothing();
}

/// The way of queues with several files, for all.
class ListedOnly final : public testing::FaultFileSystem {
 public:
  std::optional<OnlyFile> open_only_file(const std::string&) override { return std::nullopt; }
};

struct Opened {
  std::int64_t min = 0, max = 0;
  std::int64_t newest_end = 0;
  bool anything_left = false;
  bool operator==(const Opened&) const = default;
};

class SameEnd : public ::testing::TestWithParam<std::int64_t> {
 protected:
  static constexpr std::int64_t kRecord = 100;

  SameEnd() { options_.directory = directory_.path(); }

  /// A file with so many entries, the other bytes of which are zeros.
  void write_entries(std::int64_t count) {
    DescriptorCache descriptors(posix_file_system(), 4);
    const QueueStorage storage{options_, posix_file_system(), descriptors};
    ConsumeQueue queue(storage, name_, 0);
    for (std::int64_t at = 0; at < count; ++at) (void)queue.push({{at * kRecord}, kRecord, at});
    ASSERT_TRUE(queue.spill(ConsumeQueue::Spill::everything));
  }
  void scratch(std::int64_t position) const {
    std::fstream file(directory_.path() / "consumequeue/T/0/00000000000000000000",
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(position);
    file.put('x');
  }
  Opened open(FileSystem& files, const QueueTrust& trust) const {
    DescriptorCache descriptors(files, 4);
    const QueueStorage storage{options_, files, descriptors};
    ConsumeQueue queue(storage, name_, 0);
    EXPECT_TRUE(queue.load(trust));
    Opened opened{queue.min(), queue.max(), queue.last_physical_end(), false};
    if (&files != &posix_file_system()) return opened;  // the first to look leaves all as it is
    const auto dropped = queue.drop_left();
    EXPECT_TRUE(dropped.has_value());
    opened.anything_left = dropped.value();
    return opened;
  }
  testing::TemporaryDirectory directory_;
  StoreOptions options_;
  const TopicName name_ = std::make_shared<const std::string>("T");
  mutable ListedOnly listed_;
};

TEST_P(SameEnd, AfterACleanStop) {
  write_entries(GetParam());
  const Opened listed = open(listed_, {}), looked = open(posix_file_system(), {});
  EXPECT_EQ(listed, looked);
  EXPECT_EQ(looked.max, GetParam());
  EXPECT_EQ(looked.newest_end, GetParam() * kRecord);
}

TEST_P(SameEnd, WhereTheCheckpointBelievesLess) {
  write_entries(GetParam());
  std::int64_t written = GetParam();
  for (const std::int64_t believed : {GetParam(), GetParam() - 1, GetParam() / 2, std::int64_t{0}}) {
    const QueueTrust trust{{believed * kRecord}, false};
    const Opened listed = open(listed_, trust);
    EXPECT_EQ(listed.max, believed);
    Opened looked = open(posix_file_system(), trust);
    EXPECT_EQ(looked.anything_left, believed < written);
    written = believed;
    looked.anything_left = false;
    EXPECT_EQ(listed, looked);
  }
}

TEST_P(SameEnd, FindsWhatIsLeftBehindIt) {
  const std::uint32_t seed = std::random_device{}();
  std::mt19937 dice(seed);
  write_entries(GetParam());
  const std::int64_t end = GetParam() * kQueueEntrySize;
  for (const std::int64_t behind : {1, 2500, 4096 - static_cast<int>(end % 4096), 4100, 40'000}) {
    std::int64_t position = end + behind + static_cast<std::int64_t>(dice() % 3);
    if (const std::int64_t in_entry = position % kQueueEntrySize; in_entry >= 8 && in_entry < 12)
      position += 4;  // not in its size: it would look like an entry
    scratch(position);
    const QueueTrust trust{{INT64_MAX}, false};
    EXPECT_TRUE(open(posix_file_system(), trust).anything_left) << "seed " << seed << ", at " << position;
    EXPECT_FALSE(open(posix_file_system(), trust).anything_left) << "seed " << seed << ", at " << position;
  }
}

// Around what one read of entries has, and what a page has.
INSTANTIATE_TEST_SUITE_P(Entries, SameEnd, ::testing::Values(1, 2, 127, 128, 129, 204, 205, 300, 5000));

}  // namespace
}  // namespace tenon::logstore
