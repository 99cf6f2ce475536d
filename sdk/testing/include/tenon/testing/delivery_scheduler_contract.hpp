// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "tenon/delivery_scheduler.hpp"

namespace tenon::testing {

/// A scheduler to be tested, its clock, and what it has delivered.
struct OpenScheduler {
  DeliveryScheduler* scheduler = nullptr;
  std::shared_ptr<void> keep_alive;
  std::function<std::int64_t()> now_ms;
  /// Sets the clock and lets the scheduler do what is due.
  std::function<void(std::int64_t now_ms)> advance_to;
  /// The bodies delivered so far, in order.
  std::function<std::vector<std::string>()> delivered;
};
struct SchedulerCase {
  std::string name;
  std::function<OpenScheduler()> open;
};
inline std::ostream& operator<<(std::ostream& out, const SchedulerCase& one) { return out << one.name; }

/// What every DeliveryScheduler must keep. Include this header in one file of a test program and instantiate the suite.
class DeliverySchedulerContract : public ::testing::TestWithParam<SchedulerCase> {
 protected:
  std::string schedule(const std::string& body, std::int64_t ahead_ms) {
    Message message;
    message.topic = "T";
    message.body = std::as_bytes(std::span(body));
    const auto scheduled = open_.scheduler->schedule(message, open_.now_ms() + ahead_ms);
    EXPECT_TRUE(scheduled) << scheduled.error().message();
    return scheduled ? scheduled->handle : std::string();
  }
  OpenScheduler open_ = GetParam().open();
};

TEST_P(DeliverySchedulerContract, DeliversAtTheTimeAndNotBefore) {
  const std::int64_t due = open_.now_ms() + 5'000;
  EXPECT_FALSE(schedule("a", 5'000).empty());
  open_.advance_to(due - 1);
  EXPECT_TRUE(open_.delivered().empty());
  open_.advance_to(due + 1'000);
  EXPECT_EQ(open_.delivered(), std::vector<std::string>{"a"});
}

TEST_P(DeliverySchedulerContract, DeliversAtOnceWhatIsDue) {
  EXPECT_TRUE(schedule("a", 0).empty()) << "there is nothing left to cancel";
  EXPECT_EQ(open_.delivered(), std::vector<std::string>{"a"});
}

TEST_P(DeliverySchedulerContract, WhatIsCancelledIsNotDelivered) {
  const std::int64_t due = open_.now_ms() + 5'000;
  schedule("keep", 5'000);
  const std::string handle = schedule("drop", 5'000);
  ASSERT_TRUE(open_.scheduler->cancel(handle, "T"));
  open_.advance_to(due + 1'000);
  EXPECT_EQ(open_.delivered(), std::vector<std::string>{"keep"});
}

TEST_P(DeliverySchedulerContract, RefusesHandlesThatAreNoneWithAReason) {
  const std::string handle = schedule("a", 5'000);
  for (const auto& [text_of_handle, topic] :
       {std::pair<std::string, std::string>{"", "T"}, {"?", "T"}, {handle, "U"}}) {
    const auto cancelled = open_.scheduler->cancel(text_of_handle, topic);
    ASSERT_FALSE(cancelled) << text_of_handle;
    EXPECT_TRUE(cancelled.error().is(Errc::illegal_operation));
    EXPECT_FALSE(cancelled.error().message().empty());
  }
}

}  // namespace tenon::testing
