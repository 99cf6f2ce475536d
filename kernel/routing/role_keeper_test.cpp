// SPDX-License-Identifier: Apache-2.0
// What is said to a broker while it becomes the master; the rest is in slave_test.cpp.
#include "routing/role_keeper.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "tenon/testing/temporary_directory.hpp"

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

/// A broker that is to stop while it looks through a long log, say.
class StoppedWhileItBegins : public ::testing::Test {
 protected:
  StoppedWhileItBegins() { role.wire(&replication, {}); }
  /// As long as it is the master, or nearly for ever.
  void begin_at_length() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (role.is_master() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_FALSE(role.is_master()) << "the stop waits for it";
  }
  static void expect_stopping(const Error& error) {
    EXPECT_TRUE(error.is(Errc::shutting_down)) << error.message() << ": it is no fault";
  }

  RoleKeeper role{1, Logger("test")};
  SlowReplication replication;
};

TEST_F(StoppedWhileItBegins, EndsAtOnceAndIsNotAtFault) {
  std::promise<void> begins;
  bool began_next = false, announced = false;
  role.on_promoted([&] { announced = true; });
  role.when_master([&] {
    begins.set_value();
    begin_at_length();
    throw Failure(Error(Errc::internal, "it has not looked at all of the log"));
  });
  role.when_master([&] { began_next = true; });
  auto promoted = std::async(std::launch::async, [this] { return role.promote(1); });
  begins.get_future().wait();
  role.end_promotions();
  const auto ended = promoted.get();
  ASSERT_TRUE(ended.has_error());
  expect_stopping(ended.error());
  EXPECT_FALSE(began_next);
  EXPECT_FALSE(announced);
  EXPECT_FALSE(role.check_taking());
}

TEST_F(StoppedWhileItBegins, IsNotPromotedAfterThat) {
  role.end_promotions();
  const auto refused = role.promote(1);
  ASSERT_TRUE(refused.has_error());
  expect_stopping(refused.error());
  EXPECT_EQ(role.broker_id(), 1);
}

/// Nobody drains it, as it has not started yet.
TEST_F(StoppedWhileItBegins, EndsItsStart) {
  RoleKeeper master{0, Logger("test")};
  std::atomic<bool> stop{false};
  master.end_when([&] { return stop.load(); });
  master.rest();
  bool ended = false;
  master.when_master([&] {
    EXPECT_TRUE(master.is_master());
    stop = true;
    ended = !master.is_master();
  });
  const Status begun = master.begin();
  ASSERT_TRUE(begun.has_error());
  expect_stopping(begun.error());
  EXPECT_TRUE(ended);
}

TEST_F(StoppedWhileItBegins, IsPromotedByHandAtItsNextStart) {
  const tenon::testing::TemporaryDirectory directory;
  const auto kept = directory.path() / "promoted";
  ASSERT_TRUE(role.load(kept));
  std::atomic<bool> stop{false};
  role.end_when([&] { return stop.load(); });
  role.when_master([&] { stop = true; });
  const auto promoted = role.promote_for_good();
  ASSERT_TRUE(promoted.has_error());
  expect_stopping(promoted.error());
  RoleKeeper restarted{1, Logger("test")};
  ASSERT_TRUE(restarted.load(kept));
  EXPECT_TRUE(restarted.is_master_since_start()) << "replication has begun its epoch";
}

TEST_F(FencedWhileItBegins, IsTheMasterWhenNobodyFencesIt) {
  ASSERT_TRUE(role.promote(1));
  EXPECT_TRUE(role.check_taking());
  EXPECT_TRUE(announced);
}

}  // namespace
}  // namespace tenon::kernel
