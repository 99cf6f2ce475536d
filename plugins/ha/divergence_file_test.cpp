// SPDX-License-Identifier: Apache-2.0
#include "ha/divergence_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tenon/testing/temporary_directory.hpp"

namespace tenon::ha {
namespace {

class DivergenceFileTest : public ::testing::Test {
 protected:
  void keep(std::int64_t begin) {
    std::ofstream(saved_) << "records";
    ASSERT_TRUE(keep_divergence(file_, {.timestamp_ms = 1, .begin = {begin}, .length = 7, .saved_as = saved_}));
  }
  void damage(const std::string& suffix, std::string_view content) {
    std::ofstream(file_.native() + suffix) << content;
  }

  testing::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / "lastDivergence";
  const std::string saved_ = (directory_.path() / "saved").native();
  const Logger log_{"test"};
};

TEST_F(DivergenceFileTest, ADamagedFileIsFollowedByItsBackup) {
  keep(1'000);
  keep(2'000);
  EXPECT_EQ(kept_divergence(file_, log_).value()->begin, PhysicalOffset{2'000});
  for (const char* damaged : {R"({"timestamp":)", "[]", "{}"}) {
    damage("", damaged);
    const auto kept = kept_divergence(file_, log_);
    ASSERT_TRUE(kept) << damaged;
    ASSERT_TRUE(*kept) << damaged;
    EXPECT_EQ((*kept)->begin, PhysicalOffset{1'000}) << damaged;
    EXPECT_EQ((*kept)->saved_as, saved_);
  }
}

TEST_F(DivergenceFileTest, NothingWasKept) { EXPECT_FALSE(kept_divergence(file_, log_).value()); }

TEST_F(DivergenceFileTest, TwoDamagedFilesAreSaid) {
  damage("", "{");
  damage(".bak", "{");
  const auto kept = kept_divergence(file_, log_);
  ASSERT_FALSE(kept);
  EXPECT_TRUE(kept.error().is(Errc::corrupt));
  EXPECT_NE(kept.error().message().find(file_.native()), std::string::npos);
}

}  // namespace
}  // namespace tenon::ha
