// SPDX-License-Identifier: Apache-2.0
#include "replication/own_epochs.hpp"

#include <gtest/gtest.h>

#include "replication/readable_on_slave.hpp"
#include "replication/testing/pair.hpp"

namespace tenon::replication {
namespace {

class OwnEpochsOfABroker : public ::testing::Test {
 protected:
  OwnEpochsOfABroker() { fill(broker_, 10); }

  testing::Replica broker_;
};

TEST_F(OwnEpochsOfABroker, OneBeginsAtTheEndOfTheLastWholeRecord) {
  const auto half = testing::bytes_of("half");
  ASSERT_TRUE(broker_.log.append_log(broker_.log.log_max(), half).has_value());
  const auto begun = begin_own_epoch(broker_.log, broker_.epochs, 7);
  ASSERT_TRUE(begun.has_value());
  EXPECT_EQ(*begun, (Epoch{7, {160}}));
  EXPECT_EQ(broker_.epochs.history().last(), *begun);
  EXPECT_EQ(broker_.log.log_received().value, 160) << "a half record would stand in front of the first of the epoch";
}

TEST_F(OwnEpochsOfABroker, ItsNumberIsAboveAllThatAreKnown) {
  ASSERT_TRUE(begin_own_epoch(broker_.log, broker_.epochs, 7).has_value());
  broker_.log.append('b');
  const auto next = begin_own_epoch(broker_.log, broker_.epochs, 3);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(*next, (Epoch{8, {176}}));
  EXPECT_EQ(broker_.epochs.history().entries().size(), 2U);
}

TEST_F(OwnEpochsOfABroker, OneOfWhichNothingWasWrittenIsForgotten) {
  ASSERT_TRUE(begin_own_epoch(broker_.log, broker_.epochs, 7).has_value());
  ASSERT_TRUE(forget_unused_epoch(broker_.log, broker_.epochs, {}).has_value());
  EXPECT_EQ(broker_.epochs.history().last(), Epoch{});

  ASSERT_TRUE(begin_own_epoch(broker_.log, broker_.epochs, 8).has_value());
  broker_.log.append('b');
  ASSERT_TRUE(forget_unused_epoch(broker_.log, broker_.epochs, {}).has_value());
  EXPECT_EQ(broker_.epochs.history().last().number, 8);
}

TEST_F(OwnEpochsOfABroker, OneThatHadNoByteEitherIsThereAgain) {
  ASSERT_TRUE(begin_own_epoch(broker_.log, broker_.epochs, 7).has_value());
  const EpochHistory before = broker_.epochs.history();
  ASSERT_TRUE(begin_own_epoch(broker_.log, broker_.epochs, 8).has_value());
  ASSERT_TRUE(forget_unused_epoch(broker_.log, broker_.epochs, before).has_value());
  EXPECT_EQ(broker_.epochs.history().last(), (Epoch{7, {160}}));
}

// Of three, two had a tail that nobody else had. A reader at the third saw the one that its last master had begun on.
TEST(OwnEpochsOfThree, WhoWasElectedAndStoppedAtOnceIsStillBeforeWhoHasALongerLogOfAnOlderEpoch) {
  testing::Replica one, other, third;
  for (testing::Replica* each : {&one, &other, &third}) fill(*each, 1);
  const auto lead = [](testing::Replica& side, std::int64_t term) {
    EXPECT_TRUE(begin_own_epoch(side.log, side.epochs, term).has_value());
  };
  lead(one, 2);
  fill(one, 3);
  lead(other, 3);
  fill(other, 5);
  lead(one, 4);
  testing::Pair pair(one, third);
  pair.connect_and_settle();
  ASSERT_EQ(readable_on_slave(*pair.slave, third.log.log_max(), 2), one.log.log_max());

  const EpochHistory before = third.epochs.history();
  lead(third, 5);
  ASSERT_TRUE(forget_unused_epoch(third.log, third.epochs, before).has_value());
  EXPECT_GT(third.epochs.history().last().number, other.epochs.history().last().number);
}

// It was followed, or begun, on records that were not on the disk yet when the power went.
TEST_F(OwnEpochsOfABroker, OneWhoseBeginIsGoneIsForgotten) {
  ASSERT_TRUE(begin_own_epoch(broker_.log, broker_.epochs, 7).has_value());
  broker_.log.append('b');
  ASSERT_TRUE(begin_own_epoch(broker_.log, broker_.epochs, 8).has_value());
  broker_.log.restart({160});
  ASSERT_TRUE(forget_lost_epochs(broker_.log, broker_.epochs).has_value());
  EXPECT_EQ(broker_.epochs.history().last().number, 7) << "everything that it was begun on is here";
  broker_.log.restart({144});
  ASSERT_TRUE(forget_lost_epochs(broker_.log, broker_.epochs).has_value());
  EXPECT_EQ(broker_.epochs.history().last(), Epoch{});
}

}  // namespace
}  // namespace tenon::replication
