// SPDX-License-Identifier: Apache-2.0
// A slave that takes the progress of its master over, and goes on from there: the store is the same on both, as the log
// was copied.
#include "progress_copy.hpp"

#include <gtest/gtest.h>

#include "level_delivery.hpp"
#include "level_offsets.hpp"
#include "state_file/state_file.hpp"
#include "testing/delay_bench.hpp"
#include "timer_engine.hpp"

namespace tenon::delay {
namespace {

class ProgressCopyTest : public ::testing::Test {
 protected:
  ProgressCopyTest() { copy_.open(bench_.directory.path()); }
  void send(std::string_view body, std::int64_t deliver_ms) {
    ASSERT_TRUE(bench_.send(body, DelayBench::property(property::timer_deliver_ms, text(deliver_ms)) +
                                      DelayBench::property(property::unique_key, body)));
  }
  /// The slave becomes the master.
  void begin() {
    copy_.close();
    engine_ = std::make_shared<TimerEngine>(bench_.parts(), settings_, bench_.directory.path());
    ASSERT_TRUE(engine_->open());
    engine_->start();
    bench_.run();
  }
  void TearDown() override {
    if (engine_) engine_->stop();
    bench_.run();
  }

  DelayBench bench_;
  TimerSettings settings_;
  ProgressCopy copy_;
  std::shared_ptr<TimerEngine> engine_;
};

TEST_F(ProgressCopyTest, WhatTheMasterHasDeliveredIsPassedByAndTheRestIsDelivered) {
  const std::int64_t start = bench_.now_ms;
  send("delivered", start + 1'500);
  send("late", start + 60'000);
  send("later", start + 120'000);
  TimerProgress master;
  master.last_read_time_ms = start + 10'000;
  master.last_queue_offset = 3;
  ASSERT_TRUE(copy_.take_timer_progress(master));
  send("overdue", start + 2'000);  // came after the last copy
  bench_.now_ms = start + 70'000;
  begin();
  EXPECT_EQ(bench_.delivery.bodies(), (Bodies{"overdue", "late"}));
  bench_.now_ms = start + 130'000;
  engine_->appended();
  bench_.run();
  EXPECT_EQ(bench_.delivery.bodies(), (Bodies{"overdue", "late", "later"}));
}

TEST_F(ProgressCopyTest, NotesOfAFormerLifeAreForgotten) {
  const auto wheel = bench_.directory.path() / "timerwheel";
  ASSERT_TRUE(state_file::replace(wheel, "old"));
  ASSERT_TRUE(state_file::replace(bench_.directory.path() / "timerlog" / "0", "old"));
  TimerProgress master;
  master.last_queue_offset = 1;
  ASSERT_TRUE(copy_.take_timer_progress(master));
  EXPECT_FALSE(std::filesystem::exists(wheel));
  EXPECT_FALSE(std::filesystem::exists(bench_.directory.path() / "timerlog"));
}

TEST_F(ProgressCopyTest, NotesThatAreForgottenInPartLoseNothing) {
  const std::int64_t start = bench_.now_ms;
  send("delivered", start + 1'500);
  send("waiting", start + 60'000);
  begin();
  bench_.now_ms = start + 10'000;
  engine_->appended();
  bench_.run();
  engine_->stop();
  const auto wheel = bench_.directory.path() / "timerwheel";
  std::filesystem::remove(wheel);
  std::filesystem::create_directories(wheel / "in the way");
  copy_.open(bench_.directory.path());
  TimerProgress master;
  master.last_queue_offset = 2;
  EXPECT_TRUE(copy_.take_timer_progress(master).has_error());
  std::filesystem::remove_all(wheel);
  bench_.now_ms = start + 70'000;
  begin();
  EXPECT_EQ(bench_.delivery.bodies(), (Bodies{"delivered", "waiting"}));
}

TEST_F(ProgressCopyTest, TheLevelsGoOnWhereTheMasterWas) {
  ASSERT_TRUE(copy_.take_level_progress({{4, 0, 7}, {}}));
  const auto written = state_file::read_or_backup(bench_.directory.path() / "config" / "delayOffset.json");
  EXPECT_EQ(decode_level_offsets(written.value())->next_queue_offsets, (std::vector<std::int64_t>{4, 0, 7}));
}

TEST_F(ProgressCopyTest, ABrokerThatDeliversTakesNothing) {
  copy_.close();
  EXPECT_TRUE(copy_.take_level_progress({}).has_error());
  EXPECT_TRUE(copy_.take_timer_progress({}).has_error());
}

}  // namespace
}  // namespace tenon::delay
