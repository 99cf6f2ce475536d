// SPDX-License-Identifier: Apache-2.0
// Brokers' stores and replication over real sockets.
#include "ha/log_warmer.hpp"
#include "ha/testing/side.hpp"

namespace tenon::ha {
namespace {

using testing::eventually;
using testing::Side;

HaSettings synchronous(std::int32_t replicas = 2) {
  HaSettings settings;
  settings.synchronous = true;
  settings.in_sync_replicas = replicas;
  return settings;
}

void use_large_files(Side& master, Side& slave) {
  for (Side* side : {&master, &slave}) {
    side->use_large_files();
    side->restart();
  }
}

TEST(HaEngine, ASlaveGetsWhatIsThereAndWhatComes) {
  Side master(0), slave(1);
  master.append_many(2'000);  // several files
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  EXPECT_EQ(slave.messages(), 2'000);
  master.append("one more");
  ASSERT_TRUE(eventually([&] { return slave.messages() == 2'001; }));

  ASSERT_TRUE(eventually([&] { return master.engine->status().replicas.at(0).lag_bytes == 0; }));
  const ReplicationStatus seen = master.engine->status();
  EXPECT_EQ(seen.role, ReplicationRole::master);
  EXPECT_EQ(seen.in_sync_replicas, 2);
  ASSERT_EQ(seen.replicas.size(), 1U);
  EXPECT_EQ(seen.replicas[0].broker_id, 1);
  EXPECT_EQ(seen.replicas[0].protocol, ReplicationProtocol::extended);
  const ReplicationStatus own = slave.engine->status();
  EXPECT_EQ(own.role, ReplicationRole::slave);
  EXPECT_EQ(own.epoch, seen.epoch);
  EXPECT_TRUE(own.master->connected);
  EXPECT_EQ(own.master->lag_bytes, 0);
}

TEST(HaEngine, ASlaveOfAnotherMasterFollowsNobodyUntilThatOneSends) {
  Side master(0), slave(1);
  master.append_many(1);
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.engine->follows(); }));
  EXPECT_TRUE(slave.engine->follows({.broker = {}, .replication = master.address()}));
  EXPECT_FALSE(slave.engine->follows({.broker = {}, .replication = "127.0.0.1:1"})) << "it has not been told yet";
  ASSERT_TRUE(slave.engine->become_slave("127.0.0.1:1").has_value());
  EXPECT_FALSE(slave.engine->follows()) << "its log is not that of the one whose tables would be taken";
}

TEST(HaEngine, ASlaveThatFollowsTheNextMasterIsWellAgain) {
  Side first(0), second(1), slave(2);
  first.append_many(1);
  first.lead();
  second.follow(first);
  slave.follow(first);
  ASSERT_TRUE(eventually([&] { return second.has_all_of(first) && slave.has_all_of(first); }));
  first.stop();
  ASSERT_TRUE(eventually([&] { return !slave.reasons().empty() && !slave.reasons().back().empty(); }));
  second.lead();
  slave.follow(second);
  EXPECT_TRUE(eventually([&] { return slave.reasons().back().empty(); }));
}

TEST(HaEngine, AClassicSlaveDoesNotCountWhereTheDiskIsWaitedFor) {
  HaSettings flushed = synchronous();
  flushed.acknowledge = replication::Acknowledge::flushed;
  HaSettings classic;
  classic.speaks_extended = false;
  Side master(0, flushed), slave(1, classic);
  const PhysicalOffset end = master.append("x");
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] {
    const auto replicas = master.engine->status().replicas;
    return replicas.size() == 1 && replicas[0].acknowledged >= end;
  }));
  EXPECT_EQ(master.engine->status().in_sync_replicas, 1);
  EXPECT_FALSE(master.engine->gate().is_safe(end));
}

// It takes no part in an election, so what only it has would be lost in one.
TEST(HaEngine, AClassicSlaveDoesNotCountWhereSomebodyElects) {
  HaSettings classic;
  classic.speaks_extended = false;
  Side master(0, synchronous()), slave(1, classic), other(2);
  master.engine->require_epoch(1);
  master.lead();
  const PhysicalOffset end = master.append("x");
  slave.follow(master);
  ASSERT_TRUE(eventually([&] {
    const auto replicas = master.engine->status().replicas;
    return replicas.size() == 1 && replicas[0].acknowledged >= end;
  }));
  EXPECT_EQ(master.engine->status().in_sync_replicas, 1);
  EXPECT_FALSE(master.engine->gate().is_safe(end));
  other.follow(master);
  EXPECT_TRUE(eventually([&] { return master.engine->gate().is_safe(end); }));
}

TEST(HaEngine, TheClassicProtocolWorksBetweenTenonsToo) {
  HaSettings classic;
  classic.speaks_extended = false;
  Side master(0), slave(1, classic);
  master.append_many(100);
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  EXPECT_EQ(slave.engine->status().master->protocol, ReplicationProtocol::classic);
  EXPECT_EQ(master.engine->status().replicas.at(0).broker_id, -1);
}

TEST(HaEngine, AStoreThatOffersFilesSendsThemAsTheyAre) {
  HaSettings classic;
  classic.speaks_extended = false;
  Side master(0), slave(1, classic), modern(2);
  master.answer_from_files();
  master.restart();
  master.append_many(150);
  master.lead();
  slave.follow(master);
  modern.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master) && modern.has_all_of(master); }));
  for (int round = 0; round < 20; ++round) {
    master.append_many(1 + round * 10);  // over files, in runs below and above what sendfile is used for
    ASSERT_TRUE(eventually([&] { return slave.has_all_of(master) && modern.has_all_of(master); }));
  }
  EXPECT_EQ(slave.messages(), master.messages());
}

TEST(HaEngine, ALinkComesBackAfterEitherSideWasGone) {
  Side master(0), slave(1);
  master.lead();
  slave.follow(master);
  for (int round = 0; round < 3; ++round) {
    master.append_many(50);
    ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); }));
    slave.restart();
    master.append_many(50);
    slave.follow(master);
    ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); }));
    master.restart();
    master.lead();
    slave.follow(master);  // the port is another
  }
  EXPECT_EQ(slave.messages(), 300);
}

TEST(HaEngine, WhatAMasterHadIsRememberedWhenItIsGone) {
  Side master(0), slave(1);
  master.append_many(20);
  master.lead();
  EXPECT_FALSE(slave.engine->status().master->heard);
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  const PhysicalOffset end = master.store->log_max();
  master.stop();
  ASSERT_TRUE(eventually([&] { return !slave.engine->status().master->connected; }));
  const MasterStatus known = *slave.engine->status().master;
  EXPECT_TRUE(known.heard);
  EXPECT_EQ(known.log_max, end);
  EXPECT_EQ(known.lag_bytes, 0);
}

TEST(HaEngine, WithTooFewSlavesASendIsToldAtOnce) {
  Side master(0, synchronous());
  master.lead();
  const PhysicalOffset end = master.append("alone");
  std::optional<Status> told;
  master.engine->gate().wait_for(end, std::chrono::steady_clock::now() + std::chrono::seconds(60),
                                 [&](Status status) { told = std::move(status); });
  ASSERT_TRUE(told && told->has_error());
  EXPECT_TRUE(told->error().is(Errc::slave_not_available));
}

TEST(HaEngine, WhatNoSlaveHasIsNotConfirmed) {
  Side master(0, synchronous()), slave(1);
  master.append("before");
  master.lead();
  const PhysicalOffset end = master.append("alone");
  EXPECT_LT(master.engine->status().confirmed, end) << "an election would ask for it of every broker";
  slave.follow(master);
  EXPECT_TRUE(eventually([&] { return master.engine->status().confirmed == end; }));
}

TEST(HaEngine, AlsoWhereSomeFollowAndMoreAreAskedFor) {
  Side master(0, synchronous(3)), slave(1);
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return master.engine->status().in_sync_replicas == 2; }));
  std::optional<Status> told;
  master.engine->gate().wait_for(master.append("two"), std::chrono::steady_clock::now() + std::chrono::seconds(60),
                                 [&](Status status) { told = std::move(status); });
  ASSERT_TRUE(told && told->has_error());
  EXPECT_TRUE(told->error().is(Errc::slave_not_available));
}

TEST(HaEngine, ASlaveLetsNobodyIn) {
  Side master(0), slave(1), stray(2);
  master.lead();
  slave.follow(master);
  stray.follow(slave);  // as by a wrong `master`
  ASSERT_TRUE(eventually([&] { return stray.reasons().size() > 2; }));
  master.append_many(10);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  EXPECT_EQ(stray.messages(), 0);
  EXPECT_TRUE(slave.engine->status().replicas.empty());
}

TEST(HaEngine, AMasterOfWhichTheLogIsDoubtedIsNotDialledUntilThatIsOver) {
  Side master(0), slave(1);
  master.lead();
  master.append_many(1);
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master) && slave.engine->follows(); }));
  slave.engine->doubt_master("its log is another one");
  EXPECT_FALSE(slave.engine->follows());
  EXPECT_EQ(slave.reasons().back(), text("master ", master.address(), ": its log is another one"));
  EXPECT_EQ(slave.engine->status().master->last_error, "its log is another one");
  slave.follow(master);  // as name servers say again and again
  EXPECT_EQ(slave.engine->status().master->last_error, "its log is another one");
  slave.engine->doubt_master({});
  master.append_many(1);
  EXPECT_TRUE(eventually([&] { return slave.has_all_of(master) && slave.reasons().back().empty(); }));
}

TEST(HaEngine, AChangeOfTablesWaitsForTheSlavesThatFollow) {
  Side master(0, synchronous()), slave(1);
  master.lead();
  TableGate& gate = master.engine->table_gate();
  std::atomic<int> through{0}, refused{0};
  const auto count = [&](const Status& status) { ++(status ? through : refused); };
  gate.wait_for({.topics = 5}, count);
  EXPECT_EQ(refused, 1) << "nobody follows";
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return gate.heard(1, {4, 4}, [] {}); }));
  EXPECT_FALSE(gate.heard(2, {9, 9}, [] {})) << "this one does not follow";
  gate.wait_for({.topics = 5}, count);
  EXPECT_EQ(through, 0);
  ASSERT_TRUE(gate.heard(1, {5, 4}, [] {}));
  EXPECT_EQ(through, 1);
  gate.wait_for({.groups = 5}, count);
  master.stop();
  EXPECT_EQ(refused, 2) << "nobody is left waiting";
}

TEST(HaEngine, AChangeOfTablesDoesNotWaitForAClassicSlave) {
  HaSettings classic;
  classic.speaks_extended = false;
  Side master(0, synchronous()), slave(1, classic);
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return master.engine->status().in_sync_replicas == 2; }));
  bool through = false;
  master.engine->table_gate().wait_for({.topics = 5}, [&](const Status& status) { through = status.has_value(); });
  EXPECT_TRUE(through);
}

TEST(HaEngine, TwoConnectionsOfOneMachineAreOneSlaveUnlessTheySayWhoTheyAre) {
  HaSettings classic;
  classic.speaks_extended = false;
  Side master(0, synchronous(3)), first(1), second(2), third(3, classic), fourth(4, classic);
  master.lead();
  third.follow(master);
  fourth.follow(master);
  ASSERT_TRUE(eventually([&] { return master.engine->status().replicas.size() == 2; }));
  EXPECT_EQ(master.engine->status().in_sync_replicas, 2) << "two classic slaves at one address count once";
  first.follow(master);
  second.follow(master);
  ASSERT_TRUE(eventually([&] { return master.engine->status().in_sync_replicas == 4; }));
}

TEST(HaEngine, ASlaveOfAnotherClusterIsRefused) {
  Side master(0), stranger(1);
  stranger.cluster = "other";
  stranger.restart();
  master.append_many(10);
  master.lead();
  stranger.follow(master);
  ASSERT_TRUE(eventually([&] { return !stranger.engine->status().master->last_error.empty(); }));
  EXPECT_EQ(stranger.messages(), 0);
}

TEST(HaEngine, FlushedAcknowledgementsNeedAStoreThatFlushes) {
  HaSettings flushed = synchronous();
  flushed.acknowledge = replication::Acknowledge::flushed;
  Side master(0, flushed), slave(1);
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return !slave.engine->status().master->last_error.empty(); }));
  slave.flush_synchronously();
  slave.restart();
  slave.follow(master);
  const PhysicalOffset end = master.append("durable");
  ASSERT_TRUE(eventually([&] { return master.engine->gate().is_safe(end); }));
  EXPECT_TRUE(slave.store->is_safe(end)) << "it is on the slave's disk";
}

TEST(HaEngine, WhatManyThreadsAppendAtOnceIsAllConfirmed) {
  constexpr int kThreads = 4, kEach = 300;
  Side master(0, synchronous()), slave(1);
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return master.engine->status().in_sync_replicas == 2; }));
  std::atomic<int> passed{0};
  std::vector<std::thread> threads(kThreads);
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      for (int number = 0; number < kEach; ++number) {
        const PhysicalOffset end = master.append("of several");
        master.engine->gate().wait_for(end, std::chrono::steady_clock::now() + std::chrono::seconds(60),
                                       [&](const Status& status) { passed += status.has_value() ? 1 : 0; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(eventually([&] { return passed == kThreads * kEach; })) << passed;
  EXPECT_TRUE(eventually([&] { return slave.messages() == kThreads * kEach; }));
}

TEST(HaEngine, AMasterThatAppendsMayBecomeASlaveAndBack) {
  Side master(0, synchronous()), slave(1);
  std::atomic<bool> done{false};
  std::atomic<int> asked{0}, told{0}, allowed{0};
  std::thread appender([&] {
    while (!done) {
      if (asked == allowed || asked - told > 64) {
        std::this_thread::yield();
        continue;
      }
      const PhysicalOffset end = master.append("while the role changes");
      ++asked;
      master.engine->gate().wait_for(end, std::chrono::steady_clock::now() + std::chrono::seconds(60),
                                     [&](const Status&) { ++told; });
    }
  });
  for (int round = 0; round < 5; ++round) {
    allowed += 400;
    master.lead();
    slave.follow(master);
    EXPECT_TRUE(eventually([&] { return master.engine->gate().is_safe({1}); }));
    allowed += 400;
    EXPECT_TRUE(master.engine->become_slave("").has_value());
    EXPECT_FALSE(master.engine->gate().is_safe({1}));
  }
  done = true;
  appender.join();
  EXPECT_TRUE(eventually([&] { return told == asked; })) << told << " of " << asked;
}

TEST(HaEngine, ASlaveFarBehindGetsWhatNoLongerLiesInMemoryForSure) {
  Side master(0, synchronous()), slave(1);
  use_large_files(master, slave);
  const std::string body(30'000, 'x');
  while (master.store->log_max() - master.store->log_min() < kHotBytes + 2 * kWarmBytes) master.append(body);
  master.lead();
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.has_all_of(master); }));
  EXPECT_EQ(slave.messages(), master.messages());
}

TEST(HaEngine, WhatWasConfirmedIsForgottenWithTheRole) {
  Side first(0, synchronous()), second(1);
  first.lead();
  second.follow(first);
  const PhysicalOffset end = first.append("confirmed");
  ASSERT_TRUE(eventually([&] { return first.engine->gate().is_safe(end); }));
  ASSERT_TRUE(first.engine->become_slave("").has_value());
  first.lead();
  EXPECT_FALSE(first.engine->gate().is_safe(end)) << "its log may have been cut meanwhile, and have grown again";
  second.follow(first);
  EXPECT_TRUE(eventually([&] { return first.engine->gate().is_safe(end); }));
}

TEST(HaEngine, AStoreThatTakesNothingIsNoFollowerUntilItDoes) {
  Side master(0), slave(1);
  master.append_many(10);
  master.lead();
  slave.store->log_store().drain();  // as with a full disk: what is received is refused
  slave.follow(master);
  ASSERT_TRUE(eventually([&] { return slave.reasons().size() >= 3; }));
  for (const std::string& reason : slave.reasons())
    EXPECT_NE(reason.find("accepts no writes"), std::string::npos) << "'" << reason << "'";
  slave.restart();
  slave.follow(master);
  EXPECT_TRUE(eventually([&] { return slave.has_all_of(master); }));
}

TEST(HaEngine, TheSlaveTakesOver) {
  Side first(0), second(1);
  first.append_many(100);
  first.lead();
  second.follow(first);
  ASSERT_TRUE(eventually([&] { return second.has_all_of(first); }));
  second.lead();
  EXPECT_GT(second.engine->status().epoch, first.engine->status().epoch);
  second.append_many(50);
  first.follow(second);
  ASSERT_TRUE(eventually([&] { return first.has_all_of(second); }));
  EXPECT_EQ(first.messages(), 150);
}

TEST(HaEngine, ATailThatTheNewMasterDoesNotHaveIsCutAndKept) {
  Side first(0), second(1);
  first.append_many(100);
  first.lead();
  second.follow(first);
  ASSERT_TRUE(eventually([&] { return second.has_all_of(first); }));
  const PhysicalOffset common = second.store->log_max();
  second.lead();  // the first goes on for a while, as behind a partition
  first.append_many(7);
  const PhysicalOffset lost = first.store->log_max();
  second.append_many(20);
  first.follow(second);
  ASSERT_TRUE(eventually([&] { return first.has_all_of(second); }));
  EXPECT_EQ(first.messages(), 120);
  const auto divergence = first.engine->status().last_divergence;
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->begin, common);
  EXPECT_EQ(divergence->length, lost - common);
  EXPECT_TRUE(std::filesystem::exists(divergence->saved_as)) << divergence->saved_as;
}

TEST(HaEngine, WhatWasCutOffIsNamedUntilItIsGone) {
  Side first(0), second(1);
  first.lead();
  first.append_many(100);
  second.follow(first);
  ASSERT_TRUE(eventually([&] { return second.has_all_of(first); }));
  second.lead();
  first.append_many(7);
  first.follow(second);
  ASSERT_TRUE(eventually([&] { return first.has_all_of(second); }));
  const auto divergence = first.engine->status().last_divergence;
  ASSERT_TRUE(divergence);
  first.restart();
  const auto kept = first.engine->status().last_divergence;
  ASSERT_TRUE(kept);
  EXPECT_EQ(std::tuple(kept->timestamp_ms, kept->begin, kept->length, kept->saved_as),
            std::tuple(divergence->timestamp_ms, divergence->begin, divergence->length, divergence->saved_as));
  std::filesystem::remove_all(divergence->saved_as);  // somebody has dealt with it
  first.restart();
  EXPECT_FALSE(first.engine->status().last_divergence);
}

}  // namespace
}  // namespace tenon::ha
