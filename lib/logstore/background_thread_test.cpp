// SPDX-License-Identifier: Apache-2.0
#include "logstore/background_thread.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

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

TEST(BackgroundThread, RunsWhereTheMainThreadRunsWhoeverStartsIt) {
  cpu_set_t all, where;
  ASSERT_EQ(sched_getaffinity(getpid(), sizeof all, &all), 0);
  BackgroundThread thread;
  std::promise<void> looked;
  std::thread([&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    thread.start("elsewhere", std::chrono::hours(1), [&] {
      sched_getaffinity(0, sizeof where, &where);
      looked.set_value();
    });
  }).join();
  thread.wake();
  looked.get_future().get();
  EXPECT_TRUE(CPU_EQUAL(&where, &all));
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
