// SPDX-License-Identifier: Apache-2.0
#include "routing/cold_read_pace.hpp"

#include <gtest/gtest.h>

#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using std::chrono::milliseconds;
using test::BrokerTest;

constexpr std::int64_t kRate = 1'000'000;

class ColdReads : public ::testing::Test {
 protected:
  static ReadResult found(std::int64_t bytes) {
    ReadResult read;
    read.status = ReadStatus::found;
    read.total_bytes = bytes;
    return read;
  }
  /// A read that would have waited for the disk, and the same again where it may.
  void read_cold(std::int64_t bytes) {
    ReadResult missed;
    missed.status = ReadStatus::not_in_memory;
    pace.note(group, missed, now);
    pace.note(group, found(bytes), now);
  }
  void park(std::uint64_t token, milliseconds at_most = milliseconds(15'000)) {
    WaitingPull pull;
    pull.token = token;
    pull.completion = consumer;
    pull.deadline = now + at_most;
    ASSERT_FALSE(pace.park(std::move(pull)));
  }
  std::vector<std::uint64_t> due_after(milliseconds time) {
    now += time;
    std::vector<std::uint64_t> tokens;
    for (const WaitingPull& pull : pace.take_due(now)) tokens.push_back(pull.token);
    return tokens;
  }

  static constexpr std::size_t kWaitingMax = 3;

  boost::asio::io_context context;
  std::shared_ptr<test::RecordingConsumer> consumer = std::make_shared<test::RecordingConsumer>(context.get_executor());
  ColdReadPace pace{kRate, kWaitingMax};
  Consumption group;
  ColdReadPace::TimePoint now{std::chrono::hours(1)};
};

TEST_F(ColdReads, WhatLiesInMemoryCostsNothing) {
  pace.note(group, found(100 * kRate), now);
  EXPECT_FALSE(pace.must_wait(group, now));
}

TEST_F(ColdReads, WhatCameOffTheDiskIsPaidInTime) {
  read_cold(kRate / 10);
  EXPECT_TRUE(pace.must_wait(group, now + milliseconds(89)));
  EXPECT_FALSE(pace.must_wait(group, now + milliseconds(100)));
}

TEST_F(ColdReads, OnlyWhoReadsColdPays) {
  read_cold(kRate);
  Consumption other;
  EXPECT_FALSE(pace.must_wait(other, now));
}

TEST_F(ColdReads, WhatTheSystemReadsAheadIsColdToo) {
  read_cold(kRate / 10);
  now += milliseconds(200);
  pace.note(group, found(kRate / 10), now);
  EXPECT_TRUE(pace.must_wait(group, now));
}

TEST_F(ColdReads, WhoReadsLongWithoutTheDiskIsNotCold) {
  read_cold(ColdReadPace::kStretchBytes);
  EXPECT_FALSE(pace.must_wait(group, now));
}

TEST_F(ColdReads, PullsGoOnInTheirOrderOneAfterAnother) {
  read_cold(kRate / 10);
  park(1);
  park(2);
  EXPECT_EQ(pace.earliest(), now + milliseconds(90));
  EXPECT_TRUE(due_after(milliseconds(89)).empty());
  EXPECT_EQ(due_after(milliseconds(1)), std::vector<std::uint64_t>{1});
  EXPECT_TRUE(due_after(milliseconds(0)).empty()) << "what the first has read is not known yet";
  pace.note(group, found(kRate / 10), now);
  EXPECT_TRUE(due_after(milliseconds(98)).empty());
  EXPECT_EQ(due_after(milliseconds(2)), std::vector<std::uint64_t>{2});
  EXPECT_EQ(pace.earliest(), std::nullopt);
}

TEST_F(ColdReads, APullThatWouldPassOthersWaitsBehindThem) {
  read_cold(kRate / 10);
  park(1);
  EXPECT_TRUE(pace.must_wait(group, now + milliseconds(500)));
}

TEST_F(ColdReads, NobodyWaitsForEver) {
  read_cold(100 * kRate);
  park(1, milliseconds(15'000));
  park(2, milliseconds(1'000));
  EXPECT_EQ(pace.earliest(), now + milliseconds(1'000));
  EXPECT_EQ(due_after(milliseconds(1'000)), std::vector<std::uint64_t>{2});
  EXPECT_EQ(due_after(milliseconds(14'000)), std::vector<std::uint64_t>{1});
}

TEST_F(ColdReads, ClosedConnectionsUseUpNobodysTurn) {
  read_cold(kRate / 10);
  park(1);
  consumer = std::make_shared<test::RecordingConsumer>(context.get_executor());
  park(2);
  EXPECT_EQ(due_after(milliseconds(100)), std::vector<std::uint64_t>{2});
}

TEST_F(ColdReads, WhoComesWhenTooManyWaitIsGivenBack) {
  read_cold(kRate);
  for (std::uint64_t token = 1; token <= kWaitingMax; ++token) park(token);
  WaitingPull pull;
  pull.token = 4;
  const auto back = pace.park(std::move(pull));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->token, 4u);
}

TEST_F(ColdReads, DebtsOfAnOverloadAreForgotten) {
  for (int late = 0; late < 100; ++late) read_cold(kRate / 10);
  EXPECT_TRUE(pace.must_wait(group, now + milliseconds(999)));
  EXPECT_FALSE(pace.must_wait(group, now + milliseconds(1'000)));
}

TEST_F(ColdReads, TheRateHoldsThoughTimersAreLate) {
  std::int64_t bytes = 0;
  const auto begin = now;
  read_cold(0);
  for (; now - begin < std::chrono::seconds(10); now += milliseconds(3)) {
    if (pace.must_wait(group, now)) continue;
    pace.note(group, found(kRate / 100), now);
    bytes += kRate / 100;
  }
  EXPECT_NEAR(static_cast<double>(bytes), 10.0 * kRate, 0.02 * kRate);
}

class PacedPull : public BrokerTest {};

TEST_F(PacedPull, IsAnsweredWhenWhatWasReadIsPaid) {
  config.cold_read_bytes_per_second = 1;  // nobody lives to see that paid
  open();
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(send("T"));
  store.pretend_to_be_cold(true);
  const std::uint64_t first = start_pull(pull_request("g", "T", 0));
  host.run();
  ASSERT_TRUE(answered(first));
  const std::uint64_t second = start_pull(pull_request("g", "T", 1));
  const std::uint64_t of_another_group = start_pull(pull_request("g2", "T", 1));
  host.run();
  EXPECT_FALSE(answered(second));
  EXPECT_TRUE(answered(of_another_group)) << "it did not know that it reads cold";
  broker->drain(std::chrono::steady_clock::now());
  host.run();
  ASSERT_TRUE(answered(second));
  EXPECT_EQ(outcome(second)->status, PullStatus::found);
}

TEST_F(PacedPull, AtTheEndOfItsQueueWaitsForMessagesAndNotForItsTurn) {
  config.cold_read_bytes_per_second = 1;
  open();
  ASSERT_TRUE(send("T"));
  store.pretend_to_be_cold(true);
  const std::uint64_t first = start_pull(pull_request("g", "T", 0));
  host.run();
  ASSERT_TRUE(answered(first));
  store.pretend_to_be_cold(false);
  PullRequest request = pull_request("g", "T", 1);
  request.suspend_timeout = std::chrono::seconds(15);
  const std::uint64_t at_the_end = start_pull(request);
  ASSERT_TRUE(send("T"));
  ASSERT_TRUE(answered(at_the_end));
  EXPECT_EQ(outcome(at_the_end)->status, PullStatus::found);
}

}  // namespace
}  // namespace tenon::kernel
