// SPDX-License-Identifier: Apache-2.0
#include "faulty_proxy.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>

namespace tenon::fault {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::tcp;

/// A client and a server with the proxy between them.
class FaultyProxyTest : public ::testing::Test {
 protected:
  FaultyProxyTest() {
    proxy_.set_target(HostAddress::v4({127, 0, 0, 1}, acceptor_.local_endpoint().port()));
    client_.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), proxy_.address().port()));
    server_ = acceptor_.accept();
  }

  static void send(tcp::socket& from, const std::string& bytes) {
    boost::asio::write(from, boost::asio::buffer(bytes));
  }
  /// So many bytes, or what came before the end.
  static std::string receive(tcp::socket& at, std::size_t count) {
    std::string bytes(count, '\0');
    boost::system::error_code ended;
    bytes.resize(boost::asio::read(at, boost::asio::buffer(bytes), ended));
    return bytes;
  }
  static bool is_silent(tcp::socket& at) { return at.available() == 0; }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  FaultyProxy proxy_;
  tcp::socket client_{io_}, server_{io_};
};

TEST_F(FaultyProxyTest, CarriesBothWays) {
  send(client_, "question");
  EXPECT_EQ(receive(server_, 8), "question");
  send(server_, "answer");
  EXPECT_EQ(receive(client_, 6), "answer");
}

TEST_F(FaultyProxyTest, WhatIsHeldArrivesLater) {
  proxy_.set({.to_server = {.flow = Flow::hold}});
  send(client_, "late");
  send(server_, "answer");
  EXPECT_EQ(receive(client_, 6), "answer") << "the other way goes on";
  EXPECT_TRUE(is_silent(server_));
  proxy_.heal();
  EXPECT_EQ(receive(server_, 4), "late");
}

TEST_F(FaultyProxyTest, AfterAGapTheConnectionEnds) {
  proxy_.set({.to_server = {.flow = Flow::swallow}});
  send(client_, "gone");
  send(server_, "answer");
  EXPECT_EQ(receive(client_, 6), "answer");
  proxy_.heal();
  // Read by the proxy before it was healed, or carried after it: never both lost and gone on with.
  const std::string got = receive(server_, 4);
  EXPECT_TRUE(got.empty() || got == "gone") << got;
}

TEST_F(FaultyProxyTest, OneProcessMayHaveALinkOfItsOwn) {
  proxy_.set_for(1, {.refuses = true});
  send(client_, "question");
  EXPECT_EQ(receive(server_, 8), "question") << "it is not that process";
  proxy_.set_for(::getpid(), {.to_server = {.flow = Flow::hold}});
  send(client_, "late");
  tcp::socket later{io_};
  later.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), proxy_.address().port()));
  tcp::socket server_of_later = acceptor_.accept();
  send(later, "too");
  send(server_, "answer");
  EXPECT_EQ(receive(client_, 6), "answer");
  EXPECT_TRUE(is_silent(server_) && is_silent(server_of_later));
  proxy_.heal();
  EXPECT_EQ(receive(server_, 4), "late");
  EXPECT_EQ(receive(server_of_later, 3), "too");
}

TEST_F(FaultyProxyTest, RefusingClosesWhatIsOpen) {
  proxy_.set({.refuses = true});
  EXPECT_EQ(receive(client_, 1), "");
  EXPECT_EQ(receive(server_, 1), "");
}

TEST_F(FaultyProxyTest, DamagesOnce) {
  proxy_.damage(Direction::to_server, Damage::flip, 2);
  send(client_, "abcdef");
  EXPECT_EQ(receive(server_, 6), "abCdef");
  EXPECT_EQ(proxy_.damages(), 1U);
  proxy_.damage(Direction::to_server, Damage::cut, 3);
  send(client_, "abcdef");
  EXPECT_EQ(receive(server_, 6), "abc");
  EXPECT_EQ(proxy_.damages(), 2U);
}

TEST_F(FaultyProxyTest, IsAsSlowAsItIsTold) {
  proxy_.set({.to_server = {.delay = 30ms}});
  const auto begun = std::chrono::steady_clock::now();
  send(client_, "x");
  EXPECT_EQ(receive(server_, 1), "x");
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 30ms);
}

}  // namespace
}  // namespace tenon::fault
