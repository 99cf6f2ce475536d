// SPDX-License-Identifier: Apache-2.0
#include "protocol-native/send_right.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace tenon::protocol_native {
namespace {

TEST(SendRight, IsHadByOneAtATime) {
  SendRight right;
  right.share(false);
  EXPECT_TRUE(right.take());
  EXPECT_TRUE(right.take()) << "it is here already";
  EXPECT_FALSE(right.borrow());
  right.give();
  EXPECT_TRUE(right.borrow());
  EXPECT_FALSE(right.borrow());
  EXPECT_TRUE(right.is_borrowed());
  EXPECT_FALSE(right.give_back()) << "nobody has asked for it";
  EXPECT_FALSE(right.is_borrowed());
}

TEST(SendRight, WhoAsksIsToldOnce) {
  SendRight right;
  right.share(false);
  EXPECT_TRUE(right.ask());
  ASSERT_TRUE(right.borrow());
  EXPECT_FALSE(right.ask());
  EXPECT_FALSE(right.take());
  EXPECT_TRUE(right.give_back());
  EXPECT_TRUE(right.take());
  right.give();
  ASSERT_TRUE(right.borrow());
  EXPECT_FALSE(right.give_back());
}

TEST(SendRight, CanComeWithWhatIsToBeSent) {
  SendRight right;
  right.share(false);
  ASSERT_TRUE(right.borrow());
  EXPECT_FALSE(right.take());
  right.inherit();
  EXPECT_TRUE(right.take());
  EXPECT_FALSE(right.borrow());
  right.give();
  EXPECT_TRUE(right.borrow());
}

TEST(SendRight, IsWithItsOwnThreadUntilItIsShared) {
  SendRight right;
  EXPECT_TRUE(right.take());
  right.share(true);
  EXPECT_FALSE(right.borrow()) << "something was being sent";
  right.give();
  right.share(true);
  EXPECT_TRUE(right.borrow()) << "it is shared once";
}

// The counters are plain: a sanitizer sees who touches them without the right.
TEST(SendRight, KeepsThreadsApartAndForgetsNobodyWhoAsked) {
  constexpr int kEach = 20'000;
  SendRight right;
  right.share(false);
  int sent = 0, borrowed = 0;
  std::atomic<int> told{0};
  std::vector<std::thread> disk_threads;
  disk_threads.reserve(2);
  for (int index = 0; index < 2; ++index) {
    disk_threads.emplace_back([&] {
      for (int count = 0; count < kEach; ++count) {
        if (!right.borrow()) continue;
        ++sent, ++borrowed;
        if (right.give_back()) told.fetch_add(1);
      }
    });
  }
  int taken = 0, asked = 0;
  for (int count = 0; count < kEach; ++count) {
    if (right.take()) {
      ++sent, ++taken;
      right.give();
      continue;
    }
    ++asked;
    while (told.load() < asked) std::this_thread::yield();  // as a connection that waits to be told
  }
  for (std::thread& thread : disk_threads) thread.join();
  EXPECT_EQ(sent, taken + borrowed);
  EXPECT_EQ(told.load(), asked);
}

}  // namespace
}  // namespace tenon::protocol_native
