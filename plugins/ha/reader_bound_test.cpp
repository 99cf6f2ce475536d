// SPDX-License-Identifier: Apache-2.0
// What consumers of replicated brokers are shown, over real sockets.
#include <gmock/gmock.h>

#include "ha/testing/side.hpp"

namespace tenon::ha {
namespace {

using testing::eventually;
using testing::Side;

HaSettings copies(std::int32_t count) {
  HaSettings settings;
  settings.synchronous = settings.readers_bounded = true;
  settings.in_sync_replicas = count;
  settings.slave_timeout = std::chrono::milliseconds(1);
  return settings;
}

TEST(ReaderBound, ConsumersGetWhatTheReplicasHaveAndHearWhyTheyWait) {
  Side master(0, copies(2)), slave(1, copies(2));
  master.lead();
  master.append_many(10);
  EXPECT_EQ(master.messages(), 0);
  ASSERT_TRUE(eventually([&] { return !master.held_back().empty(); }));
  EXPECT_NE(master.held_back().back().find("of 2 in-sync replicas"), std::string::npos) << master.held_back().back();
  EXPECT_EQ(master.engine->status().readable, PhysicalOffset{0});
  EXPECT_FALSE(master.engine->status().readers_wait_because.empty());
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return master.messages() == 10 && slave.messages() == 10; }));
  ASSERT_TRUE(eventually([&] { return master.held_back().back().empty(); }));
  EXPECT_EQ(master.engine->status().readable, master.store->log_max());
}

TEST(ReaderBound, AfterAStartThereIsTimeForSlavesToCome) {
  HaSettings patient = copies(2);
  patient.slave_timeout = std::chrono::hours(1);
  Side master(0, patient);
  master.lead();
  master.append_many(1);
  master.restart();
  EXPECT_THAT(master.held_back(), ::testing::IsEmpty());
}

TEST(ReaderBound, WhatIsAcknowledgedCanBeRead) {
  Side master(0, copies(2)), slave(1, copies(2));
  master.settings.slave_timeout = std::chrono::seconds(30);
  master.restart();
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return master.engine->status().in_sync_replicas == 2; }));
  for (int count = 1; count <= 200; ++count) {
    const PhysicalOffset end = master.append("x");
    std::atomic<std::int64_t> shown{-1};
    master.engine->gate().wait_for(end, std::chrono::steady_clock::now() + std::chrono::seconds(30),
                                   [&](const Status&) { shown = master.messages(); });
    ASSERT_TRUE(eventually([&] { return shown >= 0; }));
    ASSERT_EQ(shown, count);
  }
}

TEST(ReaderBound, ATailThatNobodyHasIsNotShownAfterARestartEither) {
  Side first(0, copies(2)), second(1, copies(2));
  first.lead();
  first.append_many(100);
  second.follow(first);
  ASSERT_TRUE(eventually([&] { return first.messages() == 100 && second.messages() == 100; }));
  ASSERT_TRUE(second.engine->become_slave("").has_value());
  ASSERT_TRUE(eventually([&] { return first.engine->status().replicas.empty(); }));
  first.append_many(20);
  EXPECT_EQ(first.messages(), 100);
  first.restart();
  EXPECT_EQ(first.messages(), 100);

  second.lead();
  EXPECT_EQ(second.messages(), 100) << "what came from the old master is on two brokers";
  second.append_many(5);
  EXPECT_EQ(second.messages(), 100) << "on one so far";
  first.follow(second);
  ASSERT_TRUE(eventually([&] { return second.messages() == 105 && first.messages() == 105; }));
  EXPECT_TRUE(first.engine->status().last_divergence.has_value());
}

TEST(ReaderBound, WithThreeCopiesASlaveShowsWhatTheMasterCallsConfirmed) {
  HaSettings settings = copies(3);
  settings.heartbeat_interval = std::chrono::milliseconds(100);
  Side master(0, settings), first(1, settings), second(2, settings);
  master.lead();
  first.follow(master);
  master.append_many(50);
  ASSERT_TRUE(eventually([&] { return first.has_all_of(master); }));
  EXPECT_EQ(first.messages(), 0) << "two have it";
  EXPECT_EQ(master.messages(), 0);
  second.follow(master);
  ASSERT_TRUE(eventually([&] { return master.messages() == 50; }));
  ASSERT_TRUE(eventually([&] { return first.messages() == 50 && second.messages() == 50; }));
}

TEST(ReaderBound, ConsumersMayReadEverythingWhereTheOperatorSaysSo) {
  Side master(0, copies(2));
  master.lead();
  master.append_many(3);
  EXPECT_EQ(master.messages(), 0);
  master.settings.readers_bounded = false;
  master.restart();
  EXPECT_EQ(master.messages(), 3);
  EXPECT_EQ(master.engine->status().readable, master.store->log_max());
  master.append_many(1);
  master.settings.readers_bounded = true;
  master.restart();
  EXPECT_EQ(master.messages(), 4) << "what could be read before stays so";
}

}  // namespace
}  // namespace tenon::ha
