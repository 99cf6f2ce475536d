// SPDX-License-Identifier: Apache-2.0
// Both ends of a connection, joined without one.
#include <gtest/gtest.h>

#include "replication/classic_frames.hpp"
#include "replication/testing/pair.hpp"

namespace tenon::replication {
namespace {

using namespace std::chrono_literals;
using testing::bytes_of;
using testing::feed;
using testing::fill;
using testing::MemoryLog;
using testing::Pair;
using testing::Replica;

class SessionTest : public ::testing::TestWithParam<ReplicationProtocol> {
 protected:
  void SetUp() override {
    pair_.slave_settings.speaks_extended = GetParam() == ReplicationProtocol::extended;
    a_.epochs.begin(1, {});
  }
  void expect_equal() {
    ASSERT_TRUE(pair_.master_status) << pair_.master_status.error().message();
    ASSERT_TRUE(pair_.slave_status) << pair_.slave_status.error().message();
    EXPECT_EQ(pair_.master->protocol(), GetParam());
    EXPECT_EQ(pair_.slave->protocol(), GetParam());
    EXPECT_EQ(a_.log.log_max(), b_.log.log_max());
    EXPECT_EQ(pair_.master->acknowledged(), a_.log.log_max());
    EXPECT_TRUE(a_.log.bytes().ends_with(b_.log.bytes()));
  }

  Replica a_, b_;
  Pair pair_{a_, b_};
};

TEST_P(SessionTest, ASlaveGetsWhatIsThereAndWhatComes) {
  fill(a_, 100);
  pair_.connect_and_settle();
  expect_equal();
  for (int round = 0; round < 20; ++round) {
    fill(a_, round);
    pair_.settle();
    expect_equal();
  }
}

TEST_P(SessionTest, ALaterConnectionGoesOnWhereTheFirstEnded) {
  fill(a_, 200);
  pair_.connect_and_settle();
  fill(a_, 500);
  b_.log.restart(b_.log.log_max() - 5 * MemoryLog::kRecord);
  pair_.connect_and_settle();
  expect_equal();
  EXPECT_EQ(b_.log.log_min().value, 0);
}

TEST_P(SessionTest, ChunksEndWithTheFile) {
  pair_.master_settings.batch_bytes = 3 * MemoryLog::kFile;
  fill(a_, 700);
  pair_.connect_and_settle();
  expect_equal();
}

TEST_P(SessionTest, SilentPeersAreGivenUp) {
  pair_.connect_and_settle();
  EXPECT_TRUE(pair_.master->check_silence(pair_.now + 20s).has_value());
  EXPECT_TRUE(pair_.master->check_silence(pair_.now + 21s).has_error());
  EXPECT_TRUE(pair_.slave->tick(pair_.now + 21s).has_error());
}

/// A byte now and then is not what a slave says.
TEST_P(SessionTest, WhoDoesNotComeToThePointIsGivenUp) {
  pair_.connect();
  const auto begin = encode_report(GetParam() == ReplicationProtocol::extended ? kExtendedProbe : PhysicalOffset{});
  const auto said = std::string_view(reinterpret_cast<const char*>(begin.data()), begin.size());
  std::size_t next = 0;
  for (int second = 0; second < 20; ++second, pair_.now += 1s) {
    ASSERT_TRUE(pair_.master->check_silence(pair_.now));
    if (second % 3 != 0 || next == said.size() - 1) continue;
    ASSERT_TRUE(pair_.master->receive(bytes_of(said.substr(next++, 1)), pair_.now));
  }
  EXPECT_FALSE(pair_.master->check_silence(pair_.now + 1s));
}

TEST_P(SessionTest, HeartbeatsKeepAQuietConnection) {
  fill(a_, 10);
  pair_.connect_and_settle();
  for (int beat = 0; beat < 20; ++beat) {
    pair_.now += 5s;
    ASSERT_TRUE(pair_.slave->tick(pair_.now).has_value());
    pair_.settle();
    ASSERT_TRUE(pair_.master->check_silence(pair_.now).has_value());
    expect_equal();
  }
}

TEST_P(SessionTest, AFullDiskEndsTheConnectionAndLosesNothing) {
  fill(a_, 100);
  b_.log.fails = true;
  pair_.connect_and_settle();
  EXPECT_TRUE(pair_.slave_status.has_error());
  EXPECT_EQ(pair_.master->acknowledged(), PhysicalOffset{});
  b_.log.fails = false;
  pair_.connect_and_settle();
  expect_equal();
}

TEST_P(SessionTest, ASlaveThatTheLogDoesNotReachBackToIsRefused) {
  fill(a_, 100);
  pair_.connect_and_settle();
  fill(a_, 1'000);
  a_.log.drop_first_file();
  pair_.connect_and_settle();
  EXPECT_TRUE(pair_.master_status.has_error() || pair_.slave_status.has_error());
  EXPECT_EQ(b_.log.log_max().value, 100 * MemoryLog::kRecord);
}

INSTANTIATE_TEST_SUITE_P(Both, SessionTest,
                         ::testing::Values(ReplicationProtocol::classic, ReplicationProtocol::extended),
                         [](const auto& one) {
                           return one.param == ReplicationProtocol::classic ? "Classic" : "Extended";
                         });

/// The master counts what a hello says as acknowledged, so whoever is elected later must know by then.
TEST(ExtendedSession, TheEpochIsTheSlavesOwnBeforeItSaysThatItHasTheLog) {
  Replica a, b;
  Pair pair(a, b);
  a.epochs.begin(1, {});
  fill(a, 10);
  pair.connect_and_settle();
  a.epochs.begin(2, a.log.log_max());
  pair.connect();
  ASSERT_TRUE(pair.master->receive(bytes_of(pair.slave->take_output()), pair.now));
  const auto welcome = testing::everything(*pair.master, {}, pair.now);
  ASSERT_TRUE(welcome && testing::feed(*pair.slave, *welcome, pair.now));
  EXPECT_EQ(b.epochs.history().last(), a.epochs.history().last());
  ASSERT_TRUE(pair.master->receive(bytes_of(pair.slave->take_output()), pair.now));
  EXPECT_EQ(pair.master->acknowledged(), a.log.log_max());
}

TEST(ExtendedSession, ASlaveHearsAtOnceThatItWasLetIn) {
  Replica a, b;
  Pair pair(a, b);
  a.epochs.begin(1, {});
  fill(a, 10);
  pair.connect_and_settle();
  pair.connect();
  while (!pair.slave->transferring()) {
    EXPECT_FALSE(pair.slave->let_in());
    ASSERT_TRUE(pair.master->receive(bytes_of(pair.slave->take_output()), pair.now));
    ASSERT_TRUE(testing::feed(*pair.slave, testing::everything(*pair.master, {}, pair.now).value(), pair.now));
  }
  EXPECT_FALSE(pair.slave->let_in()) << "the master has not looked at its log yet";
  pair.settle();
  EXPECT_TRUE(pair.slave->let_in()) << "though the master has nothing to send";
}

/// Of a record only the body has a checksum of its own.
TEST(ExtendedSession, AChunkThatWasChangedOnItsWayReachesNoLog) {
  Replica a, b;
  a.epochs.begin(1, {});
  Pair pair{a, b};
  fill(a, 10);
  pair.connect_and_settle();
  const PhysicalOffset before = b.log.log_received();
  fill(a, 1);
  std::string chunk = testing::everything(*pair.master, {}, pair.now).value();
  ASSERT_GT(chunk.size(), static_cast<std::size_t>(MemoryLog::kRecord));
  chunk.back() = static_cast<char>(~chunk.back());
  const Status taken = testing::feed(*pair.slave, chunk, pair.now);
  ASSERT_TRUE(taken.has_error());
  EXPECT_TRUE(taken.error().is(Errc::corrupt));
  EXPECT_EQ(b.log.log_received(), before);
  pair.connect_and_settle();
  EXPECT_EQ(b.log.log_max(), a.log.log_max());
}

TEST(ExtendedSession, ASlaveCallsConfirmedWhatTheMasterDoes) {
  Replica a, b;
  a.epochs.begin(1, {});
  Pair pair{a, b};
  pair.connect_and_settle();
  fill(a, 10);
  const PhysicalOffset confirmed{4 * MemoryLog::kRecord};  // another slave is slower
  ASSERT_TRUE(testing::feed(*pair.slave, testing::everything(*pair.master, confirmed, pair.now).value(), pair.now));
  EXPECT_EQ(b.log.log_max(), a.log.log_max());
  EXPECT_EQ(pair.slave->master_confirmed(), confirmed);
  EXPECT_EQ(b.log.confirm_offset(), confirmed) << "an election must not ask for more than was acknowledged";
}

TEST(ExtendedSession, AChunkBelongsToOneEpoch) {
  Replica a, b;
  a.epochs.begin(1, {});
  fill(a, 5);
  a.epochs.begin(2, a.log.log_max());
  fill(a, 5, 'y');
  Pair pair{a, b};
  pair.connect();
  ASSERT_TRUE(pair.master->receive(bytes_of(pair.slave->take_output()), pair.now));
  ASSERT_TRUE(testing::feed(*pair.slave, testing::everything(*pair.master, {}, pair.now).value(), pair.now));
  ASSERT_TRUE(pair.master->receive(bytes_of(pair.slave->take_output()), pair.now));
  for (const std::int64_t epoch : {1, 2}) {
    const auto next = pair.master->next({}, pair.now).value();
    ASSERT_TRUE(next);
    const auto chunk = std::get<Chunk>(next_frame(bytes_of(next->head)).value()->frame);
    EXPECT_EQ(chunk.epoch.number, epoch);
    EXPECT_EQ(chunk.size, 5 * MemoryLog::kRecord) << "after a crash in between nobody would know the second";
  }
}

TEST(ExtendedSession, WhoMustFlushHasAcknowledgedNothingByComing) {
  Replica a, b;
  a.epochs.begin(1, {});
  fill(a, 10);
  Pair pair{a, b};
  pair.connect_and_settle();
  pair.master_settings.acknowledge = Acknowledge::flushed;
  pair.slave_settings.knows_flushed = true;
  pair.connect_and_settle();
  ASSERT_TRUE(pair.master->transferring());
  EXPECT_EQ(pair.master->sent(), a.log.log_max());
  EXPECT_EQ(pair.master->acknowledged(), PhysicalOffset{}) << "the power may fail before its disk has it";
  pair.slave->flushed(b.log.log_max());
  pair.settle();
  EXPECT_EQ(pair.master->acknowledged(), a.log.log_max());
}

/// Two others have it. What is not here yet must not look as if it were, to who asks this broker for an election.
TEST(ExtendedSession, WhatIsConfirmedElsewhereIsConfirmedHereAsFarAsItIsHere) {
  Replica a, b;
  a.epochs.begin(1, {});
  fill(a, 10);
  Pair pair{a, b};
  pair.master_settings.batch_bytes = 3 * MemoryLog::kRecord;
  pair.connect();
  const auto say_to_slave = [&] {
    const auto next = pair.master->next(a.log.log_max(), pair.now);
    ASSERT_TRUE(next && *next);
    std::string said = (*next)->head;
    if (const auto& stretch = (*next)->stretch) {
      const auto body = std::get<MemorySlice>(stretch->bytes).bytes;
      said.append(reinterpret_cast<const char*>(body.data()), body.size());
    }
    ASSERT_TRUE(feed(*pair.slave, said, pair.now));
  };
  ASSERT_TRUE(pair.master->receive(bytes_of(pair.slave->take_output()), pair.now));
  say_to_slave();
  ASSERT_TRUE(pair.master->receive(bytes_of(pair.slave->take_output()), pair.now));
  say_to_slave();
  EXPECT_EQ(b.log.log_max(), PhysicalOffset{3 * MemoryLog::kRecord});
  EXPECT_EQ(b.log.confirm_offset(), b.log.log_max());
  EXPECT_EQ(pair.slave->master_confirmed(), a.log.log_max());
}

class ClassicMaster : public ::testing::Test {
 protected:
  Status report(std::int64_t end) {
    const auto bytes = encode_report({end});
    return master_.receive(bytes, now_);
  }
  std::string next() {
    const auto outgoing = master_.next({}, now_);
    return outgoing && *outgoing ? (*outgoing)->head : "";
  }
  static std::string header(std::int64_t begin, std::int32_t size) {
    const auto bytes = encode_classic_header({{begin}, size});
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  Replica a_;
  MasterSettings settings_{.identity = {"c", "b", 0}, .batch_bytes = 1'000};
  testing::Time now_{};
  MasterSession master_{a_.log, a_.epochs.history(), settings_, now_};
};

TEST_F(ClassicMaster, SaysNothingBeforeTheFirstReport) {
  fill(a_, 10);
  EXPECT_EQ(next(), "");
  now_ += 10s;
  EXPECT_EQ(next(), "");
  ASSERT_TRUE(report(0));
  EXPECT_EQ(next(), header(0, 160));
  EXPECT_EQ(next(), "");
}

TEST_F(ClassicMaster, ANewSlaveBeginsWithTheLastFile) {
  fill(a_, 300);
  ASSERT_TRUE(report(0));
  EXPECT_EQ(next(), header(4'096, 704));
}

TEST_F(ClassicMaster, HeartbeatsNameTheNextOffset) {
  fill(a_, 10);
  ASSERT_TRUE(report(160));
  EXPECT_EQ(next(), "");
  now_ += 5s;
  EXPECT_EQ(next(), header(160, 0));
  EXPECT_EQ(next(), "");
}

TEST_F(ClassicMaster, SendsALittleAtOnceAlsoBehindAChunkThatIsNotAcknowledged) {
  fill(a_, 1);
  ASSERT_TRUE(report(0));
  EXPECT_EQ(next(), header(0, 16));
  fill(a_, 1);
  EXPECT_EQ(next(), header(16, 16)) << "a send may wait for it";
}

TEST_F(ClassicMaster, DoesNotBelieveASlaveThatIsAhead) {
  fill(a_, 10);
  EXPECT_TRUE(report(161).has_error());
  EXPECT_EQ(master_.acknowledged(), PhysicalOffset{});
  EXPECT_EQ(master_.claimed_ahead(), PhysicalOffset{161});
}

TEST_F(ClassicMaster, DoesNotBelieveAnAcknowledgementOfWhatWasNotSent) {
  fill(a_, 10);
  ASSERT_TRUE(report(32));
  EXPECT_TRUE(report(160).has_error());
  EXPECT_EQ(master_.acknowledged(), PhysicalOffset{32});
}

TEST_F(ClassicMaster, RefusesNegativeOffsets) {
  EXPECT_TRUE(report(-2).has_error());
  EXPECT_TRUE(report(INT64_MIN).has_error());
}

TEST_F(ClassicMaster, RefusesNegativeAcknowledgements) {
  fill(a_, 10);
  ASSERT_TRUE(report(32));
  EXPECT_TRUE(report(INT64_MIN).has_error());
  EXPECT_EQ(master_.acknowledged(), PhysicalOffset{32}) << "how far behind it is must be a number";
}

TEST_F(ClassicMaster, ReportsMayComeInPieces) {
  fill(a_, 10);
  const auto bytes = encode_report({32});
  for (const std::byte byte : bytes) {
    EXPECT_FALSE(master_.transferring());
    ASSERT_TRUE(master_.receive({&byte, 1}, now_));
  }
  EXPECT_TRUE(master_.transferring());
}

class HeldSession : public ::testing::Test {
 protected:
  HeldSession() {
    pair.slave_settings.speaks_extended = false;
    pair.slave_settings.holds_classic = true;
  }

  Replica a, b;
  Pair pair{a, b};
};

TEST_F(HeldSession, SaysNothingBeforeItMayGoOn) {
  fill(a, 10);
  pair.connect_and_settle();
  pair.now += pair.slave_settings.silence_max;
  EXPECT_TRUE(pair.slave->tick(pair.now));
  EXPECT_EQ(pair.slave->take_output(), "");
  EXPECT_EQ(b.log.log_max(), PhysicalOffset{});
  pair.slave->go_on(pair.now);
  EXPECT_FALSE(pair.slave->is_held());
  pair.settle();
  EXPECT_EQ(b.log.log_max(), a.log.log_max());
  pair.now += pair.slave_settings.silence_max + 1s;
  EXPECT_FALSE(pair.slave->tick(pair.now)) << "from here on silence counts";
}

/// It would close the connection itself by then, if it were there.
TEST_F(HeldSession, OfAMasterThatMayHaveVanishedIsGivenUp) {
  pair.connect_and_settle();
  pair.now += pair.slave_settings.silence_max + 1s;
  EXPECT_FALSE(pair.slave->tick(pair.now));
}

TEST_F(HeldSession, HalfARecordOfAnEarlierConnectionIsAskedForAnew) {
  fill(a, 10);
  const std::string all = a.log.bytes();
  ASSERT_TRUE(b.log.append_log({}, std::as_bytes(std::span(all).first(MemoryLog::kRecord * 3 / 2))));
  pair.connect_and_settle();
  pair.slave->go_on(pair.now);
  EXPECT_EQ(b.log.log_received(), b.log.log_max());
  pair.settle();
  EXPECT_EQ(b.log.bytes(), all);
}

TEST_F(HeldSession, WhoSendsUnaskedIsLeft) {
  pair.connect();
  const auto heartbeat = encode_classic_header({});
  EXPECT_FALSE(feed(*pair.slave, {reinterpret_cast<const char*>(heartbeat.data()), heartbeat.size()}, pair.now));
}

}  // namespace
}  // namespace tenon::replication
