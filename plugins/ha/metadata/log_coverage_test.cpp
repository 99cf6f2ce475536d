// SPDX-License-Identifier: Apache-2.0
#include "ha/metadata/log_coverage.hpp"

#include <gtest/gtest.h>

namespace tenon::ha {
namespace {

replication::EpochHistory history(std::vector<replication::Epoch> entries) {
  return replication::EpochHistory::from_entries(std::move(entries)).value();
}

TEST(LogCoverage, IsOfTheEpochThatWroteTheLastByte) {
  const auto epochs = history({{4, {0}}, {5, {900}}});
  EXPECT_EQ(coverage_up_to({1'000}, epochs), (CoveredLog{{1'000}, 5}));
  EXPECT_EQ(coverage_up_to({900}, epochs), (CoveredLog{{900}, 4})) << "epoch 5 has nothing yet, and may be given up";
  EXPECT_EQ(coverage_up_to({0}, {}), (CoveredLog{{0}, 0}));
}

TEST(LogCoverage, StaysWhileTheLogOnlyGrows) {
  const CoveredLog covered{{1'000}, 4};
  EXPECT_EQ(still_covered(covered, history({{4, {0}}}), {1'200}), PhysicalOffset{1'000});
  EXPECT_EQ(still_covered(covered, history({{4, {0}}, {5, {1'100}}}), {1'200}), PhysicalOffset{1'000});
  EXPECT_EQ(still_covered({{1'000}, 0}, {}, {1'200}), PhysicalOffset{1'000}) << "a log without epochs";
  EXPECT_EQ(still_covered({{1'000}, 0}, history({{5, {1'000}}}), {1'200}), PhysicalOffset{1'000});
}

TEST(LogCoverage, EndsWhereTheLogWasCutBackAndAnotherMasterWentOn) {
  const CoveredLog covered{{1'000}, 4};
  EXPECT_EQ(still_covered(covered, history({{4, {0}}, {5, {900}}}), {1'200}), PhysicalOffset{900});
  EXPECT_EQ(still_covered({{1'000}, 0}, history({{5, {900}}}), {1'200}), PhysicalOffset{900});
}

TEST(LogCoverage, EndsWhereTheLogHasLostItsEnd) {
  EXPECT_EQ(still_covered({{1'000}, 4}, history({{4, {0}}}), {800}), PhysicalOffset{800});
}

TEST(LogCoverage, IsUnknownWhereTheWholeEpochWasCutOff) {
  EXPECT_EQ(still_covered({{1'000}, 5}, history({{4, {0}}, {6, {1'100}}}), {1'200}), PhysicalOffset{0});
}

}  // namespace
}  // namespace tenon::ha
