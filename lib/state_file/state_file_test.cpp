// SPDX-License-Identifier: Apache-2.0
#include "state_file/state_file.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <optional>
#include <string>

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

/// Gives `read_decodable()` the file and notes what it took; what begins with "bad" is refused.
class DecodableTest : public StateFileTest {
 protected:
  Result<bool> read() {
    return read_decodable(
        file_,
        [this](std::string_view content) -> Status {
          if (content.starts_with("bad")) return Error(Errc::message_illegal, text("not good: ", content));
          taken_ = content;
          return {};
        },
        Logger("test"));
  }
  std::optional<std::string> kept_of(const std::filesystem::path& path) {
    return read_whole(path.string() + ".damaged").value();
  }

  std::string taken_ = "nothing";
};

TEST_F(DecodableTest, TakesTheFileAndNothingElse) {
  put(file_, "good");
  put(backup_of(file_), "bad");
  EXPECT_EQ(read().value(), true);
  EXPECT_EQ(taken_, "good");
  EXPECT_EQ(kept_of(backup_of(file_)), std::nullopt) << "nobody looked";
}

TEST_F(DecodableTest, NothingOrBlanksAreNothingToRead) {
  EXPECT_EQ(read().value(), false);
  put(file_, "");
  put(backup_of(file_), " \n");
  EXPECT_EQ(read().value(), false);
  EXPECT_EQ(taken_, "nothing");
}

TEST_F(DecodableTest, TheBackupStandsInForAFileThatIsAbsentBlankOrRefused) {
  put(backup_of(file_), "old");
  for (const char* content : {"", "\t\r\n", "bad"}) {
    SCOPED_TRACE(content);
    taken_.clear();
    if (*content != '\0') put(file_, content);
    EXPECT_EQ(read().value(), true);
    EXPECT_EQ(taken_, "old");
  }
  EXPECT_EQ(kept_of(file_), "bad");
  EXPECT_EQ(read_whole(file_).value(), "bad") << "reading changes nothing";
  EXPECT_EQ(kept_of(backup_of(file_)), std::nullopt);
}

TEST_F(DecodableTest, ARefusedBackupBesideAnAbsentOrBlankFileIsCorruptAndKept) {
  put(backup_of(file_), "bad backup");
  for (const bool is_blank : {false, true}) {
    SCOPED_TRACE(is_blank);
    if (is_blank) put(file_, "\n");
    const auto read_back = read();
    ASSERT_FALSE(read_back);
    EXPECT_TRUE(read_back.error().is(Errc::corrupt)) << "not a store that never had the file";
    EXPECT_NE(read_back.error().message().find("table.json.bak: not good"), std::string::npos);
    EXPECT_EQ(kept_of(backup_of(file_)), "bad backup");
    EXPECT_EQ(kept_of(file_), std::nullopt);
  }
}

TEST_F(DecodableTest, OfTwoThatAreRefusedTheErrorNamesTheFirstAndBothAreKept) {
  put(file_, "bad file");
  put(backup_of(file_), "bad backup");
  const auto read_back = read();
  ASSERT_FALSE(read_back);
  EXPECT_TRUE(read_back.error().is(Errc::corrupt));
  EXPECT_NE(read_back.error().message().find("table.json: not good: bad file"), std::string::npos);
  EXPECT_EQ(kept_of(file_), "bad file");
  EXPECT_EQ(kept_of(backup_of(file_)), "bad backup");
}

TEST_F(DecodableTest, WhatCannotBeKeptDoesNotStopTheReading) {
  put(file_, "bad");
  put(backup_of(file_), "old");
  std::filesystem::create_directories(file_.string() + ".damaged/in the way");
  EXPECT_EQ(read().value(), true);
  EXPECT_EQ(taken_, "old");
}

TEST_F(DecodableTest, AFileThatCannotBeReadIsIoEvenWithAGoodBackup) {
  std::filesystem::create_directories(file_);
  put(backup_of(file_), "old");
  EXPECT_TRUE(read().error().is(Errc::io)) << "its content may be there again after the next start";
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
