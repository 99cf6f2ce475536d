// SPDX-License-Identifier: Apache-2.0
// A file is there with its whole length and its first bytes, or it is not there: whoever is killed in between leaves
// nothing that RocketMQ 4.9 would not start over.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "logstore/posix_file.hpp"
#include "logstore/testing/temporary_directory.hpp"

namespace tenon::logstore {
namespace {

using Create = Result<std::unique_ptr<File>> (*)(const std::filesystem::path&, const FileSystem::Fill&);

struct Way {
  const char* name;
  Create create;
};

class WholeFiles : public ::testing::TestWithParam<Way> {
 protected:
  void SetUp() override { ASSERT_TRUE(files().create_directories(file_.parent_path()).has_value()); }
  static FileSystem& files() { return posix_file_system(); }
  auto create(const FileSystem::Fill& fill) { return GetParam().create(file_, fill); }
  std::size_t count() { return files().list(file_.parent_path())->size(); }
  static std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }
  static FileSystem::Fill holding(std::string_view text) {
    return [text](File& file) -> Status {
      if (Status sized = file.set_size(4096); !sized) return sized;
      return file.write_at(10, bytes_of(text));
    };
  }
  static std::string text_in(const File& file) {
    std::string text(3, ' ');
    EXPECT_EQ(file.read_at(10, std::as_writable_bytes(std::span(text))).value(), 3U);
    return text;
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "queue" / "0000";
};

TEST_P(WholeFiles, HaveNoNameBeforeTheyAreWhole) {
  const auto made = create([&](File& file) {
    EXPECT_EQ(count(), 0U);
    return holding("abc")(file);
  });
  ASSERT_TRUE(made.has_value()) << made.error().message();
  EXPECT_EQ(std::filesystem::file_size(file_), 4096U);
  EXPECT_EQ(text_in(**made), "abc");
  EXPECT_EQ(text_in(**files().open(file_, FileSystem::OpenMode::existing)), "abc");
}

TEST_P(WholeFiles, LeaveNothingWhenTheyCannotBeFilled) {
  const auto made = create([](File&) { return Status(Error(Errc::io, "no space")); });
  ASSERT_TRUE(made.has_error());
  EXPECT_EQ(made.error().message(), "no space");
  EXPECT_EQ(count(), 0U);
  EXPECT_EQ(files().list(directory_.path())->size(), 1U) << "beside the directory, too";
}

TEST_P(WholeFiles, TakeThePlaceOfOneThatIsThere) {
  const auto before = create(holding("old"));
  ASSERT_TRUE(before.has_value());
  ASSERT_TRUE(create(holding("new")).has_value());
  EXPECT_EQ(count(), 1U);
  EXPECT_EQ(text_in(**files().open(file_, FileSystem::OpenMode::existing)), "new");
  EXPECT_EQ(text_in(**before), "old") << "for whoever has it open";
}

TEST_P(WholeFiles, AreNotHinderedByWhatAKilledProcessLeft) {
  const auto left = files().open(directory_.path() / "queue-0000", FileSystem::OpenMode::create);
  ASSERT_TRUE((*left)->write_at(10'000, bytes_of("left")).has_value());
  ASSERT_TRUE(create(holding("abc")).has_value());
  EXPECT_EQ(std::filesystem::file_size(file_), 4096U);
}

TEST(WholeFilesOnAMount, BeginInside) {
  const testing::TemporaryDirectory here;
  std::string mounted = "/dev/shm/tenon-whole-files-XXXXXX";
  struct stat own {
  }, other{};
  if (mkdtemp(mounted.data()) == nullptr || stat(here.path().c_str(), &own) != 0 ||
      stat(mounted.c_str(), &other) != 0 || own.st_dev == other.st_dev)
    GTEST_SKIP() << "no second file system";
  const auto directory = here.path() / "queue";
  std::filesystem::create_directory_symlink(mounted, directory);
  for (const std::string_view content : {"abc", "new"}) {
    const auto made = create_under_another_name(
        directory / "0000", [content](File& file) { return file.write_at(0, std::as_bytes(std::span(content))); });
    ASSERT_TRUE(made.has_value()) << made.error().message();
    EXPECT_EQ((*made)->size().value(), 3);
    EXPECT_EQ(posix_file_system().list(directory)->size(), 1U);
  }
  EXPECT_EQ(posix_file_system().list(here.path())->size(), 1U);
  std::filesystem::remove_all(mounted);
}

INSTANTIATE_TEST_SUITE_P(Ways, WholeFiles,
                         ::testing::Values(Way{"nameless",
                                               [](const std::filesystem::path& path, const FileSystem::Fill& fill) {
                                                 return posix_file_system().create(path, fill);
                                               }},
                                           Way{"renamed", create_under_another_name}),
                         [](const auto& one) { return one.param.name; });

TEST(PosixFileSystem, ListsWhatIsInADirectoryOfAnySize) {
  constexpr int kMany = 2'000;  // more than the kernel tells at once
  testing::TemporaryDirectory directory;
  const auto path = [&](const std::string& name) { return directory.path() / "listed" / name; };
  EXPECT_TRUE(posix_file_system().list(path(""))->empty()) << "it is not there";
  std::filesystem::create_directories(path("z"));
  for (int number = 0; number < kMany; ++number) std::ofstream(path(std::to_string(10'000 + number))) << "abc";
  std::filesystem::create_directory_symlink(path("z"), path("zz"));
  std::filesystem::create_symlink(path("nowhere"), path("zzz"));
  const auto listed = posix_file_system().list(path(""));
  ASSERT_TRUE(listed.has_value());
  ASSERT_EQ(listed->size(), std::size_t{kMany + 2});
  EXPECT_TRUE(std::ranges::is_sorted(*listed, {}, &DirectoryEntry::name));
  EXPECT_EQ(listed->front().name, "10000");
  EXPECT_EQ(listed->front().size, 3);
  EXPECT_FALSE(listed->front().is_directory);
  EXPECT_TRUE((*listed)[kMany].is_directory);
  EXPECT_TRUE(listed->back().is_directory) << "behind a link";
  EXPECT_TRUE(posix_file_system().list(path("10000")).has_error());
}

}  // namespace
}  // namespace tenon::logstore
