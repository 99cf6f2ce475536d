// SPDX-License-Identifier: Apache-2.0
#include "replication/own_epochs.hpp"

#include <gtest/gtest.h>

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
  ASSERT_TRUE(forget_unused_epoch(broker_.log, broker_.epochs).has_value());
  EXPECT_EQ(broker_.epochs.history().last(), Epoch{});

  ASSERT_TRUE(begin_own_epoch(broker_.log, broker_.epochs, 8).has_value());
  broker_.log.append('b');
  ASSERT_TRUE(forget_unused_epoch(broker_.log, broker_.epochs).has_value());
  EXPECT_EQ(broker_.epochs.history().last().number, 8);
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
