// SPDX-License-Identifier: Apache-2.0
#include "level_delivery.hpp"

#include <gtest/gtest.h>

#include "level_offsets.hpp"
#include "state_file/state_file.hpp"
#include "testing/delay_bench.hpp"

namespace tenon::delay {
namespace {

class LevelDeliveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    bench.delivery.appended = [this](const Message& message) {
      if (message.topic == kScheduleTopic && levels) levels->appended(message.queue_id);
    };
    open();
  }
  void TearDown() override {
    if (levels) levels->stop();
    levels.reset();
    bench.run();
  }
  void open() {
    levels = std::make_shared<LevelDelivery>(bench.parts(), bench.rules.levels, file, 10);
    const Status opened = levels->open();
    ASSERT_TRUE(opened) << opened.error().message();
    levels->start();
    bench.run();
  }
  void at(std::int64_t now_ms) {
    bench.now_ms = now_ms;
    // Stands for the alarms, which wait in real time.
    if (levels) levels->stop();
    levels.reset();
    open();
  }
  void sent(std::string_view body, std::string_view level, std::string_view more = {}) {
    ASSERT_TRUE(bench.send(body, DelayBench::property(property::delay, level) + std::string(more)));
    bench.run();
  }
  DelayBench bench;
  const std::filesystem::path file = bench.directory.path() / "config" / "delayOffset.json";
  std::shared_ptr<LevelDelivery> levels;
  const std::int64_t start = bench.now_ms;
};

TEST_F(LevelDeliveryTest, DeliversEachLevelAtItsTimeInItsOrder) {
  sent("a5", "2");
  bench.now_ms += 10;
  sent("b5", "2");
  sent("c1", "1");
  at(start + 999);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  at(start + 1'010);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"c1"});
  at(start + 5'009);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"c1", "a5"}));
  at(start + 5'010);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"c1", "a5", "b5"}));
  const auto& delivered = bench.delivery.delivered[1];
  EXPECT_EQ(delivered.topic, "T");
  EXPECT_EQ(delivered.queue_id, 3);
  const PropertiesView properties(delivered.properties);
  EXPECT_EQ(properties.find("DELAY"), "2") << "the text keeps its properties";
  EXPECT_EQ(properties.find("REAL_TOPIC"), "T");
}

TEST_F(LevelDeliveryTest, ALevelAboveTheHighestIsTheHighest) {
  sent("a", "99");
  EXPECT_EQ(bench.store.bounds(kScheduleTopic, 17).max.value, 1);
  at(start + 7'199'999);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  at(start + 7'200'000);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
  EXPECT_EQ(PropertiesView(bench.delivery.delivered[0].properties).find("DELAY"), "18");
}

TEST_F(LevelDeliveryTest, ALevelWinsOverATime) {
  sent("a", "1", DelayBench::property("TIMER_DELAY_SEC", "100"));
  at(start + 1'000);
  ASSERT_EQ(bench.delivery.bodies(), Bodies{"a"});
  EXPECT_FALSE(PropertiesView(bench.delivery.delivered[0].properties).find("TIMER_DELAY_SEC"));
}

TEST_F(LevelDeliveryTest, KeepsItsProgressInTheFile) {
  sent("a", "1");
  at(start + 1'000);
  levels->stop();
  const auto written = decode_level_offsets(state_file::read_or_backup(file).value());
  ASSERT_TRUE(written);
  EXPECT_EQ(written->next_queue_offsets.size(), 18u);
  EXPECT_EQ(written->next_queue_offsets[0], 1);
  at(start + 10'000);
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"}) << "not again";
}

TEST_F(LevelDeliveryTest, AFileThatCannotBeDecodedIsFollowedByItsBackup) {
  sent("a", "1");
  at(start + 1'000);
  levels->stop();
  levels.reset();
  ASSERT_TRUE(state_file::replace(file, "{\"offsetTable\":"));
  open();
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"}) << "not again";
  EXPECT_TRUE(std::filesystem::exists(file.string() + ".damaged")) << "nor lost by the next write";
}

TEST_F(LevelDeliveryTest, ADamagedFileWithoutAGoodBackupIsAnError) {
  levels->stop();
  levels.reset();
  bench.run();
  for (const char* damaged : {"{}", "{\"offsetTable\":[]}"}) ASSERT_TRUE(state_file::replace(file, damaged));
  const Status opened = LevelDelivery(bench.parts(), bench.rules.levels, file, 10).open();
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().is(Errc::corrupt));
  EXPECT_NE(opened.error().message().find(file.native()), std::string::npos) << opened.error().message();
}

TEST_F(LevelDeliveryTest, TellsSlavesOfNoDeliveryThatTheyDoNotHave) {
  sent("a", "1");
  bench.delivery.replicated = bench.store.status().max_physical_offset;
  at(start + 1'000);
  ASSERT_EQ(bench.delivery.bodies(), Bodies{"a"});
  EXPECT_EQ(levels->progress().next_queue_offsets.at(0), 0);
  bench.delivery.replicated.reset();
  EXPECT_EQ(levels->progress().next_queue_offsets.at(0), 1);
}

TEST_F(LevelDeliveryTest, StopsAtARefusalAndLosesNothing) {
  sent("a", "1");
  sent("b", "1");
  bench.delivery.refuses = "the disk is full";
  at(start + 2'000);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  bench.delivery.refuses.clear();
  at(start + 2'500);
  EXPECT_EQ(bench.delivery.bodies(), (Bodies{"a", "b"}));
}

TEST_F(LevelDeliveryTest, GoesOnAfterAnException) {
  sent("a", "1");
  bench.delivery.throws = true;
  at(start + 2'000);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  bench.delivery.throws = false;
  EXPECT_TRUE(bench.run_until([this] { return !bench.delivery.delivered.empty(); }));
  EXPECT_EQ(bench.delivery.bodies(), Bodies{"a"});
}

TEST_F(LevelDeliveryTest, DeadLettersAndHalfMessagesDoNotWait) {
  for (const char* topic : {"%DLQ%g", "RMQ_SYS_TRANS_HALF_TOPIC"}) {
    ASSERT_TRUE(bench.send("a", DelayBench::property(property::delay, "3"), topic));
  }
  EXPECT_EQ(bench.delivery.delivered.size(), 2u);
  EXPECT_TRUE(bench.send("a", DelayBench::property(property::delay, "x")).error().is(Errc::message_illegal));
  EXPECT_TRUE(bench.send("a", DelayBench::property("TIMER_DELAY_SEC", "x")).error().is(Errc::message_illegal));
}

TEST_F(LevelDeliveryTest, ARetryWaitsInItsLevel) {
  ASSERT_TRUE(bench.send("a", DelayBench::property(property::delay, "3"), "%RETRY%g"));
  at(start + 9'999);
  EXPECT_TRUE(bench.delivery.delivered.empty());
  at(start + 10'000);
  ASSERT_EQ(bench.delivery.delivered.size(), 1u);
  EXPECT_EQ(bench.delivery.delivered[0].topic, "%RETRY%g");
}

}  // namespace
}  // namespace tenon::delay
