// SPDX-License-Identifier: Apache-2.0
#include "replication/confirmation.hpp"

#include <gtest/gtest.h>

namespace tenon::replication {
namespace {

TEST(Confirmation, CountsSlavesAndNotConnections) {
  const std::vector<ReplicaProgress> progress{{"a", {100}}, {"a", {300}}, {"b", {200}}, {"c", {50}}};
  EXPECT_EQ(count_replicas(progress), 3);
  EXPECT_EQ(confirmed_by(progress, 1), PhysicalOffset{300});
  EXPECT_EQ(confirmed_by(progress, 2), PhysicalOffset{200});
  EXPECT_EQ(confirmed_by(progress, 3), PhysicalOffset{50});
}

TEST(Confirmation, TheNewestConnectionOfASlaveSaysWhatItHas) {
  const std::vector<ReplicaProgress> progress{{"a", {300}}, {"b", {200}}, {"a", {100}}};
  EXPECT_EQ(confirmed_by(progress, 1), PhysicalOffset{200});
  EXPECT_EQ(confirmed_by(progress, 2), PhysicalOffset{100});
}

TEST(Confirmation, ASlaveDoesNotCountByAnOlderConnectionThanOneThatDoesNot) {
  const std::vector<ReplicaProgress> progress{{"a", {300}}, {"b", {200}}, {"a", {100}, false}};
  EXPECT_EQ(count_replicas(progress), 1);
  EXPECT_EQ(confirmed_by(progress, 1), PhysicalOffset{200});
  EXPECT_EQ(confirmed_by(progress, 2), PhysicalOffset{});
}

TEST(Confirmation, TooFewConfirmNothing) {
  EXPECT_EQ(confirmed_by({}, 1), PhysicalOffset{});
  EXPECT_EQ(confirmed_by({{"a", {300}}, {"a", {400}}}, 2), PhysicalOffset{});
}

}  // namespace
}  // namespace tenon::replication
