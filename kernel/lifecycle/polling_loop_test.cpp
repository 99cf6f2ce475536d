// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/polling_loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "lifecycle/idle_poll.hpp"

namespace tenon::kernel {
namespace {

namespace asio = boost::asio;

class PollingLoop : public testing::TestWithParam<std::chrono::microseconds> {
 protected:
  asio::io_context context_{1};
};

TEST_P(PollingLoop, EndsWhenThereIsNothingToWaitFor) {
  int ran = 0;
  for (int count = 0; count < 3 * IdlePoll::kRestMax; ++count) asio::post(context_, [&ran] { ++ran; });
  run_polling(context_, GetParam());
  EXPECT_EQ(ran, 3 * IdlePoll::kRestMax);
  EXPECT_TRUE(context_.stopped());
}

/// More turns than it rests for at first, each waited for: some come while it sleeps, some while it looks.
TEST_P(PollingLoop, RunsWhatOthersPostUntilItIsStopped) {
  const auto work = asio::make_work_guard(context_);
  std::thread thread([this] { run_polling(context_, GetParam()); });
  for (int turn = 0; turn < 4 * IdlePoll::kRestMax; ++turn) {
    std::promise<int> answer;
    asio::post(context_, [&] { answer.set_value(turn); });
    ASSERT_EQ(answer.get_future().get(), turn);
  }
  context_.stop();
  thread.join();
}

TEST_P(PollingLoop, GoesOnWhenItIsCalledAgainAfterAHandlerThrew) {
  bool ran = false;
  asio::post(context_, [] { throw std::runtime_error("oops"); });
  asio::post(context_, [&ran] { ran = true; });
  EXPECT_THROW(run_polling(context_, GetParam()), std::runtime_error);
  EXPECT_FALSE(ran);
  run_polling(context_, GetParam());
  EXPECT_TRUE(ran);
}

INSTANTIATE_TEST_SUITE_P(IdlePoll, PollingLoop,
                         testing::Values(std::chrono::microseconds(0), std::chrono::microseconds(50),
                                         std::chrono::microseconds(1'000)),
                         [](const auto& one) { return std::to_string(one.param.count()) + "us"; });

}  // namespace
}  // namespace tenon::kernel
