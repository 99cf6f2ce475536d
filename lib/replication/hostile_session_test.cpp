// SPDX-License-Identifier: Apache-2.0
// What neither end believes of the other: peers with another log, of another epoch, or that send nonsense.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "record/crc32.hpp"
#include "replication/classic_frames.hpp"
#include "replication/testing/pair.hpp"

namespace tenon::replication {
namespace {

using testing::bytes_of;
using testing::fill;
using testing::MemoryLog;
using testing::Pair;
using testing::Replica;

TEST(HostilePeers, ASampleAtTheEndOfAllOffsetsIsRefused) {
  Replica a, b;
  a.epochs.begin(1, {});
  fill(a, 10);
  const MasterSettings settings{.identity = {"c", "b", 0}};
  MasterSession master(a.log, a.epochs.history(), settings, {});
  ASSERT_TRUE(master.receive(encode_report(kExtendedProbe), {}));
  ASSERT_TRUE(testing::everything(master, {}, {}).has_value());
  const Hello hello{.identity = {"c", "b", 1}, .begin = {160}, .last_epoch = 1, .sample = {{INT64_MAX}, 1, 0}};
  const Status refused = master.receive(bytes_of(encode_frame(hello)), {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::invalid_parameter)) << refused.error().message();
}

/// What it says comes into the log of this broker, line by line.
TEST(HostilePeers, WhatASlaveSaysMakesNoLinesOfItsOwn) {
  Replica a;
  const MasterSettings settings{.identity = {"c", "b", 0}};
  const std::string forged = "x\n[2026-01-01] [ha] [critical] \x1b[31m forged \x7f";
  Hello hello;
  hello.identity = {forged, "b", 1};
  for (const Frame& frame : {Frame(Refusal{forged}), Frame(hello)}) {
    MasterSession master(a.log, a.epochs.history(), settings, {});
    ASSERT_TRUE(master.receive(encode_report(kExtendedProbe), {}));
    ASSERT_TRUE(testing::everything(master, {}, {}).has_value());
    const Status refused = master.receive(bytes_of(encode_frame(frame)), {});
    ASSERT_FALSE(refused);
    const std::string said = refused.error().message();
    EXPECT_NE(said.find("forged"), std::string::npos);
    EXPECT_TRUE(std::ranges::none_of(said, [](unsigned char c) { return c < ' ' || c == 0x7f; })) << said;
  }
}

TEST(HostilePeers, ASlaveThatShowsNothingOfItsLogIsRefused) {
  for (const std::int64_t begin : {0, 32}) {
    Replica a;
    fill(a, 10);
    const MasterSettings settings{.identity = {"c", "b", 0}};
    MasterSession master(a.log, a.epochs.history(), settings, {});
    ASSERT_TRUE(master.receive(encode_report(kExtendedProbe), {}));
    ASSERT_TRUE(testing::everything(master, {}, {}).has_value());
    const Hello hello{.identity = {"c", "b", 1}, .begin = {begin}, .last_epoch = 0, .sample = {{begin}, 0, 0}};
    EXPECT_EQ(master.receive(bytes_of(encode_frame(hello)), {}).has_value(), begin == 0);
  }
}

TEST(HostilePeers, ASlaveThatKnowsALaterMasterIsRefused) {
  for (const std::int64_t epoch : {1, 2}) {
    Replica a;
    a.epochs.begin(1, {});
    fill(a, 10);
    const MasterSettings settings{.identity = {"c", "b", 0}};
    MasterSession master(a.log, a.epochs.history(), settings, {});
    ASSERT_TRUE(master.receive(encode_report(kExtendedProbe), {}));
    ASSERT_TRUE(testing::everything(master, {}, {}).has_value());
    const Hello hello{.identity = {"c", "b", 1}, .begin = {0}, .last_epoch = epoch, .sample = {}};
    EXPECT_EQ(master.receive(bytes_of(encode_frame(hello)), {}).has_value(), epoch == 1);
  }
}

/// Each side looks by itself.
TEST(HostilePeers, AnotherClusterOrBrokerNameIsRefused) {
  for (const Identity& stranger : {Identity{"other", "b", 1}, Identity{"c", "other", 1}}) {
    Replica a, b;
    a.epochs.begin(1, {});
    fill(a, 10);
    const MasterSettings settings{.identity = {"c", "b", 0}};
    MasterSession master(a.log, a.epochs.history(), settings, {});
    ASSERT_TRUE(master.receive(encode_report(kExtendedProbe), {}));
    ASSERT_TRUE(testing::everything(master, {}, {}).has_value());
    const Hello hello{.identity = stranger, .begin = {0}, .last_epoch = 1, .sample = {}};
    EXPECT_TRUE(master.receive(bytes_of(encode_frame(hello)), {}).has_error());

    Pair pair{a, b};
    pair.slave_settings.identity = stranger;
    pair.connect_and_settle();
    EXPECT_TRUE(pair.slave_status.has_error()) << "before it says anything of its log";
    EXPECT_TRUE(b.log.bytes().empty());
  }
}

TEST(HostilePeers, AMasterWithFilesOfAnotherSizeIsNotFollowed) {
  for (const std::int64_t times : {1, 2}) {
    Replica b;
    const SlaveSettings settings{.identity = {"c", "b", 1}};
    SlaveSession slave(b.log, b.epochs, settings, {});
    Welcome welcome;
    welcome.identity = {"c", "b", 0};
    welcome.log_file_size = times * b.log.log_file_size();
    welcome.epochs = {{1, {}}};
    EXPECT_EQ(testing::feed(slave, encode_frame(welcome), {}).has_value(), times == 1);
  }
}

TEST(HostilePeers, ALogBeginsAtNoOffsetThatLeavesNoRoom) {
  Replica b;
  const SlaveSettings settings{.identity = {"c", "b", 1}, .speaks_extended = false};
  SlaveSession slave(b.log, b.epochs, settings, {});
  const auto header = encode_classic_header({{INT64_MAX - 4'095}, 16});
  EXPECT_FALSE(testing::feed(slave, {reinterpret_cast<const char*>(header.data()), header.size()}, {}));
  EXPECT_TRUE(b.log.bytes().empty());
}

class OwnEpochs : public ::testing::Test {
 protected:
  /// A slave with the master's log, which then begins an epoch of its own: as a broker whose clock is ahead.
  void SetUp() override {
    a_.epochs.begin(5, {});
    fill(a_, 10);
    pair_.connect_and_settle();
    b_.epochs.begin(1'000, b_.log.log_max());
  }
  Replica a_, b_;
  Pair pair_{a_, b_};
};

TEST_F(OwnEpochs, OneWithoutAByteIsGivenUpForAnOlderMaster) {
  fill(a_, 10);
  pair_.connect_and_settle();
  EXPECT_TRUE(pair_.slave_status) << pair_.slave_status.error().message();
  EXPECT_EQ(b_.log.bytes(), a_.log.bytes());
  EXPECT_EQ(b_.epochs.history().last().number, 5);
}

TEST(HostilePeers, AnotherLogOfTheSameEpochsIsNotGoneOnWith) {
  Replica a, b;
  for (Replica* side : {&a, &b}) side->epochs.begin(1, {});
  fill(a, 10, 'x');
  fill(b, 8, 'y');  // data directories that were mixed up
  Pair pair{a, b};
  pair.connect_and_settle();
  ASSERT_TRUE(pair.master_status.has_error());
  EXPECT_TRUE(pair.master_status.error().is(Errc::corrupt)) << pair.master_status.error().message();
  EXPECT_EQ(pair.master->acknowledged(), PhysicalOffset{});
  EXPECT_EQ(b.log.log_max().value, 8 * MemoryLog::kRecord);
}

TEST(EmptyLog, KnowsNoEpochOfItsOwn) {
  Replica a, b;
  a.epochs.begin(1, {});
  b.epochs.begin(7, {});
  Pair pair{a, b};
  pair.connect_and_settle();
  fill(a, 10);
  pair.settle();
  EXPECT_TRUE(pair.slave_status) << pair.slave_status.error().message();
  EXPECT_EQ(b.log.bytes(), a.log.bytes());
  EXPECT_EQ(b.epochs.history().entries(), a.epochs.history().entries());
}

TEST_F(OwnEpochs, OneWithAByteIsNot) {
  fill(b_, 1, 'y');
  fill(a_, 10);
  pair_.connect_and_settle();
  EXPECT_FALSE(pair_.slave_status);
  EXPECT_EQ(b_.log.log_max().value, 11 * MemoryLog::kRecord);
}

TEST_F(OwnEpochs, NothingOlderFollowsThem) {
  fill(b_, 1, 'y');
  SlaveSession slave(b_.log, b_.epochs, pair_.slave_settings, {});
  const Epoch newest = b_.epochs.history().last();
  const Welcome welcome{.identity = {"c", "b", 0},
                        .log_file_size = MemoryLog::kFile,
                        .log_min = {},
                        .log_max = b_.log.log_max(),
                        .epochs = {newest}};
  ASSERT_TRUE(testing::feed(slave, encode_frame(welcome), {}));
  const std::string record(16, 'z');
  Chunk chunk;
  chunk.begin = b_.log.log_max();
  chunk.size = 16;
  chunk.crc = record::masked_crc32(bytes_of(record));
  EXPECT_FALSE(testing::feed(slave, encode_frame(chunk) + record, {})) << "epoch 0 after epoch 1000";
  chunk.epoch = {1'001, chunk.begin + 1};
  SlaveSession again(b_.log, b_.epochs, pair_.slave_settings, {});
  ASSERT_TRUE(testing::feed(again, encode_frame(welcome), {}));
  EXPECT_FALSE(testing::feed(again, encode_frame(chunk) + record, {})) << "before that epoch begins";
  EXPECT_EQ(b_.log.log_max().value, 11 * MemoryLog::kRecord);
}

TEST(HostilePeers, AClassicMasterIsNoneThatAnElectionRequires) {
  Replica a, b;
  fill(a, 10);
  Pair pair{a, b};
  pair.slave_settings.speaks_extended = false;
  pair.slave_settings.epoch_min = 1;
  pair.connect_and_settle();
  EXPECT_TRUE(pair.slave_status.has_error());
  EXPECT_TRUE(b.log.bytes().empty()) << "nor is anything confirmed";
}

/// What each has gone another way.
class PartedLogs : public ::testing::Test {
 protected:
  void part_after(int records) {
    a_.epochs.begin(1, {});
    fill(a_, records);
    pair_.connect_and_settle();
    ASSERT_TRUE(pair_.slave_status) << pair_.slave_status.error().message();
    b_.epochs.begin(2, b_.log.log_max());
    fill(b_, 3, 'y');
    a_.epochs.begin(3, a_.log.log_max());
    fill(a_, 1'000, 'z');
    before_ = b_.log.bytes();
  }
  void expect_refused() {
    pair_.connect_and_settle();
    EXPECT_TRUE(pair_.slave_status.has_error()) << "by itself: the master has not seen where it would begin";
    EXPECT_EQ(b_.log.bytes(), before_) << "nothing is cut off";
    EXPECT_EQ(b_.epochs.history().last().number, b_epoch_);
  }

  Replica a_, b_;
  Pair pair_{a_, b_};
  std::string before_;
  std::int64_t b_epoch_ = 2;
};

TEST_F(PartedLogs, WhereTheMasterHasDeletedThatNothingIsCutOff) {
  part_after(100);
  a_.log.drop_first_file();
  expect_refused();
}

TEST_F(PartedLogs, NothingIsCutOffForAMasterThatIsNotToBeFollowed) {
  part_after(100);
  pair_.slave_settings.epoch_min = 4;
  expect_refused();
  pair_.slave_settings.epoch_min = 3;
  pair_.connect_and_settle();
  EXPECT_TRUE(b_.log.bytes() == a_.log.bytes());
}

TEST_F(PartedLogs, AWholeLogIsNotGivenUp) {
  b_.epochs.begin(2, {});
  fill(b_, 3, 'y');
  a_.epochs.begin(3, {});
  fill(a_, 10, 'z');
  before_ = b_.log.bytes();
  expect_refused();
}

TEST(HostilePeers, RandomBytesReachNoLog) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  for (int round = 0; round < 300; ++round) {
    Replica a, b;
    fill(a, 50);
    fill(b, 50);
    Pair pair{a, b};
    pair.slave_settings.speaks_extended = round % 2 == 0;
    pair.connect();
    std::string noise(1 + random() % 300, '\0');
    for (char& byte : noise) byte = static_cast<char>(random());
    (void)pair.master->receive(bytes_of(noise), pair.now);
    (void)testing::feed(*pair.slave, noise, pair.now);
    EXPECT_EQ(b.log.log_max().value, 50 * MemoryLog::kRecord);
    EXPECT_LE(pair.master->acknowledged(), a.log.log_max());
  }
}

}  // namespace
}  // namespace tenon::replication
