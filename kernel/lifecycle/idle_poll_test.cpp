// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/idle_poll.hpp"

#include <gtest/gtest.h>

#include <random>

namespace tenon::kernel {
namespace {

constexpr int kHandlers = 1'000'000;

/// How often it looks in the course of kHandlers, where `percent` of the looks find something.
int looks(int percent) {
  std::mt19937 random(7);  // the same each time
  IdlePoll poll;
  int looks = 0;
  for (int handlers = 0; handlers < kHandlers; ++looks) {
    handlers += poll.rest() + 1;
    static_cast<int>(random() % 100) < percent ? poll.found() : poll.missed();
  }
  return looks;
}

TEST(IdlePoll, RestsUntilThreadHasSomethingToDo) { EXPECT_EQ(IdlePoll().rest(), IdlePoll::kRestMax); }

TEST(IdlePoll, LooksAlwaysWhereLookingFindsSomething) {
  IdlePoll poll;
  int handlers = 0;
  for (; poll.rest() > 0; poll.found()) handlers += poll.rest();
  EXPECT_LT(handlers, 2 * IdlePoll::kRestMax);
  poll.found();
  EXPECT_EQ(poll.rest(), 0);
  EXPECT_GT(looks(100), kHandlers - 3 * IdlePoll::kRestMax);
}

TEST(IdlePoll, HardlyLooksWhereLookingFindsNothing) {
  IdlePoll poll;
  for (int look = 0; look < 100; ++look) poll.missed();
  EXPECT_EQ(poll.rest(), IdlePoll::kRestMax);
  EXPECT_LT(looks(0), kHandlers / IdlePoll::kRestMax + 1);
}

TEST(IdlePoll, ALoneMissCostsOneSleep) {
  IdlePoll poll;
  while (poll.rest() > 0) poll.found();
  poll.missed();
  EXPECT_EQ(poll.rest(), 1);
  poll.found();
  EXPECT_EQ(poll.rest(), 0);
}

TEST(IdlePoll, TheMajorityDecides) {
  EXPECT_GT(looks(75), kHandlers / 3);
  EXPECT_LT(looks(25), kHandlers / 100);
}

}  // namespace
}  // namespace tenon::kernel
