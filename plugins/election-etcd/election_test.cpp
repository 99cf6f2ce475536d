// SPDX-License-Identifier: Apache-2.0
// The election over a table in memory, with a clock that the test drives. The properties: never two that acknowledge,
// never one elected that lacks what was acknowledged.
#include "election-etcd/election.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

#include "election-etcd/testing/fake_etcd.hpp"

namespace tenon::election_etcd {
namespace {

using namespace std::chrono_literals;
using testing::FakeEtcd;
using testing::FakeKeys;
using testing::TimePoint;

/// A broker with its part of an election. `at` and `log_end` are what a test sets.
class Node final : public Candidate {
 public:
  Node(FakeEtcd& etcd, std::int64_t id, std::int64_t members, std::int64_t copies)
      : keys(etcd),
        etcd_(etcd),
        id_(id),
        election({id, members, copies, etcd.ttl}, keys, *this, [this] { return etcd_.now; }) {}

  Position position() const override { return at; }
  std::int64_t confirmed() const override { return knows_confirmed.value_or(at.log_end); }
  std::int64_t now_ms() const override { return 0; }
  bool drained() const override { return is_drained; }
  std::optional<Status> promote(std::int64_t epoch) override {
    if (!begins) begins = etcd_.now;
    if (etcd_.now < *begins + takes) return std::nullopt;
    begins.reset();
    if (stops) return Error(Errc::shutting_down, "stopping");
    if (is_drained || is_drained_when_elected) {
      is_drained = true;
      return Error(Errc::illegal_operation, "drained");
    }
    at.epoch = epoch;
    ++promotions;
    return Status();
  }
  void hold_until(TimePoint end) override {
    held = end;
    if (const auto place_ends = etcd_.place_ends(id_); place_ends && end > etcd_.now) {
      EXPECT_LE(end, *place_ends - etcd_.ttl / 3) << "clocks may differ by a third";
    }
  }
  void require_epoch(std::int64_t epoch_min) override { required_epoch = epoch_min; }
  void give_up(std::string_view) override {
    held = {};
    has_given_up = true;
  }
  bool acknowledges() const { return held > etcd_.now && !begins; }

  FakeKeys keys;
  Position at;
  std::optional<std::int64_t> knows_confirmed;  ///< Nothing: as far as its log goes.
  bool stops = false;
  bool is_drained = false, is_drained_when_elected = false, has_given_up = false;
  int promotions = 0;
  std::chrono::milliseconds takes{0};  ///< To become the master, once it is elected.
  std::optional<TimePoint> begins;     ///< With that, since then.
  TimePoint held{};
  std::int64_t required_epoch = 0;

 private:
  FakeEtcd& etcd_;
  const std::int64_t id_;

 public:
  Election election;
};

class ElectionTest : public ::testing::Test {
 protected:
  Node& add(std::int64_t members, std::int64_t copies) {
    nodes_.push_back(std::make_unique<Node>(etcd_, static_cast<std::int64_t>(nodes_.size()) + 1, members, copies));
    return *nodes_.back();
  }
  struct MasterAndSlave {
    Node &first, &second;
  };
  /// The first has become the master, and the second has all of its log.
  MasterAndSlave add_master_and_slave() {
    Node& first = add(2, 2);
    Node& second = add(2, 2);
    first.at.log_end = 5;
    pass(10s);
    EXPECT_TRUE(first.acknowledges());
    second.at = {1, 5};
    return {first, second};
  }
  void pass(std::chrono::milliseconds time) {
    for (const TimePoint end = etcd_.now + time; etcd_.now < end; etcd_.now += 500ms) {
      etcd_.expire();
      for (const auto& node : nodes_) node->election.tick();
      expect_one_master();
    }
  }
  void expect_one_master() {
    int masters = 0;
    for (const auto& node : nodes_) masters += node->acknowledges() ? 1 : 0;
    EXPECT_LE(masters, 1);
  }

  FakeEtcd etcd_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

TEST_F(ElectionTest, TheVeryFirstWaitsForAllAndTakesTheLongestLog) {
  Node& first = add(2, 2);
  pass(10s);
  EXPECT_FALSE(first.acknowledges());
  EXPECT_EQ(first.election.waits_for(), "brokers: 1 are there, 2 are needed");
  Node& second = add(2, 2);
  second.at.log_end = 100;
  pass(10s);
  EXPECT_TRUE(second.acknowledges());
  EXPECT_EQ(etcd_.term, 1);
}

TEST_F(ElectionTest, TheSlaveFollowsWhenTheMasterDies) {
  auto [first, second] = add_master_and_slave();
  first.keys.reachable = false;
  pass(8s);
  EXPECT_FALSE(first.acknowledges()) << "before the lease can end";
  pass(10s);
  EXPECT_TRUE(second.acknowledges());
  EXPECT_EQ(second.at.epoch, 2);
  EXPECT_FALSE(first.election.leads());
}

/// As where a whole cluster is stopped: the master first, then who is elected in its place meanwhile.
TEST_F(ElectionTest, OneThatStopsWhileItBeginsLeavesAndIsNotAtFault) {
  auto [first, second] = add_master_and_slave();
  first.hold_until(etcd_.now);
  first.election.leave();
  second.stops = true;
  pass(2 * etcd_.ttl);
  EXPECT_FALSE(second.has_given_up) << "the process would end with exit code 1";
  EXPECT_FALSE(etcd_.place_ends(2)) << "another one need not wait for the end of its lease";
}

/// As one that looks through much of its log first.
TEST_F(ElectionTest, OneThatTakesLongerThanALeaseToBeginKeepsItsPlace) {
  auto [first, second] = add_master_and_slave();
  second.takes = 5 * etcd_.ttl;
  first.keys.reachable = false;
  pass(5 * etcd_.ttl);
  ASSERT_TRUE(second.begins.has_value());
  EXPECT_EQ(second.election.waits_for(), "this broker, which was elected and is becoming the master");
  EXPECT_FALSE(second.acknowledges());
  EXPECT_FALSE(second.election.leads());
  pass(3 * etcd_.ttl);
  EXPECT_TRUE(second.election.leads()) << second.election.waits_for();
  EXPECT_TRUE(second.acknowledges());
  EXPECT_EQ(second.promotions, 1);
  EXPECT_EQ(second.election.waits_for(), "");
}

TEST_F(ElectionTest, WhoLosesItsLeaseBeforeItHasBegunGivesUp) {
  Node& first = add(2, 2);
  Node& second = add(2, 2);
  first.takes = 2 * etcd_.ttl;
  pass(10s);
  ASSERT_TRUE(first.begins.has_value());
  first.keys.reachable = false;
  pass(1s);
  EXPECT_EQ(first.election.waits_for(), "etcd: no answer");
  pass(9s);
  EXPECT_TRUE(first.has_given_up);
  pass(10s);
  EXPECT_TRUE(second.acknowledges());
  EXPECT_EQ(first.promotions, 0);
}

TEST_F(ElectionTest, AMasterWaitsForEtcdOnlyUntilItAnswersAgain) {
  Node& first = add(2, 2);
  add(2, 2);
  pass(10s);
  ASSERT_TRUE(first.election.leads());
  EXPECT_EQ(first.election.waits_for(), "");
  first.keys.reachable = false;
  pass(1s);
  EXPECT_EQ(first.election.waits_for(), "etcd: no answer");
  first.keys.reachable = true;
  pass(1s);
  EXPECT_TRUE(first.election.leads());
  EXPECT_EQ(first.election.waits_for(), "");
}

TEST_F(ElectionTest, TimeAsTheMasterCountsFromWhenItWasAskedFor) {
  Node& first = add(2, 2);
  add(2, 2);
  first.keys.answers_after = 1s;
  pass(30s);
  EXPECT_TRUE(first.acknowledges());  // and what hold_until() expects
}

TEST_F(ElectionTest, WhoseLeaseIsTakenAwayLeadsNoMore) {
  Node& first = add(2, 2);
  Node& second = add(2, 2);
  pass(10s);
  ASSERT_TRUE(first.acknowledges());
  etcd_.leases.erase(etcd_.leader->second);  // etcdctl lease revoke
  etcd_.expire();
  first.election.tick();
  EXPECT_TRUE(first.has_given_up) << "another lease is not the place";
  EXPECT_FALSE(first.acknowledges());
  pass(10s);
  EXPECT_TRUE(second.acknowledges());
}

TEST_F(ElectionTest, WhosePlaceIsTakenAwayLeadsNoMore) {
  auto [first, second] = add_master_and_slave();
  etcd_.leader.reset();  // etcdctl del .../leader, or etcd has an older state again: the lease goes on
  first.election.tick();
  EXPECT_TRUE(first.has_given_up);
  EXPECT_FALSE(first.acknowledges());
  pass(10s);
  EXPECT_TRUE(second.acknowledges());
}

TEST_F(ElectionTest, WhatWasNotedAsAcknowledgedDoesNotGoBack) {
  Node& first = add(2, 2);
  Node& second = add(2, 2);
  first.at.log_end = 100;
  pass(10s);
  ASSERT_TRUE(first.acknowledges());
  EXPECT_EQ(etcd_.confirmed, 100);
  second.at = {1, 100};
  second.knows_confirmed = 40;  // it has the bytes, and heard last how far they were confirmed some time ago
  first.keys.reachable = false;
  pass(20s);
  ASSERT_TRUE(second.acknowledges());
  EXPECT_EQ(etcd_.confirmed, 100) << "or a broker that has lost some of its log could win";
  second.knows_confirmed = 120;
  pass(5s);
  EXPECT_EQ(etcd_.confirmed, 120);
}

TEST_F(ElectionTest, AMasterThatNothingWasSentToIsFollowedAsWell) {
  Node& first = add(2, 2);
  Node& second = add(2, 2);
  pass(10s);
  ASSERT_TRUE(first.acknowledges());
  first.keys.reachable = false;  // the other never got a byte of its epoch
  pass(20s);
  EXPECT_TRUE(second.acknowledges());
}

TEST_F(ElectionTest, OneThatLeavesIsFollowedAtOnce) {
  auto [first, second] = add_master_and_slave();
  first.hold_until({});
  first.election.leave();
  pass(2s);
  EXPECT_TRUE(second.acknowledges());
}

TEST_F(ElectionTest, OneThatLostItsDiskIsNotElected) {
  Node& first = add(2, 2);
  Node& second = add(2, 2);
  first.at.log_end = 5;
  pass(10s);
  second.at = {};
  first.keys.reachable = false;
  pass(60s);
  EXPECT_FALSE(second.acknowledges());
  EXPECT_EQ(second.election.waits_for(),
            "a broker that has the log up to 5, where it was acknowledged; this one ends at 0");
}

/// Three brokers, of which two must have a message; the first is the master.
class ElectionOfThree : public ElectionTest {
 protected:
  ElectionOfThree() {
    first.at.log_end = 1;
    pass(10s);
    EXPECT_TRUE(first.acknowledges());
  }

  Node& first = add(3, 2);
  Node& second = add(3, 2);
  Node& third = add(3, 2);
};

TEST_F(ElectionOfThree, TheOneWithMoreIsElected) {
  second.at = {1, 10};
  third.at = {1, 20};
  first.keys.reachable = false;
  pass(20s);
  EXPECT_TRUE(third.acknowledges());
  EXPECT_EQ(second.promotions, 0);
}

TEST_F(ElectionOfThree, ALaterEpochCountsMoreThanALongerLog) {
  second.at = {4, 20};
  third.at = {5, 10};
  first.keys.reachable = false;
  pass(20s);
  EXPECT_TRUE(third.acknowledges()) << "the other has a tail that a master has given up";
  EXPECT_EQ(second.promotions, 0);
  EXPECT_EQ(third.at.epoch, 6);
}

TEST_F(ElectionOfThree, WhatWasSaidForAnElectionBeforeDoesNotCount) {
  second.at = {1, 10};
  third.at = {1, 20};
  third.keys.reachable = false;
  first.hold_until({});
  first.election.leave();
  pass(5s);
  ASSERT_TRUE(etcd_.reports.contains(3)) << "from when its log was empty";
  EXPECT_FALSE(second.acknowledges()) << "the third has more, and it was acknowledged";
  third.keys.reachable = true;
  pass(20s);
  EXPECT_TRUE(third.acknowledges());
}

TEST_F(ElectionOfThree, OneAloneIsNotEnough) {
  second.at = third.at = {1, 10};
  first.keys.reachable = third.keys.reachable = false;
  pass(60s);
  EXPECT_FALSE(second.acknowledges()) << "the third may have what this one lacks";
  third.keys.reachable = true;
  pass(20s);
  EXPECT_TRUE(second.acknowledges() || third.acknowledges());
}

TEST_F(ElectionOfThree, WhoReportsHasLeftTheOldMaster) {
  EXPECT_EQ(second.required_epoch, etcd_.term) << "the elected one may be followed";
  second.at = third.at = {1, 1};
  first.keys.reachable = third.keys.reachable = false;
  pass(20s);
  ASSERT_EQ(etcd_.reports.at(2).first.term, etcd_.term);
  EXPECT_EQ(second.required_epoch, etcd_.term + 1) << "nobody yet";
  third.keys.reachable = true;
  pass(20s);
  EXPECT_EQ((second.acknowledges() ? third : second).required_epoch, etcd_.term);
}

TEST_F(ElectionOfThree, ADrainedOneLeavesThePlaceToAnother) {
  second.at = third.at = {1, 10};
  second.is_drained = true;
  first.keys.reachable = false;
  pass(20s);
  EXPECT_TRUE(third.acknowledges()) << third.election.waits_for();
  EXPECT_FALSE(second.has_given_up);
  EXPECT_EQ(second.required_epoch, etcd_.term) << "it follows the next one";
}

TEST_F(ElectionOfThree, ADrainedOneWithALongerLogIsWaitedFor) {
  second.at = {1, 20};
  third.at = {1, 10};
  second.is_drained = true;
  first.keys.reachable = false;
  pass(60s);
  EXPECT_FALSE(second.acknowledges() || third.acknowledges()) << "only it may have what was acknowledged";
  EXPECT_EQ(third.election.waits_for(), "a broker whose log is longer; it is being drained");
  EXPECT_EQ(second.election.waits_for(),
            "a broker that is not being drained, as this one is, and whose log is as long");
  second.is_drained = false;
  pass(5s);
  EXPECT_TRUE(second.acknowledges());
}

TEST_F(ElectionOfThree, OneThatIsDrainedWhileItIsElectedGivesThePlaceBack) {
  second.at = third.at = {1, 10};
  second.is_drained_when_elected = true;
  first.keys.reachable = false;
  pass(20s);
  EXPECT_TRUE(second.is_drained) << "it was elected first";
  EXPECT_FALSE(second.has_given_up);
  EXPECT_TRUE(third.acknowledges()) << third.election.waits_for();
}

TEST_F(ElectionTest, AMasterGoesOnThroughAShortLossOfEtcd) {
  Node& first = add(2, 2);
  add(2, 2);
  first.at.log_end = 1;
  pass(10s);
  first.keys.reachable = false;
  pass(4s);
  EXPECT_TRUE(first.acknowledges());
  first.keys.reachable = true;
  pass(20s);
  EXPECT_TRUE(first.acknowledges());
  EXPECT_EQ(first.promotions, 1);
}

/// Nodes are cut off and come back, the master's log grows by acknowledged bytes on enough others.
TEST_F(ElectionTest, NothingAcknowledgedIsLostWhateverIsCutOff) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (int i = 0; i < 3; ++i) add(3, 2);
  std::int64_t acknowledged = 0;
  int elections = 0;
  for (int round = 0; round < 4'000; ++round) {
    for (const auto& node : nodes_) {
      if (random() % 40 == 0) node->keys.reachable = !node->keys.reachable;
      if (random() % 40 == 0) node->is_drained = random() % 3 == 0;
      node->keys.answers_after = random() % 8 == 0 ? 1s : 0s;
      node->takes = random() % 3 == 0 ? 15s : 0s;
    }
    etcd_.now += 500ms;
    etcd_.expire();
    for (auto& node : nodes_) {
      const int before = node->promotions;
      if (random() % 3 != 0) node->election.tick();
      if (node->promotions > before) {
        ++elections;
        ASSERT_GE(node->at.log_end, acknowledged) << "round " << round;
      }
      expect_one_master();
    }
    for (auto& node : nodes_) {
      if (!node->acknowledges()) continue;
      // The others follow it; one of them may be slow.
      node->at.log_end += 10;
      const std::size_t slow = random() % 3;
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (nodes_[i] != node && i != slow) nodes_[i]->at = node->at;
      }
      acknowledged = node->at.log_end;
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const bool has_led = nodes_[i]->promotions > 0 && !nodes_[i]->election.leads() && !nodes_[i]->acknowledges();
      if (!has_led && !nodes_[i]->has_given_up) continue;
      // Its process has ended; the next has the same log.
      const Position kept = nodes_[i]->at;
      nodes_[i] = std::make_unique<Node>(etcd_, static_cast<std::int64_t>(i) + 1, 3, 2);
      nodes_[i]->at = kept;
    }
  }
  EXPECT_GT(elections, 3);
}

}  // namespace
}  // namespace tenon::election_etcd
