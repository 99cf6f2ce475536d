// SPDX-License-Identifier: Apache-2.0
#include "half_ledger.hpp"

#include <gtest/gtest.h>

namespace tenon::transaction {
namespace {

constexpr auto kCommitted = TransactionDecision::commit;
constexpr auto kRolledBack = TransactionDecision::rollback;

class HalfLedgerTest : public ::testing::Test {
 protected:
  void end(std::int64_t half) {
    ASSERT_EQ(ledger.claim({half}, {half}).state, Claim::State::taken);
    ledger.finish({half}, {half}, {half}, kCommitted);
  }
  HalfLedger ledger{4};
};

TEST_F(HalfLedgerTest, CountsAndProgressFollowEnds) {
  ledger.reset({10});
  EXPECT_EQ(ledger.pending_count({20}), 10);
  EXPECT_EQ(ledger.progress({20}).value, 10);
  end(11);
  EXPECT_EQ(ledger.progress({20}).value, 10);
  end(10);
  EXPECT_EQ(ledger.progress({20}).value, 12);
  EXPECT_EQ(ledger.pending_count({20}), 8);
  EXPECT_EQ(ledger.next_pending({20}).value, 12);
}

TEST_F(HalfLedgerTest, OneClaimAtATime) {
  ledger.reset({0});
  ASSERT_EQ(ledger.claim({3}, {3}).state, Claim::State::taken);
  EXPECT_EQ(ledger.claim({3}, {3}).state, Claim::State::busy);
  ledger.release({3});
  ASSERT_EQ(ledger.claim({3}, {3}).state, Claim::State::taken);
  ledger.finish({3}, {3}, {3}, kRolledBack);
  const Claim again = ledger.claim({3}, {3});
  EXPECT_EQ(again.state, Claim::State::ended);
  EXPECT_EQ(again.outcome, kRolledBack);
}

TEST_F(HalfLedgerTest, EveryOffsetOfARenewedOneLeadsToTheNewest) {
  ledger.reset({0});
  ASSERT_EQ(ledger.claim({1}, {1}).half.value, 1);
  ledger.renew({1}, {1}, {7});
  ASSERT_EQ(ledger.claim({7}, {1}).half.value, 7);
  ledger.renew({7}, {1}, {9});
  const Claim claim = ledger.claim({1}, {1});
  EXPECT_EQ(claim.state, Claim::State::taken);
  EXPECT_EQ(claim.half.value, 9);
  ledger.finish({9}, {1}, {1}, kCommitted);
  EXPECT_EQ(ledger.claim({7}, {1}).outcome, kCommitted);
  EXPECT_FALSE(ledger.is_pending({9}));
}

TEST_F(HalfLedgerTest, WhatIsPassedWhilePendingIsKeptAside) {
  ledger.reset({0});
  ASSERT_EQ(ledger.claim({2}, {2}).state, Claim::State::taken);
  end(0);
  ASSERT_TRUE(ledger.defer({1}, 500));
  ledger.advance({3}, 100);
  EXPECT_EQ(ledger.cursor().value, 3);
  EXPECT_EQ(ledger.pending_count({3}), 2);
  EXPECT_EQ(ledger.next_due(100), std::nullopt) << "2 is claimed, 1 is not due";
  ledger.release({2});
  EXPECT_EQ(ledger.next_due(100), QueueOffset{2});
  EXPECT_EQ(ledger.progress({3}).value, 1);
  ledger.postpone({2}, 900);
  EXPECT_EQ(ledger.next_due(500), QueueOffset{1});
}

TEST_F(HalfLedgerTest, RoomAsideIsBounded) {
  ledger.reset({0});
  for (std::int64_t half = 0; half < 4; ++half) EXPECT_TRUE(ledger.defer({half}, 100));
  EXPECT_FALSE(ledger.defer({4}, 100));
  ledger.advance({10}, 0);
  EXPECT_EQ(ledger.cursor().value, 4) << "nothing pending is passed without being kept";
}

TEST_F(HalfLedgerTest, RecoveryKnowsWhatWasStoredAgain) {
  ledger.reset({5});
  ledger.recover_ended({4});
  ledger.recover_ended({6});
  using Offsets = std::vector<QueueOffset>;
  EXPECT_EQ(ledger.recover_renewed({8}, {5}), Offsets{{5}});
  EXPECT_EQ(ledger.recover_renewed({9}, {5}), Offsets{{8}});
  EXPECT_EQ(ledger.recover_renewed({10}, {2}), Offsets{});
  EXPECT_FALSE(ledger.is_pending({5}));
  EXPECT_FALSE(ledger.is_pending({8}));
  EXPECT_EQ(ledger.claim({2}, {2}).half.value, 10);
  EXPECT_EQ(ledger.claim({5}, {5}).half.value, 9);
  EXPECT_EQ(ledger.pending_count({11}), 3) << "7, 9, 10";
}

TEST_F(HalfLedgerTest, ForgetsWhatRetentionDeleted) {
  ledger.reset({0});
  ASSERT_TRUE(ledger.defer({1}, 100));
  ledger.advance({1}, 0);
  ledger.forget_below({50});
  EXPECT_EQ(ledger.cursor().value, 50);
  EXPECT_EQ(ledger.progress({60}).value, 50);
}

TEST(OffsetBitsTest, FindsClearOnesAcrossWords) {
  OffsetBits bits;
  bits.reset(100);
  for (std::int64_t offset = 100; offset < 400; ++offset) {
    if (offset != 130 && offset != 320) bits.set(offset);
  }
  EXPECT_EQ(bits.first_clear(100, 1000), 130);
  EXPECT_EQ(bits.first_clear(131, 1000), 320);
  EXPECT_EQ(bits.first_clear(131, 200), 200);
  EXPECT_EQ(bits.first_clear(321, 1000), 400);
  EXPECT_EQ(bits.count(), 298);
  bits.drop_below(200);
  EXPECT_EQ(bits.count(), 199);
  EXPECT_EQ(bits.first_clear(200, 1000), 320);
  EXPECT_FALSE(bits.test(5000));
  bits.drop_below(5000);
  EXPECT_EQ(bits.count(), 0);
  EXPECT_EQ(bits.begin(), 5000);
}

}  // namespace
}  // namespace tenon::transaction
