// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "tenon/commit_gate.hpp"

namespace tenon::testing {

/// A gate to be tested, and what it lives on.
struct OpenGate {
  CommitGate* gate = nullptr;
  std::shared_ptr<void> keep_alive;  ///< Destroying it ends the gate.
  /// Stores something new and returns its end. The gate must let it pass by itself within a few seconds.
  std::function<PhysicalOffset()> append;
};
struct CommitGateCase {
  std::string name;
  std::function<OpenGate()> open;
};

inline std::ostream& operator<<(std::ostream& out, const CommitGateCase& one) { return out << one.name; }

/// What every commit gate must keep. Include this header in one file of a test program and instantiate the suite:
///     INSTANTIATE_TEST_SUITE_P(Mine, CommitGateContract, ::testing::Values(my_case()));
class CommitGateContract : public ::testing::TestWithParam<CommitGateCase> {
 protected:
  using Clock = std::chrono::steady_clock;

  /// Waits for one passage; fails the test when it does not come.
  Status pass(PhysicalOffset end, Clock::time_point deadline) {
    auto passed = std::make_shared<std::promise<Status>>();
    auto outcome = passed->get_future();
    open_.gate->wait_for(end, deadline, [passed](const Status& status) { passed->set_value(status); });
    if (outcome.wait_for(std::chrono::seconds(30)) != std::future_status::ready) {
      return Error(Errc::timed_out, "the gate never called back");
    }
    return outcome.get();
  }
  static Clock::time_point soon() { return Clock::now() + std::chrono::seconds(20); }

  OpenGate open_ = GetParam().open();
};

TEST_P(CommitGateContract, NothingIsAlwaysSafe) { EXPECT_TRUE(open_.gate->is_safe(PhysicalOffset{0})); }

TEST_P(CommitGateContract, WhatHasPassedIsSafeAndStaysSafe) {
  for (int round = 0; round < 3; ++round) {
    const PhysicalOffset end = open_.append();
    const Status passed = pass(end, soon());
    ASSERT_TRUE(passed) << passed.error().message();
    EXPECT_TRUE(open_.gate->is_safe(end));
    EXPECT_TRUE(open_.gate->is_safe(PhysicalOffset{end.value - 1})) << "all below it is safe as well";
    EXPECT_TRUE(pass(end, soon())) << "what is safe passes again";
  }
}

TEST_P(CommitGateContract, ADeadlineThatIsOverIsSaidSo) {
  (void)open_.append();
  const PhysicalOffset never{INT64_MAX / 2};
  EXPECT_FALSE(open_.gate->is_safe(never));
  const Status late = pass(never, Clock::now() + std::chrono::milliseconds(20));
  ASSERT_FALSE(late);
  const Error& error = late.error();
  EXPECT_TRUE(error.is(Errc::flush_disk_timeout) || error.is(Errc::flush_slave_timeout) ||
              error.is(Errc::slave_not_available))
      << error.message();
  EXPECT_FALSE(open_.gate->is_safe(never));
}

TEST_P(CommitGateContract, EveryWaiterIsCalledExactlyOnce) {
  constexpr int kThreads = 4, kRounds = 25;
  const auto calls = std::make_shared<std::vector<std::atomic<int>>>(kThreads * kRounds);
  const auto left = std::make_shared<std::atomic<int>>(kThreads * kRounds);
  const auto all = std::make_shared<std::promise<void>>();
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int round = 0; round < kRounds; ++round) {
        const auto index = static_cast<std::size_t>(thread * kRounds + round);
        open_.gate->wait_for(open_.append(), soon(), [calls, left, all, index](const Status& status) {
          EXPECT_TRUE(status);
          if (++(*calls)[index] == 1 && left->fetch_sub(1) == 1) all->set_value();
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(all->get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready) << *left << " are waiting";
  EXPECT_TRUE(pass(open_.append(), soon()));  // whoever would be called twice has been by now
  for (const auto& count : *calls) EXPECT_EQ(count, 1);
}

}  // namespace tenon::testing
