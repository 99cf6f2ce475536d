// SPDX-License-Identifier: Apache-2.0
#include "tenon/thread_check.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>

namespace tenon {
namespace {

namespace asio = boost::asio;

bool runs_on_within(asio::io_context& context, const asio::any_io_executor& asked,
                    const asio::any_io_executor& within) {
  bool answer = false;
  asio::post(within, [&] { answer = runs_on(asked); });
  context.restart();
  context.run();
  return answer;
}

TEST(RunsOn, TellsAContextFromAnother) {
  asio::io_context mine, other;
  EXPECT_TRUE(runs_on_within(mine, mine.get_executor(), mine.get_executor()));
  EXPECT_FALSE(runs_on_within(mine, other.get_executor(), mine.get_executor()));
  EXPECT_FALSE(runs_on(mine.get_executor()));
}

TEST(RunsOn, TellsAStrandFromItsContext) {
  asio::io_context context;
  const asio::any_io_executor strand = asio::make_strand(context);
  const asio::any_io_executor of_any = asio::make_strand(asio::any_io_executor(context.get_executor()));
  EXPECT_TRUE(runs_on_within(context, strand, strand));
  EXPECT_FALSE(runs_on_within(context, strand, context.get_executor()));
  EXPECT_TRUE(runs_on_within(context, of_any, of_any));
  EXPECT_FALSE(runs_on_within(context, of_any, strand));
}

TEST(RunsOn, BelievesAnExecutorThatCannotTell) {
  asio::system_executor anywhere;
  EXPECT_TRUE(runs_on(anywhere));
}

TEST(AssertRunsOnDeathTest, NamesThePlace) {
  asio::io_context context;
  EXPECT_DEATH(assert_runs_on(context.get_executor(), "hub.cpp", 7, "start"), "hub.cpp:7: start was called on thread");
}

}  // namespace
}  // namespace tenon
