// SPDX-License-Identifier: Apache-2.0
// The timer files of a Java broker 5.4.0 with messages two days and five years ahead, three of which were taken back:
// the engine goes on with them, over years that pass in a moment. Source: ../shared/golden/store/README.md, case
// `timer`.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "golden_directory.hpp"
#include "logstore/store_capabilities.hpp"
#include "testing/delay_bench.hpp"
#include "timer_engine.hpp"

namespace tenon::delay {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kStoppedMs = 1'795'264'542'910;
constexpr std::int64_t kTwoDaysMs = 1'795'437'281'500, kFiveYearsMs = 1'952'944'482'004;

class GoldenTimerTest : public ::testing::Test {
 protected:
  void open() {
    const auto archive = golden::directory() / "store" / "timer-5.4.0.tar.zst";
    const std::string command =
        "tar --zstd --strip-components=1 -xf '" + archive.string() + "' -C '" + directory.path().string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
    logstore::StoreOptions options;
    options.directory = directory.path();
    options.commit_log_file_size = 1 << 20;
    options.consume_queue_file_entries = 100;
    options.index_enabled = false;
    options.retention.file_reserved_time = std::chrono::hours(876'000);
    options.retention.disk_warning_ratio = options.retention.disk_clean_forcibly_ratio = 1;
    options.now_ms = [this] { return now_ms; };
    store.emplace(std::move(options));
    ASSERT_TRUE(store->log_store().open());
    delivery.emplace(*store, now_ms);
    delivery->appended = [this](const Message& message) {
      if (message.topic == kTimerTopic && engine) engine->appended();
    };
    start();
  }
  void start() {
    TimerSettings settings;
    settings.log_file_size = 1'040;
    const DeliveryParts parts{
        *store, *delivery, context.get_executor(), context.get_executor(), [this] { return now_ms; }, Logger("delay")};
    engine = std::make_shared<TimerEngine>(parts, settings, directory.path());
    const Status opened = engine->open();
    ASSERT_TRUE(opened) << opened.error().message();
    engine->start();
    run();
  }
  void TearDown() override {
    if (engine) engine->stop();
    engine.reset();
    run();
  }
  void run() {
    context.restart();
    while (context.poll() > 0) context.restart();
  }
  void at(std::int64_t when_ms) {
    now_ms = when_ms;
    engine->appended();
    run();
  }
  /// How often each unique key was delivered.
  std::map<std::string, int> delivered() const {
    std::map<std::string, int> counts;
    for (const auto& one : delivery->delivered) {
      ++counts[std::string(PropertiesView(one.properties).find(property::unique_key).value_or(""))];
    }
    return counts;
  }

  std::int64_t now_ms = kStoppedMs;
  tenon::testing::TemporaryDirectory directory;
  std::optional<logstore::StoreCapabilities> store;
  std::optional<TestDelivery> delivery;
  boost::asio::io_context context;
  std::shared_ptr<TimerEngine> engine;
};

using Counts = std::map<std::string, int>;
const Counts kInTwoDays{{"TIMER5", 1}, {"TIMER11", 1}, {"TIMER17", 1}, {"TIMER23", 1}, {"TIMER29", 1}};
const Counts kInFiveYears{{"TIMER4", 1}, {"TIMER10", 1}, {"TIMER16", 1}, {"TIMER22", 1}, {"TIMER28", 1}};

TEST_F(GoldenTimerTest, WhatWaitsIsDeliveredAtItsTimeAndWhatWasTakenBackIsNot) {
  TENON_NEED_GOLDEN();
  open();
  EXPECT_EQ(delivered(), Counts{}) << "what Java has delivered is not delivered again";
  at(kTwoDaysMs - 1);
  EXPECT_EQ(delivered(), Counts{});
  at(kTwoDaysMs + 2'000);
  EXPECT_EQ(delivered(), kInTwoDays);
  for (std::int64_t now = now_ms; now < kFiveYearsMs - kDayMs; now += kDayMs) at(now);
  EXPECT_EQ(delivered(), kInTwoDays) << "stored again on the way, not delivered";
  at(kFiveYearsMs - 1);
  EXPECT_EQ(delivered(), kInTwoDays);
  at(kFiveYearsMs + 2'000);
  Counts all = kInTwoDays;
  all.insert(kInFiveYears.begin(), kInFiveYears.end());
  EXPECT_EQ(delivered(), all);
}

TEST_F(GoldenTimerTest, YearsWithoutABrokerLoseNothing) {
  TENON_NEED_GOLDEN();
  now_ms = kFiveYearsMs + kDayMs;
  open();
  for (int turn = 0; turn < 5; ++turn) at(now_ms + 2'000);
  Counts all = kInTwoDays;
  all.insert(kInFiveYears.begin(), kInFiveYears.end());
  EXPECT_EQ(delivered(), all);
}

}  // namespace
}  // namespace tenon::delay
