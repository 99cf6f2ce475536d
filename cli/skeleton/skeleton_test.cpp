// SPDX-License-Identifier: Apache-2.0
#include "skeleton/skeleton.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace tenon::cli {
namespace {

class Skeleton : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "tenon-skeleton-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    where_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(where_); }

  std::filesystem::path where_;
};

std::string contents(const std::filesystem::path& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

TEST_F(Skeleton, EachCapabilityGivesAProjectWithoutPlaceholders) {
  ASSERT_FALSE(skeleton_capabilities().empty());
  for (const std::string& capability : skeleton_capabilities()) {
    const auto files = write_skeleton("my-" + capability, capability, where_);
    ASSERT_TRUE(files) << files.error().message();
    EXPECT_GE(files->size(), 5u);
    for (const auto& file : *files) {
      EXPECT_EQ(contents(file).find('@'), std::string::npos) << file;
      EXPECT_FALSE(contents(file).empty()) << file;
    }
    EXPECT_TRUE(std::filesystem::exists(where_ / ("my-" + capability) / "plugin.cpp"));
  }
}

TEST_F(Skeleton, NeverOverwrites) {
  ASSERT_TRUE(write_skeleton("mine", "filter", where_));
  const auto again = write_skeleton("mine", "filter", where_);
  ASSERT_FALSE(again);
  EXPECT_TRUE(again.error().is(Errc::invalid_parameter));
}

TEST_F(Skeleton, RefusesNamesThatWouldNotBuildAndUnknownCapabilities) {
  for (const char* name : {"", "My", "a b", "../up", "-a", "a-", "a--b", "1a", "a/b"})
    EXPECT_FALSE(write_skeleton(name, "filter", where_)) << name;
  const auto unknown = write_skeleton("mine", "teleport", where_);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message().find("filter"), std::string::npos) << "says what there is";
}

}  // namespace
}  // namespace tenon::cli
