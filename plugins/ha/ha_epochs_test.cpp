// SPDX-License-Identifier: Apache-2.0
// Which epochs a broker has: those of its log, and of masters that it followed.
#include "ha/testing/side.hpp"

namespace tenon::ha {
namespace {

using testing::eventually;
using testing::Side;

TEST(HaEpochs, AnEpochIsNewerThanAllKnownWhateverTheClockSays) {
  Side first(0), second(1);
  first.append_many(1);
  ASSERT_TRUE(first.engine->become_master(1'000'000'000'000'000).has_value());  // far beyond the clock of these tests
  first.append_many(1);
  second.follow(first);
  ASSERT_TRUE(eventually([&] { return second.has_all_of(first); }));
  second.lead();
  EXPECT_EQ(second.engine->status().epoch, 1'000'000'000'000'001);
}

/// A slave has all of its master, so neither forgets the master's epoch at the end. With the power the tail goes.
class HaTail : public ::testing::Test {
 protected:
  HaTail() {
    master.append("lost");
    master.lead();
    slave.follow(master);
    EXPECT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  }
  void lose_tail(Side& side) { ASSERT_TRUE(side.store->truncate_log(kept).has_value()); }

  Side master{0}, slave{1};
  const PhysicalOffset kept = master.append("kept");
};

TEST_F(HaTail, AMasterThatLostItLeadsAgain) {
  const std::int64_t before = master.engine->status().epoch;
  master.stop();
  master.start();
  lose_tail(master);
  master.lead();
  EXPECT_GT(master.engine->status().epoch, before) << "an epoch that begins beyond the log is none of it";
}

TEST_F(HaTail, AnEpochWhoseBeginWentWithItIsNotClaimed) {
  slave.restart();
  ASSERT_EQ(slave.engine->status().epoch, master.engine->status().epoch);
  lose_tail(slave);
  slave.restart();
  EXPECT_EQ(slave.engine->status().epoch, 0) << "it would win an election against who has more";
}

TEST(HaEpochs, AnEpochThatNobodyHasSeenIsForgottenAtTheEnd) {
  Side first(0), second(1);
  first.append_many(1);
  first.lead();
  first.restart();
  EXPECT_EQ(first.engine->status().epoch, 0) << "as when another master was found during the start";
  first.lead();
  second.follow(first);
  ASSERT_TRUE(eventually([&] { return second.has_all_of(first); }));
  const std::int64_t epoch = first.engine->status().epoch;
  first.restart();
  EXPECT_EQ(first.engine->status().epoch, epoch) << "a slave was let in";
}

// Of the former master's epoch there may be no byte, but what it was begun on was confirmed to it, and read.
TEST(HaEpochs, AnEpochThatWasFollowedIsNotForgottenWithTheOneAfterIt) {
  Side first(0), second(1);
  first.append_many(1);
  first.lead();
  const std::int64_t epoch = first.engine->status().epoch;
  second.follow(first);
  ASSERT_TRUE(eventually([&] { return second.engine->status().epoch == epoch; }));
  second.lead();
  second.restart();
  EXPECT_EQ(second.engine->status().epoch, epoch);
}

TEST(HaEpochs, AMasterOfAnOlderEpochThanRequiredIsLeftAtOnce) {
  Side first(0), second(1);
  first.append_many(1);
  ASSERT_TRUE(first.engine->become_master(7).has_value());
  EXPECT_EQ(first.engine->status().epoch, 7) << "whoever elects knows the number that it gave";
  second.follow(first);
  ASSERT_TRUE(eventually([&] { return second.has_all_of(first); }));
  second.engine->require_epoch(8);
  const auto end = second.store->log_max();
  first.append_many(1);
  ASSERT_TRUE(eventually([&] { return second.reasons().size() >= 2; })) << "left, and refused when asked again";
  EXPECT_EQ(second.store->log_max(), end);
  second.engine->require_epoch(7);
  EXPECT_TRUE(eventually([&] { return second.has_all_of(first); }));
}

}  // namespace
}  // namespace tenon::ha
