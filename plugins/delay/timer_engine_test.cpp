// SPDX-License-Identifier: Apache-2.0
#include "timer_engine.hpp"

#include <gtest/gtest.h>

#include <set>

#include "scheduler.hpp"
#include "testing/delay_bench.hpp"

namespace tenon::delay {
namespace {

class TimerEngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    settings.log_file_size = 1'040;  // 19 units, so that files end often.
    bench.delivery.appended = [this](const Message& message) {
      if (message.topic == kTimerTopic && engine) engine->appended();
    };
    open();
  }
  void TearDown() override {
    if (engine) engine->stop();
    engine.reset();
    bench.run();
  }
  void open() {
    engine = std::make_shared<TimerEngine>(bench.parts(), settings, bench.directory.path());
    const Status opened = engine->open();
    ASSERT_TRUE(opened) << opened.error().message();
    engine->start();
    bench.run();
  }
  /// As kill -9 does it: nothing is written any more, but what was written stays.
  void crash() {
    std::filesystem::copy(bench.directory.path(), copy.path() / "left", std::filesystem::copy_options::recursive);
    bench.store.flush_up_to({});  // Nobody waits for the disk in stop().
    engine->stop();
    engine.reset();
    bench.run();
    std::filesystem::remove_all(bench.directory.path());
    std::filesystem::rename(copy.path() / "left", bench.directory.path());
  }
  void at(std::int64_t now_ms) {
    bench.now_ms = now_ms;
    if (engine) engine->appended();
    bench.run();
  }
  void sent_for(std::string_view body, std::int64_t deliver_ms, std::string_view key = "K") {
    const auto sent = bench.send(body, DelayBench::property(property::timer_deliver_ms, text(deliver_ms)) +
                                           DelayBench::property(property::unique_key, key));
    ASSERT_TRUE(sent) << sent.error().message();
    handle = *sent;
    bench.run();
  }

  TimerProgress progress_on_disk() const {
    return TimerCheckpoint(bench.directory.path() / "config" / "timercheck").open().value();
  }

  TemporaryDirectory copy;
  DelayBench bench;
  TimerSettings settings;
  std::shared_ptr<TimerEngine> engine;
  std::string handle;
  const std::int64_t start = bench.now_ms;
};

TEST_F(TimerEngineTest, DeliversToTheMillisecondAndNeverBefore) {
  sent_for("a", start + 1'500);
  at(start + 1'499);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  at(start + 1'500);
  ASSERT_EQ(bench.delivery.bodies(), Bodies{"a"});
  const auto& delivered = bench.delivery.delivered[0];
  EXPECT_EQ(delivered.topic, "T");
  EXPECT_EQ(delivered.queue_id, 3);
  const PropertiesView properties(delivered.properties);
  EXPECT_EQ(properties.find("TIMER_DEQUEUE_MS"), text(start + 1'500));
  EXPECT_EQ(properties.find("TIMER_DELIVER_MS"), text(start + 1'500));
}

TEST_F(TimerEngineTest, DeliversWhatHasNoRoomForMoreProperties) {
  const std::int64_t day = 86'400'000;
  // RocketMQ's limit less what the broker adds before it says yes.
  const auto full = [](std::int64_t deliver_ms) {
    const std::string time = DelayBench::property(property::timer_deliver_ms, text(deliver_ms));
    const std::string added = "TIMER_OUT_MS.0000000000000.REAL_TOPIC.T.REAL_QID.3.";
    return time + DelayBench::property("X", std::string(32'767 - time.size() - added.size() - 3, 'x'));
  };
  ASSERT_TRUE(bench.send("soon", full(start + 1'500)));
  ASSERT_TRUE(bench.send("far", full(start + 3 * day)));
  bench.run();
  at(start + 1'500);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"soon"});
  for (std::int64_t days = 1; days <= 3; ++days) at(start + days * day);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"soon", "far"})) << "it was stored again on its way";
}

TEST_F(TimerEngineTest, DeliversInTheOrderOfTimesAndThoseOfOneTimeInTheOrderOfArrival) {
  const std::int64_t second = start / 1'000 * 1'000 + 10'000;
  sent_for("c", second + 700);
  sent_for("a", second + 200);
  sent_for("b1", second + 300);
  sent_for("b2", second + 300);
  sent_for("z", second + 5'000);
  at(second + 900);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"a", "b1", "b2", "c"}));
  at(second + 5'000);
  EXPECT_EQ(bench.delivery.bodies().back(), "z");
}

TEST_F(TimerEngineTest, TakesOneThatComesForTheSecondThatIsBeingDelivered) {
  const std::int64_t second = start / 1'000 * 1'000 + 10'000;
  sent_for("late", second + 900);
  at(second + 100);
  sent_for("early", second + 300);
  at(second + 300);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"early"});
  at(second + 900);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"early", "late"}));
}

TEST_F(TimerEngineTest, FindsInTheLogWhatCameAfterAStepBackOfTheClock) {
  at(start + 60'000);
  engine->stop();  // Writes the check file.
  engine.reset();
  open();
  at(start + 30'000);
  sent_for("a", start + 40'000);
  crash();
  std::filesystem::remove(bench.directory.path() / "timerwheel");  // A power failure: the newest of it is lost.
  bench.now_ms = start + 62'000;
  open();
  at(start + 62'000);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
}

TEST_F(TimerEngineTest, WhatComesLateIsDeliveredAgainIfItsCopyWasNotOnTheDisk) {
  engine->stop();
  settings.flush_interval_ms = 10;
  open();
  sent_for("first", start + 1'000);
  at(start + 10'000);
  EXPECT_TRUE(bench.run_until([this] { return progress_on_disk().last_queue_offset == 1; }));
  const std::int64_t now = bench.now_ms;
  bench.store.flush_up_to(bench.store.status().max_physical_offset);
  bench.now_ms = start;
  bench.delivery.appended = {};
  sent_for("late", start + 2'000);
  at(now);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"first", "late"}));
  EXPECT_TRUE(bench.run_until([this] { return progress_on_disk().last_queue_offset == 2; }));
  crash();
  open();
  at(bench.now_ms + 1'000);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"first", "late", "late"}));
}

TEST_F(TimerEngineTest, OneThatBecameDueOnTheWayIsDeliveredAtOnce) {
  engine->stop();
  engine.reset();
  sent_for("a", start + 10);
  bench.now_ms = start + 60'000;
  open();
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
}

TEST_F(TimerEngineTest, AnExactSecondIsDeliveredOneMillisecondLateAtMost) {
  const std::int64_t second = start / 1'000 * 1'000 + 10'000;
  sent_for("a", second);
  sent_for("b", second + 1);
  at(second - 1);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  at(second);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
  at(second + 2);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"a", "b"}));
}

TEST_F(TimerEngineTest, WhatIsFarAheadIsStoredAgainOnItsWay) {
  const std::int64_t day = 86'400'000, due = start + 100 * day;
  sent_for("far", due);
  std::int64_t rolls = -1;
  for (std::int64_t now = start; now < due; now += day / 4) at(now);
  at(due - 1);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  at(due);
  ASSERT_EQ(bench.delivery.bodies(), Bodies{"far"});
  rolls =
      std::stoll(std::string(PropertiesView(bench.delivery.delivered[0].properties).find("TIMER_ROLL_TIMES").value()));
  EXPECT_GE(rolls, 40) << "never further ahead than the window";
  EXPECT_LE(rolls, 60);
}

TEST_F(TimerEngineTest, GoesOnAfterAStopWithoutRepeating) {
  sent_for("a", start + 2'000);
  sent_for("b", start + 9'000);
  at(start + 2'500);
  engine->stop();
  engine.reset();
  bench.run();
  bench.now_ms = start + 5'000;
  open();
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
  at(start + 9'000);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"a", "b"}));
}

TEST_F(TimerEngineTest, LosesNothingInACrashAndRepeatsOnlyWhatWasNotSynced) {
  for (int index = 0; index < 100; ++index) sent_for(text("m", index), start + 1'000 + index * 100, text("K", index));
  at(start + 5'000);
  const std::size_t before = bench.delivery.delivered.size();
  EXPECT_EQ(before, 41u);
  crash();
  open();
  at(start + 20'000);
  std::set<std::string> all;
  for (const auto& delivered : bench.delivery.delivered) {
    all.insert(delivered.body);
    EXPECT_GE(delivered.at_ms,
              std::stoll(std::string(PropertiesView(delivered.properties).find("TIMER_DELIVER_MS").value())));
  }
  EXPECT_EQ(all.size(), 100u);
}

TEST_F(TimerEngineTest, FilesThatAreGoneAreMadeAgainFromTheTopic) {
  sent_for("a", start + 5'000);
  engine->stop();
  engine.reset();
  std::filesystem::remove_all(bench.directory.path() / "config");
  std::filesystem::remove_all(bench.directory.path() / "timerlog");
  std::filesystem::remove_all(bench.directory.path() / "timerwheel");
  open();
  at(start + 5'000);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
}

TEST_F(TimerEngineTest, DeliversWhatBecameDueWhileItWasDownForWeeks) {
  sent_for("a", start + 3'600'000);
  engine->stop();
  engine.reset();
  bench.now_ms = start + 40LL * 86'400'000;
  open();
  sent_for("new", bench.now_ms + 1'000);
  at(bench.now_ms + 2'000);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"a", "new"}));
}

TEST_F(TimerEngineTest, TellsSlavesOfNoDeliveryThatTheyDoNotHave) {
  sent_for("a", start + 1'500);
  bench.delivery.replicated = bench.store.status().max_physical_offset;
  const TimerProgress before = engine->progress();
  EXPECT_EQ(before.last_queue_offset, 1);
  at(start + 10'000);
  ASSERT_EQ(bench.delivery.bodies(), Bodies{"a"});
  EXPECT_EQ(engine->progress().last_read_time_ms, before.last_read_time_ms);
  bench.delivery.replicated.reset();
  EXPECT_GE(engine->progress().last_read_time_ms, start + 9'000);
}

TEST_F(TimerEngineTest, TellsUntilWhenEverythingIsDelivered) {
  sent_for("a", start + 1'000);
  sent_for("b", start + 60'000);
  at(start + 500);
  EXPECT_EQ(engine->delivered_until_ms(), start + 500) << "nothing was due so far";
  at(start + 30'000);
  EXPECT_EQ(engine->delivered_until_ms(), start + 30'000) << "and nothing is, for a while";
  bench.now_ms = start + 90'000;  // but no turn yet
  EXPECT_LE(engine->delivered_until_ms(), start + 60'000);
  at(start + 90'000);
  EXPECT_EQ(engine->delivered_until_ms(), start + 90'000);
}

TEST_F(TimerEngineTest, TriesAgainWhenTheStoreRefuses) {
  sent_for("a", start + 1'000);
  sent_for("b", start + 1'100);
  bench.delivery.refuses = "the disk is full";
  at(start + 2'000);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  EXPECT_EQ(bench.degraded.at(std::string(kNotTaken)), "the disk is full");
  EXPECT_LE(engine->delivered_until_ms(), start + 1'000);
  bench.delivery.refuses.clear();
  at(start + 3'000);
  EXPECT_EQ(bench.degraded.at(std::string(kNotTaken)), "");
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"a", "b"}));
}

TEST_F(TimerEngineTest, AStepBackOfTheClockDelaysAndLosesNothing) {
  at(start + 100'000);
  bench.now_ms = start;
  sent_for("a", start + 5'000);
  at(start + 4'000);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  at(start + 5'000);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
}

TEST_F(TimerEngineTest, GoesOnAfterAnException) {
  sent_for("a", start + 1'000);
  bench.delivery.throws = true;
  at(start + 2'000);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  bench.delivery.throws = false;
  EXPECT_TRUE(bench.run_until([this] { return !bench.delivery.delivered.empty(); }));
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
}

/// More messages in one second than are held in memory.
class CrowdedSlotTest : public TimerEngineTest {
 protected:
  void SetUp() override {
    settings.slot_units_max = 3;
    TimerEngineTest::SetUp();
  }
  /// Two for each time, later times first.
  void send_crowd() {
    for (int index = 9; index >= 0; --index) {
      for (const char* twin : {"a", "b"}) sent_for(text(index, twin), second + index * 50, text("K", index, twin));
    }
  }
  static Bodies crowd() {
    Bodies all;
    for (int index = 0; index < 10; ++index) {
      for (const char* twin : {"a", "b"}) all.push_back(text(index, twin));
    }
    return all;
  }
  const std::int64_t second = (start / 1'000 + 5) * 1'000;
};

TEST_F(CrowdedSlotTest, IsDeliveredInOrderAndOnce) {
  send_crowd();
  at(second + 50);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"0a", "0b", "1a", "1b"}));
  at(second + 3'000);
  EXPECT_EQ(bench.delivery.bodies(), crowd());
}

TEST_F(CrowdedSlotTest, TakesWhatComesWhileItIsDelivered) {
  send_crowd();
  at(second + 10);
  sent_for("new", second + 120);
  sent_for("last", second + 900);
  Bodies expected = crowd();
  expected.insert(expected.begin() + 6, "new");
  expected.push_back("last");
  at(second + 3'000);
  EXPECT_EQ(bench.delivery.bodies(), expected);
}

TEST_F(CrowdedSlotTest, WhatHasNoRoomWaitsInTheTopic) {
  send_crowd();
  at(second + 10);
  for (int index = 0; index < 10; ++index) sent_for("late", second + 20, text("L", index));
  at(second + 3'000);
  EXPECT_TRUE(bench.run_until([this] { return bench.delivery.delivered.size() == 30; }));
  Bodies got = bench.delivery.bodies();
  EXPECT_EQ(std::erase(got, "late"), 10);
  EXPECT_EQ(got, crowd());
}

TEST_F(CrowdedSlotTest, IsLeftInTheMiddleWithoutLossOrRepetition) {
  send_crowd();
  at(second + 50);
  engine->stop();
  engine.reset();
  open();
  at(second + 3'000);
  Bodies got = bench.delivery.bodies();
  std::ranges::sort(got);
  EXPECT_EQ(got, crowd());
}

TEST_F(TimerEngineTest, CountsWhatWaits) {
  sent_for("a", start + 5'000);
  sent_for("b", start + 6'000);
  ASSERT_EQ(engine->pending().size(), 1u);
  EXPECT_EQ(engine->pending()[0].topic, "T");
  EXPECT_EQ(engine->pending()[0].count, 2);
  at(start + 5'000);
  EXPECT_EQ(engine->pending()[0].count, 1);
}

class RecallTest : public TimerEngineTest {
 protected:
  void SetUp() override {
    TimerEngineTest::SetUp();
    scheduler.wire(
        {&bench.rules, &bench.delivery, &topics, "broker-a", [this] { return bench.now_ms; }, nullptr, engine});
  }
  EveryTopic topics;
  Scheduler scheduler;
};

TEST_F(RecallTest, WhatIsTakenBackIsNotDeliveredAndItsNeighboursAre) {
  const std::int64_t due = start + 10'000;
  sent_for("keep", due, "K1");
  sent_for("drop", due, "K2");
  ASSERT_FALSE(handle.empty());
  const auto cancelled = scheduler.cancel(handle, "T");
  ASSERT_TRUE(cancelled) << cancelled.error().message();
  EXPECT_EQ(*cancelled, "K2");
  at(due + 1'000);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"keep"});
}

TEST_F(RecallTest, AMarkFindsAMessageThatIsFarAhead) {
  const std::int64_t day = 86'400'000, due = start + 10 * day;
  sent_for("drop", due, "K2");
  for (std::int64_t now = start; now < start + 3 * day; now += day / 3) at(now);
  ASSERT_TRUE(scheduler.cancel(handle, "T"));
  for (std::int64_t now = start + 3 * day; now <= due + day; now += day / 3) at(now);
  EXPECT_TRUE(bench.delivery.delivered.empty());
}

TEST_F(RecallTest, RefusesHandlesThatAreNone) {
  sent_for("a", start + 10'000);
  EXPECT_TRUE(scheduler.cancel("nonsense", "").error().is(Errc::illegal_operation));
  const std::string long_ago = RecallHandle{"T", "broker-a", INT64_MIN, "K"}.encode();
  EXPECT_TRUE(scheduler.cancel(long_ago, "T").error().is(Errc::illegal_operation));
  EXPECT_TRUE(scheduler.cancel(handle, "Other").error().is(Errc::illegal_operation));
  at(start + 10'000);
  EXPECT_TRUE(scheduler.cancel(handle, "T").error().is(Errc::illegal_operation)) << "its time is over";
  bench.rules.recall = false;
  EXPECT_TRUE(scheduler.cancel(handle, "T").error().is(Errc::no_permission));
}

TEST_F(RecallTest, ASlaveTakesNothingBack) {
  sent_for("a", start + 10'000);
  scheduler.wire({&bench.rules, &bench.delivery, &topics, "broker-a", [this] { return bench.now_ms; }, nullptr, engine,
                  [] { return true; }});
  EXPECT_TRUE(scheduler.cancel(handle, "T").error().is(Errc::slave_not_available));
}

}  // namespace
}  // namespace tenon::delay
