// SPDX-License-Identifier: Apache-2.0
#include "replication/epoch_history.hpp"

#include <gtest/gtest.h>

namespace tenon::replication {
namespace {

EpochHistory history(std::vector<Epoch> entries) { return EpochHistory::from_entries(std::move(entries)).value(); }

TEST(EpochHistory, KnowsTheEpochOfAByte) {
  const EpochHistory one = history({{2, {100}}, {5, {300}}});
  EXPECT_EQ(one.at({99}).number, 0);
  EXPECT_EQ(one.at({100}).number, 2);
  EXPECT_EQ(one.at({300}).number, 5);
  EXPECT_EQ(one.end_of_epoch_at({0}), PhysicalOffset{100});
  EXPECT_EQ(one.end_of_epoch_at({100}), PhysicalOffset{300});
  EXPECT_EQ(one.end_of_epoch_at({300}), std::nullopt);
}

TEST(EpochHistory, EpochsOnlyRise) {
  EpochHistory one = history({{2, {100}}});
  EXPECT_TRUE(one.begin({2, {200}}).has_error());
  EXPECT_TRUE(one.begin({3, {99}}).has_error());
  EXPECT_TRUE(one.begin({3, {100}}).has_value()) << "takes the place of an epoch without a byte";
  EXPECT_EQ(one.entries(), (std::vector<Epoch>{{3, {100}}}));
  EXPECT_TRUE(EpochHistory::from_entries({{3, {10}}, {3, {20}}}).has_error());
  EXPECT_TRUE(EpochHistory::from_entries({{3, {10}}, {4, {10}}}).has_error());
}

TEST(EpochHistory, KeepsTheNewest) {
  EpochHistory one;
  for (std::int64_t number = 1; number <= 1'100; ++number) ASSERT_TRUE(one.begin({number, {number}}).has_value());
  EXPECT_EQ(one.entries().size(), EpochHistory::kEpochsMax);
  EXPECT_EQ(one.last().number, 1'100);
}

TEST(EpochHistory, TwoLogsAgreeUpToTheEndOfTheLastCommonEpoch) {
  const EpochHistory own = history({{1, {0}}, {2, {100}}});
  // The other became master at 250, when the own log had 300 bytes already.
  EXPECT_EQ(own.agreement_with(history({{1, {0}}, {2, {100}}, {3, {250}}}), {300}, {900}), PhysicalOffset{250});
  // The own log is just behind.
  EXPECT_EQ(own.agreement_with(history({{1, {0}}, {2, {100}}, {3, {250}}}), {200}, {900}), PhysicalOffset{200});
  // Epoch 2 of the other is another one.
  EXPECT_EQ(own.agreement_with(history({{1, {0}}, {2, {80}}}), {300}, {900}), PhysicalOffset{80});
  // Only epoch 0 is common.
  EXPECT_EQ(own.agreement_with(history({{7, {40}}}), {300}, {900}), PhysicalOffset{0});
  EXPECT_EQ(EpochHistory().agreement_with(history({{7, {40}}}), {300}, {900}), PhysicalOffset{40});
  EXPECT_EQ(EpochHistory().agreement_with({}, {300}, {900}), PhysicalOffset{300});
}

TEST(EpochHistory, ACutTakesTheEpochsAboveWithIt) {
  EpochHistory one = history({{1, {0}}, {2, {100}}, {3, {200}}});
  one.truncate({200});
  EXPECT_EQ(one.last().number, 2);
  one.truncate({100});
  EXPECT_EQ(one.last().number, 1);
}

TEST(EpochHistory, SurvivesBeingWritten) {
  const EpochHistory one = history({{1, {0}}, {9, {123'456'789'012}}});
  EXPECT_EQ(EpochHistory::from_text(one.to_text()).value().entries(), one.entries());
  EXPECT_TRUE(EpochHistory::from_text("").value().entries().empty());
  EXPECT_EQ(EpochHistory::from_text("1\n0\n4-77\n").value().last(), (Epoch{4, {77}})) << "0: without a checksum";
}

TEST(EpochHistory, RefusesDamage) {
  const std::string good = history({{1, {0}}, {9, {123}}}).to_text();
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = bad[at] == '1' ? '3' : '1';
    EXPECT_TRUE(EpochHistory::from_text(bad).has_error()) << bad;
  }
  EXPECT_TRUE(EpochHistory::from_text("3\n0\n1-0\n").has_error());
  EXPECT_TRUE(EpochHistory::from_text("99999999999\n0\n").has_error());
}

}  // namespace
}  // namespace tenon::replication
