// SPDX-License-Identifier: Apache-2.0
#include "ha/control/ha_commands.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "fastjson/reader.hpp"

namespace tenon::ha {
namespace {

class FakeIdentity final : public BrokerIdentity {
 public:
  std::string_view cluster() const noexcept override { return "C"; }
  std::string_view broker_name() const noexcept override { return "broker-a"; }
  std::int64_t broker_id() const noexcept override { return 1; }
  HostAddress advertised_address() const override { return {}; }
  std::int64_t boot_timestamp_ms() const noexcept override { return 0; }
};

class FakeRole final : public BrokerRole {
 public:
  bool is_master() const noexcept override { return master_now; }
  void when_master(std::function<void()>) override {}
  MasterAddresses master() const override { return {registered, {}, heard}; }
  Result<std::int64_t> promote(std::int64_t) override {
    ADD_FAILURE() << "an operator's promotion is for good";
    return std::int64_t{0};
  }
  Result<std::int64_t> promote_for_good() override {
    if (begins.valid()) begins.wait();
    master_now = true;
    return std::int64_t{7};
  }
  void hold_until(LeaseClock::time_point) override {}
  void fence(std::string_view) override {}

  std::atomic<bool> master_now{false};
  bool heard = true;
  std::shared_future<void> begins;  ///< The promotion takes until then.
  std::string registered;
};

class FakeReplication final : public Replication {
 public:
  ReplicationStatus status() const override { return said; }
  HostAddress ha_address() const override { return {}; }
  Result<std::int64_t> become_master(std::int64_t) override { return std::int64_t{1}; }
  Status become_slave(std::string_view) override { return {}; }
  void require_epoch(std::int64_t) override {}

  ReplicationStatus said;
};

class HaCommandsTest : public ::testing::Test {
 protected:
  HaCommandsTest() {
    replication_.said.role = ReplicationRole::slave;
    replication_.said.master.emplace().address = "10.0.0.1:10912";
    replication_.said.master->heard = true;
    status_.wire({&identity_, &role_, &replication_, nullptr, [] { return std::string("degraded: election-etcd"); }});
    promote_.wire({&identity_, &role_, &replication_, nullptr});
  }
  fastjson::Value promote(std::string_view arguments = {}) {
    return fastjson::parse(promote_.run(arguments).value()).value();
  }
  static std::vector<std::string> failed(const fastjson::Value& answer) {
    std::vector<std::string> names;
    for (const auto& check : answer.find("checks")->elements()) {
      if (!check.bool_or("passed", true)) names.push_back(check.text_or("name", ""));
    }
    return names;
  }

  FakeIdentity identity_;
  FakeRole role_;
  FakeReplication replication_;
  StatusCommand status_;
  PromoteCommand promote_;
};

TEST_F(HaCommandsTest, ASlaveWhoseMasterIsGoneBecomesTheMaster) {
  const auto answer = promote();
  EXPECT_TRUE(answer.bool_or("promoted", false));
  EXPECT_EQ(answer.i64_or("epoch", 0), 7);
  EXPECT_TRUE(role_.master_now);
  EXPECT_TRUE(promote_.run("").has_error()) << "once";
}

/// One with much of its log to look through. The client would not wait, and know nothing.
TEST_F(HaCommandsTest, APromotionThatTakesLongGoesOnAndIsAskedForAgain) {
  std::promise<void> begun;
  role_.begins = begun.get_future().share();
  PromoteCommand promotion(std::chrono::milliseconds(1));
  promotion.wire({&identity_, &role_, &replication_, nullptr, [] { return std::string("30 %"); }});
  const auto ask = [&] { return fastjson::parse(promotion.run("{}").value()).value(); };
  for (int time = 0; time < 2; ++time) {
    const auto answer = ask();
    EXPECT_TRUE(answer.bool_or("underWay", false));
    EXPECT_FALSE(answer.bool_or("promoted", true));
    EXPECT_EQ(answer.text_or("state", ""), "30 %");
    EXPECT_EQ(answer.find("checks")->elements().size(), 3U);
  }
  begun.set_value();
  auto answer = ask();
  while (answer.bool_or("underWay", false)) answer = ask();
  EXPECT_TRUE(answer.bool_or("promoted", false));
  EXPECT_EQ(answer.i64_or("epoch", 0), 7);
  EXPECT_TRUE(promotion.run("").has_error()) << "once";
}

TEST_F(HaCommandsTest, WhatSpeaksAgainstItIsNamedAndCanBeOverruled) {
  role_.registered = "10.0.0.1:10911";
  replication_.said.master->connected = true;
  replication_.said.master->lag_bytes = 100;
  const auto refused = promote();
  EXPECT_FALSE(refused.bool_or("promoted", true));
  EXPECT_THAT(failed(refused), ::testing::ElementsAre("no-master-registered", "master-gone", "nothing-missing"));
  EXPECT_FALSE(role_.master_now);
  EXPECT_TRUE(promote(R"({"force":true})").bool_or("promoted", false));
}

TEST_F(HaCommandsTest, UnderSynchronousReplicationOnlyWhatWasConfirmedCounts) {
  replication_.said.mode = "sync";
  replication_.said.log_max = {900};
  replication_.said.master->log_max = {1'000};
  replication_.said.master->confirmed = {901};
  replication_.said.master->lag_bytes = 100;
  EXPECT_THAT(failed(promote(R"({"check":true})")), ::testing::ElementsAre("nothing-missing"));
  replication_.said.master->confirmed = {900};
  EXPECT_TRUE(failed(promote(R"({"check":true})")).empty());
  replication_.said.mode = "async";
  EXPECT_THAT(failed(promote(R"({"check":true})")), ::testing::ElementsAre("nothing-missing"));
}

TEST_F(HaCommandsTest, WhatIsNotKnownSpeaksAgainstIt) {
  role_.heard = false;
  replication_.said.master->heard = false;
  const auto refused = promote();
  EXPECT_FALSE(refused.bool_or("promoted", true));
  EXPECT_THAT(failed(refused), ::testing::ElementsAre("no-master-registered", "nothing-missing"));
}

TEST_F(HaCommandsTest, ACheckAloneChangesNothing) {
  EXPECT_FALSE(promote(R"({"check":true})").bool_or("promoted", true));
  EXPECT_FALSE(role_.master_now);
  EXPECT_TRUE(promote_.run("{").has_error());
}

TEST_F(HaCommandsTest, TheStatusSaysThatNothingIsTakenAndWhy) {
  replication_.said.master->connected = true;
  replication_.said.master->held_because = "it has not answered";
  const auto json = fastjson::parse(status_.run("").value()).value();
  EXPECT_TRUE(json.find("master")->bool_or("connected", false));
  EXPECT_EQ(json.find("master")->text_or("heldBecause", ""), "it has not answered");
}

TEST_F(HaCommandsTest, TheStatusSaysWhoAndHowFar) {
  replication_.said.replicas.emplace_back().lag_bytes = 14;
  replication_.said.last_divergence = Divergence{.timestamp_ms = 5, .begin = {10}, .length = 3, .saved_as = "f"};
  const auto json = fastjson::parse(status_.run("").value()).value();
  EXPECT_EQ(json.text_or("broker", ""), "broker-a");
  EXPECT_EQ(json.i64_or("brokerId", 0), 1);
  EXPECT_FALSE(json.bool_or("isMaster", true));
  EXPECT_EQ(json.find("master")->text_or("address", ""), "10.0.0.1:10912");
  EXPECT_EQ(json.find("replicas")->elements().at(0).i64_or("lagBytes", 0), 14);
  EXPECT_EQ(json.find("lastDivergence")->i64_or("length", 0), 3);
}

}  // namespace
}  // namespace tenon::ha
