// SPDX-License-Identifier: Apache-2.0
// What is said to a broker while it becomes the master; the rest is in slave_test.cpp.
#include "routing/role_keeper.hpp"

#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

class SlowReplication final : public Replication {
 public:
  ReplicationStatus status() const override { return {}; }
  HostAddress ha_address() const override { return {}; }
  Result<std::int64_t> become_master(std::int64_t epoch_min) override {
    if (meanwhile) meanwhile();
    return epoch_min;
  }
  Status become_slave(std::string_view) override { return {}; }
  void require_epoch(std::int64_t) override {}

  std::function<void()> meanwhile;
};

/// An election goes on beside the promotion that it began, and may lose its lease meanwhile.
class FencedWhileItBegins : public ::testing::Test {
 protected:
  FencedWhileItBegins() {
    role.wire(&replication, {});
    role.on_promoted([this] { announced = true; });
  }
  void fence() { role.fence("the election was lost"); }
  void expect_refused() {
    const auto promoted = role.promote(1);
    ASSERT_TRUE(promoted.has_error());
    EXPECT_NE(promoted.error().message().find("the election was lost"), std::string::npos)
        << promoted.error().message();
    EXPECT_FALSE(role.is_master());
    EXPECT_FALSE(role.check_taking());
    EXPECT_FALSE(announced) << "another broker has the place, or is about to";
  }

  RoleKeeper role{1, Logger("test")};
  SlowReplication replication;
  bool announced = false;
};

TEST_F(FencedWhileItBegins, StaysFencedWhenReplicationHasBegun) {
  bool began = false;
  role.when_master([&] { began = true; });
  replication.meanwhile = [this] { fence(); };
  expect_refused();
  EXPECT_FALSE(began);
}

TEST_F(FencedWhileItBegins, StaysFencedWhenOthersHaveBegun) {
  bool began = false;
  role.when_master([this] { fence(); });
  role.when_master([&] { began = true; });
  expect_refused();
  EXPECT_FALSE(began) << "it may take long, and the process is to end";
}

TEST_F(FencedWhileItBegins, IsTheMasterWhenNobodyFencesIt) {
  ASSERT_TRUE(role.promote(1));
  EXPECT_TRUE(role.check_taking());
  EXPECT_TRUE(announced);
}

}  // namespace
}  // namespace tenon::kernel
