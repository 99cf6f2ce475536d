// SPDX-License-Identifier: Apache-2.0
// What comes to the HA port and is no slave.
#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <random>

#include "ha/testing/side.hpp"
#include "replication/classic_frames.hpp"

namespace tenon::ha {
namespace {

using boost::asio::ip::tcp;
using testing::eventually;
using testing::Side;

class HostilePeers : public ::testing::Test {
 protected:
  void SetUp() override {
    master_.append_many(20);
    master_.lead();
  }
  tcp::socket connect(const char* from = "127.0.0.1") {
    tcp::socket socket(context_);
    socket.open(tcp::v4());
    socket.bind({boost::asio::ip::make_address(from), 0});
    socket.connect({boost::asio::ip::address_v4::loopback(), master_.engine->ha_address().port()});
    return socket;
  }
  void send(tcp::socket& socket, std::string_view bytes) {
    boost::system::error_code ignored;  // may be closed already
    boost::asio::write(socket, boost::asio::buffer(bytes), ignored);
  }
  void report(tcp::socket& socket, PhysicalOffset end) {
    const auto bytes = replication::encode_report(end);
    send(socket, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  /// Reads until the other side closes; fails the test when it does not.
  std::size_t read_to_end(tcp::socket& socket) {
    std::string all;
    boost::system::error_code error;
    boost::asio::read(socket, boost::asio::dynamic_buffer(all), error);
    EXPECT_TRUE(error);
    return all.size();
  }
  void expect_it_still_works() {
    Side slave(1);
    slave.follow(master_);
    EXPECT_TRUE(eventually([&] { return slave.has_all_of(master_); }));
  }

  HaSettings settings() {
    HaSettings settings;
    settings.synchronous = true;
    settings.in_sync_replicas = 2;
    return settings;
  }
  boost::asio::io_context context_;
  Side master_{0, settings()};
};

TEST_F(HostilePeers, WhoClaimsToBeAheadConfirmsNothing) {
  tcp::socket socket = connect();
  report(socket, master_.store->log_max() + 1);
  EXPECT_EQ(read_to_end(socket), 0U);
  EXPECT_FALSE(master_.engine->gate().is_safe({1}));
  expect_it_still_works();
}

TEST_F(HostilePeers, WhoWasAheadIsNotBelievedWhenTheLogHasGrownSoFar) {
  const PhysicalOffset claimed = master_.store->log_max() + 1;
  for (const bool grown : {false, true}) {
    if (grown) master_.append_many(1);
    tcp::socket socket = connect();
    report(socket, claimed);
    EXPECT_EQ(read_to_end(socket), 0U);
  }
  EXPECT_FALSE(master_.engine->gate().is_safe({1}));
  tcp::socket other = connect("127.0.0.2");
  report(other, claimed);
  EXPECT_TRUE(eventually([&] { return master_.engine->status().replicas.size() == 1; }))
      << "another slave's log may be so";
  tcp::socket emptied = connect();
  report(emptied, {});
  EXPECT_TRUE(eventually([&] { return master_.engine->status().replicas.size() == 2; }));
}

/// As the master another time it may have another log.
TEST_F(HostilePeers, WhatWasClaimedAndConfirmedIsForgottenWithTheRole) {
  const PhysicalOffset end = master_.store->log_max();
  tcp::socket ahead = connect(), confirms = connect("127.0.0.2");
  report(ahead, end + 1);
  EXPECT_EQ(read_to_end(ahead), 0U);
  report(confirms, end);
  ASSERT_TRUE(eventually([&] { return master_.engine->gate().is_safe(end); }));
  ASSERT_TRUE(master_.engine->become_slave({}));
  read_to_end(confirms);
  master_.lead();
  master_.append_many(1);
  tcp::socket again = connect();
  report(again, end + 1);
  ASSERT_TRUE(eventually([&] { return master_.engine->status().replicas.size() == 1; }));
  again.close();
  ASSERT_TRUE(eventually([&] { return master_.engine->status().replicas.empty(); }));
  ASSERT_TRUE(master_.engine->become_slave({}));
  master_.lead();
  tcp::socket behind = connect("127.0.0.3");
  report(behind, end - 1);
  ASSERT_TRUE(eventually([&] { return master_.engine->status().replicas.size() == 1; }));
  EXPECT_FALSE(master_.engine->gate().is_safe(end));
}

/// Who has less than what this epoch was begun on could lose an election to another end of the log.
TEST_F(HostilePeers, ReadersSeeNothingMoreBeforeASlaveHasWhatTheEpochWasBegunOn) {
  master_.settings.readers_bounded = true;
  master_.restart();
  master_.lead();
  const PhysicalOffset seen = master_.engine->status().readable, half = master_.append("half");
  const PhysicalOffset whole = master_.append("whole");
  ASSERT_TRUE(master_.engine->become_slave({}));
  master_.lead();
  tcp::socket socket = connect();
  report(socket, half);
  ASSERT_TRUE(eventually([&] { return master_.engine->gate().is_safe(half); }));
  EXPECT_EQ(master_.engine->status().readable, seen);
  report(socket, whole);
  EXPECT_TRUE(eventually([&] { return master_.engine->status().readable == whole; }));
}

TEST_F(HostilePeers, RandomBytesAreClosed) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 50; ++round) {
    // Never a part of a frame alone: the rest would be waited for, as long as a slave may be silent.
    std::string noise(64 + random() % 200, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    tcp::socket socket = connect();
    if (round % 2 == 0) report(socket, replication::kExtendedProbe);
    send(socket, noise);
    read_to_end(socket);
  }
  EXPECT_FALSE(master_.engine->gate().is_safe({1}));
  expect_it_still_works();
}

TEST_F(HostilePeers, ConnectionsHaveABoundThatKeepsNoSlaveOut) {
  master_.settings.housekeeping_interval = std::chrono::hours(1);  // their time is not over before the test's
  master_.restart();
  master_.lead();
  tcp::socket classic = connect("127.0.0.2");  // such a slave says nothing for its first five seconds
  std::vector<tcp::socket> sockets;
  sockets.reserve(500);
  for (int count = 0; count < 500; ++count) sockets.push_back(connect());
  for (std::size_t index = 0; index < 400; ++index) EXPECT_EQ(read_to_end(sockets[index]), 0U);
  report(classic, master_.store->log_max());
  EXPECT_TRUE(eventually([&] { return master_.engine->status().replicas.size() == 1; })) << "another address has more";
  expect_it_still_works();  // those who came last are open, and say nothing
}

TEST_F(HostilePeers, ASlaveThatSaysNothingMoreIsGivenUp) {
  master_.settings.housekeeping_interval = std::chrono::milliseconds(300);
  master_.restart();
  master_.lead();
  tcp::socket follower = connect("127.0.0.2"), stranger = connect();
  report(follower, master_.store->log_max());
  EXPECT_EQ(read_to_end(stranger), 0U);
  read_to_end(follower);
  EXPECT_TRUE(eventually([&] { return master_.engine->status().in_sync_replicas == 1; }));
}

TEST_F(HostilePeers, ASlaveThatFallsTooFarBehindDoesNotCount) {
  master_.settings.max_gap_not_in_sync = 1'000;
  master_.restart();
  master_.lead();
  tcp::socket slow = connect();
  report(slow, master_.store->log_max());
  ASSERT_TRUE(eventually([&] { return master_.engine->status().in_sync_replicas == 2; }));
  master_.append(std::string(2'000, 'b'));
  EXPECT_EQ(master_.engine->status().in_sync_replicas, 1);
  report(slow, master_.store->log_max());
  EXPECT_TRUE(eventually([&] { return master_.engine->status().in_sync_replicas == 2; }));
}

TEST(HostileMaster, OneThatSaysNothingMoreIsLeft) {
  boost::asio::io_context context;
  tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  HaSettings impatient;
  impatient.housekeeping_interval = std::chrono::milliseconds(300);
  Side slave(1, impatient);
  ASSERT_TRUE(slave.engine->become_slave(text("127.0.0.1:", silent.local_endpoint().port())).has_value());
  EXPECT_TRUE(eventually([&] {
    const auto master = slave.engine->status().master;
    return master && master->last_error == "nothing was heard of the master for 300 ms";
  }));
}

TEST_F(HostilePeers, ASlaveThatReadsNothingTimesOutTheSend) {
  HaSettings impatient = settings();
  impatient.slave_timeout = std::chrono::milliseconds(50);
  Side master(0, impatient);
  master.append_many(1);
  master.lead();
  tcp::socket socket(context_);
  socket.connect({boost::asio::ip::address_v4::loopback(), master.engine->ha_address().port()});
  report(socket, master.store->log_max());
  ASSERT_TRUE(eventually([&] { return master.engine->status().in_sync_replicas == 2; }));
  std::promise<Status> told;
  master.engine->gate().wait_for(master.append("unheard"), std::chrono::steady_clock::now() + std::chrono::minutes(5),
                                 [&](Status status) { told.set_value(std::move(status)); });
  const Status status = told.get_future().get();
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().is(Errc::flush_slave_timeout));
}

}  // namespace
}  // namespace tenon::ha
