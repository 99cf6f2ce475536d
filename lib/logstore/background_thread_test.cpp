// SPDX-License-Identifier: Apache-2.0
#include "logstore/background_thread.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <future>

namespace tenon::logstore {
namespace {

int nice_of_this_thread() { return getpriority(PRIO_PROCESS, 0); }

TEST(BackgroundThread, MattersLessThanWhoStartedItIfItShall) {
  std::promise<int> as_much, less;
  BackgroundThread equal, lower;
  equal.start("equal", std::chrono::hours(1), [&] { as_much.set_value(nice_of_this_thread()); });
  lower.start(
      "lower", std::chrono::hours(1), [&] { less.set_value(nice_of_this_thread()); }, 3);
  equal.wake();
  lower.wake();
  EXPECT_EQ(as_much.get_future().get(), nice_of_this_thread());
  EXPECT_EQ(less.get_future().get(), std::min(nice_of_this_thread() + 3, 19));
}

TEST(BackgroundThread, AsksItsWorkNotToPauseWhenItIsToStop) {
  std::promise<void> pausing;
  std::atomic<bool> undisturbed{true};
  BackgroundThread thread;
  thread.start("pauses", std::chrono::hours(1), [&] {
    EXPECT_TRUE(thread.pause(std::chrono::milliseconds(0)));
    pausing.set_value();
    undisturbed = thread.pause(std::chrono::hours(1));
  });
  thread.wake();
  pausing.get_future().get();
  thread.stop();
  EXPECT_FALSE(undisturbed);
}

}  // namespace
}  // namespace tenon::logstore
