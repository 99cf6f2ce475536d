// SPDX-License-Identifier: Apache-2.0
#include "tenon/accept_loop.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <vector>

namespace tenon {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kPatience{10};

class AcceptLoopTest : public testing::Test, public AcceptLoop::Receiver {
 protected:
  boost::asio::any_io_executor next_executor() override { return context_.get_executor(); }
  bool has_room() override { return room_; }
  void accepted(tcp::socket socket, const HostAddress& remote) override {
    remotes_.push_back(remote);
    if (then_) then_();
    taken_.push_back(std::move(socket));
  }

  void start() {
    boost::asio::post(context_, [this] { accepts_->start(); });
    context_.poll();
  }
  void stop() {
    boost::asio::post(context_, [this] { accepts_->stop(); });
    context_.poll();
  }
  tcp::socket connect() {
    tcp::socket client(clients_);
    client.connect({boost::asio::ip::address_v4::loopback(), accepts_->address().port()});
    return client;
  }
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (!done() && std::chrono::steady_clock::now() < end) context_.run_one_for(kPatience);
    return done();
  }
  static bool refused(tcp::socket& client) {
    char byte = 0;
    boost::system::error_code error;
    client.read_some(boost::asio::buffer(&byte, 1), error);
    return error.failed();
  }

  boost::asio::io_context clients_;
  boost::asio::io_context context_;
  std::optional<AcceptLoop> accepts_{std::in_place, "127.0.0.1:0", context_.get_executor(), *this, Logger("test")};
  std::vector<tcp::socket> taken_;
  std::vector<HostAddress> remotes_;
  bool room_ = true;
  std::function<void()> then_;
};

TEST_F(AcceptLoopTest, TakesOneAfterTheOther) {
  start();
  const tcp::socket first = connect();
  const tcp::socket second = connect();
  ASSERT_TRUE(run_until([&] { return taken_.size() == 2; }));
  EXPECT_EQ(remotes_[0].port(), first.local_endpoint().port());
  EXPECT_EQ(remotes_[1].port(), second.local_endpoint().port());
  tcp::no_delay no_delay;
  taken_[0].get_option(no_delay);
  EXPECT_TRUE(no_delay.value());
  EXPECT_TRUE(taken_[0].non_blocking());
}

TEST_F(AcceptLoopTest, LeavesThemInTheKernelsQueueUntilThereIsRoom) {
  room_ = false;
  start();
  const tcp::socket client = connect();
  context_.poll();
  EXPECT_TRUE(taken_.empty());
  room_ = true;
  EXPECT_TRUE(run_until([&] { return taken_.size() == 1; }));
}

TEST_F(AcceptLoopTest, GoesOnWhenOneIsNotTaken) {
  then_ = [] { throw std::runtime_error("no memory for this one"); };
  start();
  tcp::socket unlucky = connect();
  ASSERT_TRUE(run_until([&] { return remotes_.size() == 1; }));
  EXPECT_TRUE(refused(unlucky));
  then_ = nullptr;
  const tcp::socket lucky = connect();
  EXPECT_TRUE(run_until([&] { return taken_.size() == 1; }));
}

TEST_F(AcceptLoopTest, GoesOnAfterTheLastDescriptorWasInUse) {
  start();
  tcp::socket client(clients_);
  client.open(tcp::v4());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;  // for what is opened from now on
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  client.connect({boost::asio::ip::address_v4::loopback(), accepts_->address().port()});
  context_.run_one_for(kPatience);  // the accept that fails
  EXPECT_TRUE(taken_.empty());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(run_until([&] { return taken_.size() == 1; }));
}

TEST_F(AcceptLoopTest, CallsNobodyOnceItHasStopped) {
  then_ = [this] { accepts_->stop(); };
  start();
  const tcp::socket first = connect();
  tcp::socket second = connect();
  ASSERT_TRUE(run_until([&] { return taken_.size() == 1; }));
  EXPECT_TRUE(refused(second));
  stop();
  context_.restart();
  context_.poll();
  EXPECT_EQ(taken_.size(), 1U);
}

TEST_F(AcceptLoopTest, MayGoBeforeItsPendingAccept) {
  start();
  accepts_.reset();
  context_.poll();
  EXPECT_TRUE(remotes_.empty());
}

}  // namespace
}  // namespace tenon
