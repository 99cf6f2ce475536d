// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "delay_levels.hpp"
#include "level_offsets.hpp"
#include "testing/delay_bench.hpp"
#include "timer_log.hpp"
#include "timer_rules.hpp"

namespace tenon::delay {
namespace {

TEST(DelayLevels, ReadsTheTableOfRocketMQ) {
  const DelayLevels levels = DelayLevels::parse(DelayLevels::kDefault).value();
  EXPECT_EQ(levels.count(), 18);
  EXPECT_EQ(levels.delay_ms(1), 1'000);
  EXPECT_EQ(levels.delay_ms(5), 60'000);
  EXPECT_EQ(levels.delay_ms(18), 7'200'000);
  EXPECT_EQ(levels.delay_ms(99), 7'200'000);
  EXPECT_EQ(DelayLevels::parse("3000d").value().delay_ms(1), 3'000LL * 86'400'000);
}

TEST(DelayLevels, NamesTheWordThatIsNone) {
  for (const char* bad : {"1s 2x", "s", "1", "-1s", "1s,2s", "99999999999999999999d"}) {
    const auto levels = DelayLevels::parse(bad);
    ASSERT_FALSE(levels) << bad;
  }
  EXPECT_NE(DelayLevels::parse("1s 2x").error().message().find("'2x'"), std::string::npos);
  EXPECT_FALSE(DelayLevels::parse(""));
}

TEST(TimerRules, FallsIntoTheSlotOfRocketMQAndIsNeverEarly) {
  const TimerRules rules;
  for (std::int64_t time = 1'795'000'000'000; time < 1'795'000'002'500; ++time) {
    const std::int64_t rounded = time % 1'000 == 0 ? time - 1'000 : time / 1'000 * 1'000;
    const std::int64_t out = rules.out_ms(time);
    EXPECT_EQ(rules.slot_of(out), rounded / 1'000) << time;
    EXPECT_GE(rules.deliver_ms(out), time);
    EXPECT_LE(rules.deliver_ms(out), time + 1);
    EXPECT_EQ(rules.out_ms(out + 1), out) << "a mark made from the handle falls into the same slot";
  }
  EXPECT_EQ(rules.deliver_ms(1'795'264'484'000), 1'795'264'485'000) << "a time that RocketMQ has rounded";
}

TEST(LevelOffsets, AreReadAndWrittenAsFastjsonDoes) {
  const std::string written =
      "{\n\t\"dataVersion\":{\n\t\t\"counter\":3,\n\t\t\"stateVersion\":0,\n\t\t\"timestamp\":1795264428659\n\t},\n"
      "\t\"offsetTable\":{\n\t\t1:5,\n\t\t2:5,\n\t\t3:5,\n\t\t4:0,\n\t\t5:0\n\t}\n}";
  const DelayLevelProgress progress = decode_level_offsets(written).value();
  EXPECT_EQ(progress.next_queue_offsets, (std::vector<std::int64_t>{5, 5, 5, 0, 0}));
  EXPECT_EQ(encode_level_offsets(progress), written);
  EXPECT_FALSE(decode_level_offsets("{}"));
  EXPECT_FALSE(decode_level_offsets("{\"offsetTable\":"));
}

class TimerLogTest : public ::testing::Test {
 protected:
  TimerUnit unit(std::int64_t offset) {
    TimerUnit made;
    made.write_time_ms = 1'000;
    made.delay_ms = 2'000;
    made.physical_offset = offset;
    made.size_bytes = 10;
    return made;
  }
  std::vector<std::int64_t> reopen(std::int64_t most = INT64_MAX) {
    std::vector<std::int64_t> found;
    log.emplace(directory.path(), 1'040);
    EXPECT_TRUE(log->open(0, [&](std::int64_t, const TimerUnit& one) {
      if (one.physical_offset >= most) return false;
      found.push_back(one.physical_offset);
      return true;
    }));
    return found;
  }
  TemporaryDirectory directory;
  std::optional<TimerLog> log;
};

TEST_F(TimerLogTest, GoesOverFilesAndIsFoundAgain) {
  reopen();
  std::vector<std::int64_t> all;
  for (std::int64_t index = 0; index < 50; ++index) {
    log->append(unit(index));
    all.push_back(index);
    if (index % 7 == 0) {
      ASSERT_TRUE(log->commit());
    }
  }
  ASSERT_TRUE(log->commit());
  EXPECT_FALSE(log->read(19 * 52));
  EXPECT_EQ(log->read(1'040)->physical_offset, 19) << "19 units in a file, then a blank";
  EXPECT_EQ(reopen(), all);
}

TEST_F(TimerLogTest, WhatIsCutOffDoesNotComeBack) {
  reopen();
  for (std::int64_t index = 0; index < 30; ++index) log->append(unit(index));
  ASSERT_TRUE(log->commit());
  EXPECT_EQ(reopen(10).size(), 10u);
  log->append(unit(5));
  ASSERT_TRUE(log->commit());
  EXPECT_EQ(reopen().size(), 11u);
  EXPECT_EQ(log->end(), 11 * 52);
}

TEST_F(TimerLogTest, AFileThatACrashLeftEmptyIsTakenForAFreshOne) {
  const std::ofstream empty(directory.path() / std::string(20, '0'));
  EXPECT_TRUE(reopen().empty());
  log->append(unit(1));
  ASSERT_TRUE(log->commit());
  EXPECT_EQ(reopen(), (std::vector<std::int64_t>{1}));
}

TEST_F(TimerLogTest, AFileStaysWhileOneOfItsRecordsIsThereWhateverTheLastUnitSays) {
  reopen();
  for (std::int64_t index = 0; index < 18; ++index) log->append(unit(100 + index));
  log->append(unit(1));  // moved from an older slot
  log->append(unit(200));
  ASSERT_TRUE(log->commit());
  for (const std::int64_t physical_min : {60, 112, 126}) {
    log->remove_before(physical_min);
    EXPECT_EQ(log->begin(), 0) << physical_min;
  }
  log->remove_before(127);
  EXPECT_EQ(log->begin(), 1'040);
  log->remove_before(1'000);
  EXPECT_EQ(log->begin(), 1'040) << "never the newest";
}

}  // namespace
}  // namespace tenon::delay
