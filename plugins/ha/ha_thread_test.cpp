// SPDX-License-Identifier: Apache-2.0
#include "ha/ha_thread.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace tenon::ha {
namespace {

TEST(HaThread, GoesOnAfterAHandlerThrew) {
  std::vector<std::string> faults;
  HaThread thread([&](std::string_view what) { faults.emplace_back(what); });
  boost::asio::post(thread.context(), [] { throw std::runtime_error("no memory, say"); });
  boost::asio::post(thread.context(), [] { throw 1; });
  bool ran = false;
  thread.run([&] { ran = true; });
  EXPECT_TRUE(ran);
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_EQ(faults[0], "no memory, say");
}

TEST(HaThread, RunsByTheLoopThatItIsGiven) {
  std::vector<std::string> faults;
  int calls = 0;
  {
    HaThread thread([&](std::string_view what) { faults.emplace_back(what); },
                    [&](boost::asio::io_context& context) {
                      ++calls;
                      context.run();
                    });
    boost::asio::post(thread.context(), [] { throw std::runtime_error("no memory, say"); });
    thread.run([] {});
  }
  EXPECT_EQ(faults, std::vector<std::string>{"no memory, say"});
  EXPECT_EQ(calls, 2);
}

TEST(HaThread, WhatWorkThrowsIsThrownWhereItIsAwaited) {
  HaThread thread([](std::string_view what) { ADD_FAILURE() << what; });
  EXPECT_THROW(thread.run([] { throw std::runtime_error("no"); }), std::runtime_error);
}

}  // namespace
}  // namespace tenon::ha
