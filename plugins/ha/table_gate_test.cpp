// SPDX-License-Identifier: Apache-2.0
#include "ha/table_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>

namespace tenon::ha {
namespace {

using namespace std::chrono_literals;

class TableGateTest : public ::testing::Test {
 protected:
  /// Nothing until the answer has come.
  using Outcome = std::shared_ptr<std::optional<Status>>;

  Outcome wait_for(TableCounters counters) {
    auto outcome = std::make_shared<std::optional<Status>>();
    gate_.wait_for(counters, now_, [outcome](const Status& status) { *outcome = status; });
    return outcome;
  }
  /// Says it, and leaves the question there.
  bool hears(std::int64_t id, TableCounters has) {
    return gate_.heard(id, has, now_, [this] { ++wanted_; });
  }
  void pass(std::chrono::milliseconds time) {
    now_ += time;
    gate_.tick(followers_, now_);
  }

  ReplicaTableGate::Followers followers_{true, {1}};
  ReplicaTableGate::Clock::time_point now_{};
  ReplicaTableGate gate_{3s, [this] { return followers_; }};
  int wanted_ = 0;
};

TEST_F(TableGateTest, AChangeIsThroughWhenTheSlaveHasIt) {
  ASSERT_TRUE(hears(1, {4, 9}));
  EXPECT_TRUE(wait_for({.topics = 4})->has_value()) << "it has it already";
  const Outcome topic = wait_for({.topics = 5}), group = wait_for({.groups = 10});
  ASSERT_TRUE(hears(1, {5, 9}));
  ASSERT_TRUE(topic->has_value());
  EXPECT_TRUE(**topic);
  EXPECT_FALSE(group->has_value());
  ASSERT_TRUE(hears(1, {6, 11}));
  EXPECT_TRUE(group->has_value()) << "and those after it";
}

TEST_F(TableGateTest, ASlaveThatWaitsIsAskedForAsSoonAsSomebodyWaitsForIt) {
  ASSERT_TRUE(hears(1, {4, 9}));
  EXPECT_EQ(wanted_, 0);
  const Outcome topic = wait_for({.topics = 5});
  EXPECT_EQ(wanted_, 1);
  const Outcome another = wait_for({.topics = 6});
  EXPECT_EQ(wanted_, 1) << "once for each question";
  ASSERT_TRUE(hears(1, {4, 9}));
  EXPECT_EQ(wanted_, 2) << "somebody waits still";
  ASSERT_TRUE(hears(1, {6, 9}));
  ASSERT_TRUE(hears(1, {6, 9}));
  EXPECT_EQ(wanted_, 3) << "one question of a slave is left waiting, the last";
}

TEST_F(TableGateTest, WithoutEnoughSlavesTheAnswerIsThereAtOnce) {
  followers_ = {};
  const Outcome outcome = wait_for({.topics = 5});
  ASSERT_TRUE(outcome->has_value());
  EXPECT_TRUE((*outcome)->error().is(Errc::slave_not_available));
  EXPECT_FALSE(hears(1, {5, 9})) << "it does not follow";
}

TEST_F(TableGateTest, ASlaveThatDoesNotSayWhatItHasIsNotWaitedFor) {
  followers_ = {true, {}};
  EXPECT_TRUE(wait_for({.topics = 5})->has_value()) << "a classic one";
  followers_ = {true, {1}};
  const Outcome young = wait_for({.topics = 5});
  EXPECT_FALSE(young->has_value()) << "it may be about to";
  pass(900ms);
  EXPECT_FALSE(young->has_value());
  pass(100ms);
  EXPECT_TRUE(young->has_value()) << "an older Tenon";
  EXPECT_TRUE(wait_for({.topics = 5})->has_value());
}

TEST_F(TableGateTest, OneThatHasTakenNothingYetIsWaitedFor) {
  ASSERT_TRUE(hears(1, {}));
  const Outcome outcome = wait_for({.topics = 5});
  pass(2s);
  EXPECT_FALSE(outcome->has_value());
  ASSERT_TRUE(hears(1, {5, 1}));
  EXPECT_TRUE(outcome->has_value());
}

TEST_F(TableGateTest, ASlaveThatIsTooSlowIsSaidSo) {
  ASSERT_TRUE(hears(1, {4, 9}));
  const Outcome outcome = wait_for({.topics = 5});
  pass(2'999ms);
  EXPECT_FALSE(outcome->has_value());
  pass(1ms);
  ASSERT_TRUE(outcome->has_value());
  EXPECT_TRUE((*outcome)->error().is(Errc::flush_slave_timeout));
  ASSERT_TRUE(hears(1, {5, 9})) << "and nobody is left to be called twice";
}

TEST_F(TableGateTest, OneThatLeavesIsWaitedForAndMustSayItAnew) {
  ASSERT_TRUE(hears(1, {9, 9}));
  const Outcome outcome = wait_for({.topics = 10});
  followers_ = {};
  pass(1s);
  EXPECT_FALSE(outcome->has_value()) << "nobody has it";
  followers_ = {true, {1}};
  pass(1s);
  EXPECT_FALSE(outcome->has_value());
  EXPECT_FALSE(wait_for({.topics = 9})->has_value()) << "it may be another one of this id";
  ASSERT_TRUE(hears(1, {10, 9}));
  EXPECT_TRUE(outcome->has_value());
}

TEST_F(TableGateTest, OneThatHasSpokenBeforeIsWaitedForHoweverLongItIsSilent) {
  ASSERT_TRUE(hears(1, {9, 9}));
  followers_ = {};
  pass(1s);
  followers_ = {true, {1}};
  pass(2s);
  const Outcome outcome = wait_for({.topics = 10});
  EXPECT_FALSE(outcome->has_value()) << "it says what it has; it only has not yet";
  pass(3s);
  ASSERT_TRUE(outcome->has_value());
  EXPECT_TRUE((*outcome)->error().is(Errc::flush_slave_timeout));
}

TEST_F(TableGateTest, WhatAnOlderLookSawIsPassedOver) {
  followers_ = {true, {1, 2}, 7};
  ASSERT_TRUE(hears(1, {4, 0}));
  ASSERT_TRUE(hears(2, {4, 0}));
  const Outcome outcome = wait_for({.topics = 5});
  gate_.tick({true, {}, 6}, now_);
  EXPECT_FALSE(outcome->has_value()) << "nobody has it";
}

TEST_F(TableGateTest, WhoGivesUpSaysWhyUntilItIsOpenAgain) {
  ASSERT_TRUE(hears(1, {4, 9}));
  const Outcome waiting = wait_for({.topics = 5});
  ASSERT_TRUE(hears(1, {4, 9}));
  const int asked = wanted_;
  gate_.give_up(Error(Errc::service_not_available, "no longer the master"));
  const Outcome late = wait_for({.topics = 5});
  for (const Outcome& outcome : {waiting, late}) {
    ASSERT_TRUE(outcome->has_value());
    EXPECT_EQ((*outcome)->error().message(), "no longer the master");
  }
  EXPECT_FALSE(hears(1, {5, 9}));
  EXPECT_EQ(wanted_, asked) << "its question was answered when somebody waited for it";
  gate_.open();
  ASSERT_TRUE(hears(1, {5, 9}));
  EXPECT_TRUE(**wait_for({.topics = 5}));
}

TEST_F(TableGateTest, MoreThanSoManyAreAnsweredBusy) {
  ASSERT_TRUE(hears(1, {4, 9}));
  for (std::size_t number = 0; number < ReplicaTableGate::kWaitersMax; ++number) (void)wait_for({.topics = 5});
  const Outcome outcome = wait_for({.topics = 5});
  ASSERT_TRUE(outcome->has_value());
  EXPECT_TRUE((*outcome)->error().is(Errc::busy));
}

TEST_F(TableGateTest, AllThatFollowAreWaitedForAsAnyOfThemMayBePromoted) {
  followers_ = {true, {1, 2, 3}};
  for (const std::int64_t id : {1, 2, 3}) ASSERT_TRUE(hears(id, {4, 0}));
  const Outcome outcome = wait_for({.topics = 5});
  EXPECT_EQ(wanted_, 3);
  ASSERT_TRUE(hears(3, {5, 0}));
  ASSERT_TRUE(hears(1, {5, 0}));
  EXPECT_FALSE(outcome->has_value());
  followers_ = {true, {1, 3}};  // enough without it
  pass(100ms);
  EXPECT_TRUE(outcome->has_value());
}

TEST_F(TableGateTest, NobodyIsForgottenWhateverComesTogether) {
  constexpr std::int64_t kChanges = 2'000;
  std::atomic<std::int64_t> changed{0}, through{0};
  std::thread slave([&] {
    while (through < kChanges) gate_.heard(1, {changed, 0}, now_, [] {});
  });
  for (std::int64_t change = 1; change <= kChanges; ++change) {
    changed = change;
    gate_.wait_for({.topics = change}, now_, [&](const Status& status) { through += status ? 1 : 0; });
  }
  slave.join();
  EXPECT_EQ(through, kChanges);
}

}  // namespace
}  // namespace tenon::ha
