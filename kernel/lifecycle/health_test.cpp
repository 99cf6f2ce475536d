// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/health.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace tenon::kernel {
namespace {

class HealthTest : public ::testing::Test {
 protected:
  std::vector<std::string> told;
  Health health{[this](HealthState, const std::string& description) { told.push_back(description); }};
};

TEST_F(HealthTest, SaysWhatIsDegradedUntilItIsOver) {
  health.set(HealthState::serving);
  EXPECT_TRUE(health.degrade("store", "disk full", "97 %"));
  EXPECT_EQ(health.description(), "degraded: store: disk full: 97 %");
  EXPECT_EQ(health.state(), HealthState::serving) << "the service manager must not restart it for that";
  EXPECT_FALSE(health.degrade("store", "disk full", "97 %"));
  EXPECT_EQ(told.size(), 2u) << "nothing new, nothing told";
  EXPECT_FALSE(health.degrade("store", "disk full", "98 %")) << "no new state, but a new reason";
  EXPECT_TRUE(health.degrade("ha", "no replica", "2 of 3 are gone"));
  EXPECT_EQ(told.back(), "degraded: ha: no replica: 2 of 3 are gone; store: disk full: 98 %");
  EXPECT_TRUE(health.recover("store", "disk full"));
  EXPECT_FALSE(health.recover("store", "disk full"));
  EXPECT_TRUE(health.recover("ha", "no replica"));
  EXPECT_EQ(told.back(), "serving");
}

TEST_F(HealthTest, OtherStatesAreSaidFirst) {
  EXPECT_TRUE(health.degrade("store", "disk full", "97 %"));
  EXPECT_EQ(health.description(), "starting");
  health.set(HealthState::serving);
  EXPECT_EQ(health.description(), "degraded: store: disk full: 97 %");
  health.set(HealthState::draining);
  EXPECT_EQ(health.description(), "draining");
}

TEST_F(HealthTest, AFailedProcessStaysFailed) {
  health.set(HealthState::failed, "store: fsync");
  health.set(HealthState::serving);
  EXPECT_EQ(health.description(), "failed: store: fsync");
  health.set(HealthState::draining);
  EXPECT_EQ(health.state(), HealthState::draining);
}

}  // namespace
}  // namespace tenon::kernel
