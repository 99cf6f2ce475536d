// SPDX-License-Identifier: Apache-2.0
#include "routing/config_file.hpp"

#include <fstream>

#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

class ConfigFileTest : public ::testing::Test {
 protected:
  void put(std::string_view name, std::string_view content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path.parent_path() / name) << content;
  }
  std::string content(std::string_view name) {
    std::ifstream opened(path.parent_path() / name);
    return {std::istreambuf_iterator<char>(opened), {}};
  }
  Result<bool> read() {
    return file.read(
        [this](std::string_view text_read) -> Status {
          if (text_read.starts_with("bad")) return Error(Errc::message_illegal, "line 1: not good");
          taken = text_read;
          return {};
        },
        log);
  }

  test::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "config" / "topics.json";
  const ConfigFile file{path};
  const Logger log{"test"};
  std::string taken;
};

TEST_F(ConfigFileTest, NothingThereIsNoError) { EXPECT_EQ(read().value(), false); }

TEST_F(ConfigFileTest, KeepsThePreviousContentAsBackup) {
  ASSERT_TRUE(file.write("one"));
  ASSERT_TRUE(file.write("two"));
  EXPECT_EQ(content("topics.json"), "two");
  EXPECT_EQ(content("topics.json.bak"), "one");
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".tmp"));
  EXPECT_EQ(read().value(), true);
  EXPECT_EQ(taken, "two");
}

TEST_F(ConfigFileTest, TheBackupStandsInForAnAbsentEmptyOrDamagedFile) {
  put("topics.json.bak", "old");
  EXPECT_TRUE(read().value());
  put("topics.json", " \n");
  EXPECT_TRUE(read().value());
  put("topics.json", "bad");
  EXPECT_TRUE(read().value());
  EXPECT_EQ(taken, "old");
  EXPECT_EQ(content("topics.json"), "bad") << "never deleted";
  EXPECT_EQ(content("topics.json.damaged"), "bad") << "nor lost by the next write";
}

TEST_F(ConfigFileTest, TwoDamagedFilesAreAnError) {
  put("topics.json", "bad");
  put("topics.json.bak", "bad too");
  EXPECT_TRUE(read().error().is(Errc::corrupt));
}

TEST_F(ConfigFileTest, AFileThatCannotBeWrittenIsNamed) {
  put("topics.json.tmp", "");
  std::filesystem::remove(path.string() + ".tmp");
  std::filesystem::create_directories(path.string() + ".tmp");
  const Status status = file.write("x");
  ASSERT_TRUE(status.error().is(Errc::io));
  EXPECT_NE(status.error().message().find("topics.json.tmp"), std::string::npos);
}

}  // namespace
}  // namespace tenon::kernel
