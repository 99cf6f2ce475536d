// SPDX-License-Identifier: Apache-2.0
// A master that speaks the classic protocol lets a slave in whatever its log is: it is asked first.
#include <gtest/gtest.h>

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "ha/testing/side.hpp"
#include "replication/classic_frames.hpp"
#include "replication/extended_frames.hpp"

namespace tenon::ha {
namespace {

using testing::eventually;
using testing::Side;

class HeldConnection : public ::testing::Test {
 protected:
  static HaSettings classic() {
    HaSettings settings;
    settings.speaks_extended = false;
    settings.answer_patience = std::chrono::milliseconds(700);
    return settings;
  }
  void SetUp() override {
    slave_.asks_classic_masters = true;
    slave_.restart();
    master_.lead();
    master_.append_many(1);
    slave_.follow(master_);
    ASSERT_TRUE(eventually([&] { return is_held(); }));
  }
  bool is_held() const { return slave_.engine->held_connection() != 0 && slave_.engine->follows(); }
  std::string last_error() const { return slave_.engine->status().master->last_error; }

  Side master_{0}, slave_{1, classic()};
};

TEST_F(HeldConnection, AClassicMasterIsListenedToWhenSomebodyHasAskedIt) {
  const std::uint64_t first = slave_.engine->held_connection();
  EXPECT_EQ(slave_.messages(), 0);
  EXPECT_TRUE(slave_.engine->status().master->connected) << "so that nobody takes the master for gone";
  EXPECT_EQ(slave_.engine->status().master->held_because, "it has not said yet whether its log is the same");
  slave_.engine->go_on(first);
  EXPECT_EQ(slave_.engine->held_connection(), 0U);
  EXPECT_EQ(slave_.engine->status().master->held_because, "");
  ASSERT_TRUE(eventually([&] { return slave_.has_all_of(master_); }));

  slave_.engine->doubt_master("it is another one");
  slave_.engine->doubt_master({});
  master_.append_many(1);
  ASSERT_TRUE(eventually([&] { return is_held(); })) << "each connection may be to another one";
  slave_.engine->go_on(first);
  EXPECT_NE(slave_.engine->held_connection(), 0U) << "that was said of the one before";
  EXPECT_EQ(slave_.messages(), 1);
  slave_.engine->go_on(slave_.engine->held_connection());
  EXPECT_TRUE(eventually([&] { return slave_.has_all_of(master_); }));
}

TEST_F(HeldConnection, AMasterThatNobodyCanAskIsWaitedForAndPeopleAreTold) {
  const std::uint64_t first = slave_.engine->held_connection();
  ASSERT_TRUE(eventually([&] { return last_error().find("said whether its log is the same") != std::string::npos; }));
  EXPECT_EQ(slave_.engine->held_connection(), first);
  EXPECT_NE(slave_.reasons().back().find("port for clients"), std::string::npos);
  EXPECT_EQ(slave_.messages(), 0);
  slave_.engine->go_on(first);
  EXPECT_TRUE(eventually([&] { return slave_.has_all_of(master_) && slave_.reasons().back().empty(); }));
  EXPECT_EQ(last_error(), "");
}

/// The connection of a machine that has lost its power ends with nothing: no more comes, and nobody is there to dial.
TEST(SilentMaster, OneThatHasVanishedIsNotHeldAnyMore) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor listener(context, {boost::asio::ip::address_v4::loopback(), 0});
  HaSettings impatient;
  impatient.speaks_extended = false;
  impatient.housekeeping_interval = std::chrono::milliseconds(300);
  Side slave(1, impatient);
  slave.asks_classic_masters = true;
  slave.restart();
  ASSERT_TRUE(slave.engine->become_slave(text("127.0.0.1:", listener.local_endpoint().port())).has_value());
  const boost::asio::ip::tcp::socket silent = listener.accept();
  listener.close();
  EXPECT_TRUE(eventually([&] {
    const auto master = slave.engine->status().master;
    return master && !master->connected && master->held_because.empty() && !master->last_error.empty();
  })) << "tenon ha promote would go on saying that the master lives";
  EXPECT_NE(slave.reasons().front().find("said whether its log is the same"), std::string::npos)
      << "and why nothing was taken of it";
}

/// It looks whether the two logs are the same, and may find that they have nothing to do with each other.
TEST(SilentMaster, OneThatHasNotLetTheSlaveInYetIsNotFollowed) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor listener(context, {boost::asio::ip::address_v4::loopback(), 0});
  HaSettings impatient;
  impatient.housekeeping_interval = std::chrono::milliseconds(500);
  Side slave(1, impatient);
  ASSERT_TRUE(slave.engine->become_slave(text("127.0.0.1:", listener.local_endpoint().port())).has_value());
  boost::asio::ip::tcp::socket master = listener.accept();
  replication::Welcome welcome;
  welcome.identity = {"c", "broker-a", 0};
  welcome.log_file_size = slave.store->log_file_size();
  boost::asio::write(master, boost::asio::buffer(replication::encode_frame(welcome)));
  std::array<std::byte, replication::kReportBytes + replication::kFrameHeaderBytes> probe_and_hello;
  boost::asio::read(master, boost::asio::buffer(probe_and_hello));
  bool followed = false;
  EXPECT_TRUE(eventually([&] {
    followed |= slave.engine->follows();
    return !slave.reasons().empty() && !slave.reasons().back().empty();
  }));
  EXPECT_FALSE(followed) << "its tables would be taken";
}

TEST(RefusedSlave, IsNotWellAtEachDial) {
  Side master(0), slave(1);
  master.append_many(10);
  master.lead();
  // Of somebody else, as long as those of the master.
  for (int number = 0; number < 20; ++number) slave.append("another " + std::to_string(number));
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.reasons().size() >= 3; }));
  for (const std::string& reason : slave.reasons())
    EXPECT_NE(reason.find("have nothing to do with each other"), std::string::npos) << "'" << reason << "'";
}

/// What is asked next answers for its own log only.
TEST_F(HeldConnection, AMasterThatHasGoneIsNotHeldAnyMore) {
  const std::uint64_t first = slave_.engine->held_connection();
  master_.stop();
  EXPECT_TRUE(eventually([&] { return !slave_.engine->follows(); }, std::chrono::seconds(4)));
  slave_.engine->go_on(first);
  EXPECT_EQ(slave_.messages(), 0);
}

}  // namespace
}  // namespace tenon::ha
