// SPDX-License-Identifier: Apache-2.0
#include "state_file/state_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace tenon::state_file {
namespace {

class StateFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "tenon-state-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    file_ = directory_ / "config" / "table.json";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  void put(const std::filesystem::path& path, std::string_view content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }

  std::filesystem::path directory_, file_;
};

TEST_F(StateFileTest, KeepsTheContentBeforeAsBackup) {
  ASSERT_TRUE(replace(file_, "one"));
  EXPECT_EQ(read_whole(backup_of(file_)).value(), std::nullopt);
  ASSERT_TRUE(replace(file_, "two"));
  ASSERT_TRUE(replace(file_, "three"));
  EXPECT_EQ(read_whole(file_).value(), "three");
  EXPECT_EQ(read_whole(backup_of(file_)).value(), "two");
  EXPECT_FALSE(std::filesystem::exists(file_.string() + ".tmp"));
}

TEST_F(StateFileTest, ACrashInTheMiddleLeavesOneOfTheTwo) {
  put(backup_of(file_), "old");
  put(file_.string() + ".tmp", "half of the n");  // what a crash while writing leaves
  EXPECT_EQ(read_or_backup(file_).value(), "old");
  put(file_, " \n");
  EXPECT_EQ(read_or_backup(file_).value(), "old");
  ASSERT_TRUE(replace(file_, "new"));
  EXPECT_EQ(read_or_backup(file_).value(), "new");
}

TEST_F(StateFileTest, TheBackupStaysUntilTheFileIsReplaced) {
  put(backup_of(file_), "good");
  ASSERT_TRUE(replace(file_, "new"));
  EXPECT_EQ(read_whole(backup_of(file_)).value(), "good") << "there was no file to keep";
  std::filesystem::remove(file_);
  std::filesystem::create_directories(file_ / "so that it cannot be replaced");
  EXPECT_TRUE(replace(file_, "x").error().is(Errc::io));
  EXPECT_EQ(read_whole(backup_of(file_)).value(), "good");
}

TEST_F(StateFileTest, NothingThereIsEmpty) { EXPECT_EQ(read_or_backup(file_).value(), ""); }

TEST_F(StateFileTest, AnErrorNamesCallAndFile) {
  std::filesystem::create_directories(file_.string() + ".tmp");
  const Status status = replace(file_, "x");
  ASSERT_TRUE(status.error().is(Errc::io));
  EXPECT_NE(status.error().message().find("open"), std::string::npos);
  EXPECT_NE(status.error().message().find("table.json.tmp"), std::string::npos);
  EXPECT_TRUE(read_whole(directory_).error().is(Errc::io)) << "a directory is no file";
}

TEST_F(StateFileTest, AFileThatCannotBeReplacedStaysAsItIs) {
  ASSERT_TRUE(replace(file_, "kept"));
  std::filesystem::create_directories(backup_of(file_) / "in the way");
  EXPECT_TRUE(replace(file_, "x").error().is(Errc::io));
  EXPECT_EQ(read_or_backup(file_).value(), "kept");
}

}  // namespace
}  // namespace tenon::state_file
