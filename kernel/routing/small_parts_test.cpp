// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "routing/broker_statistics.hpp"
#include "routing/message_traits.hpp"
#include "routing/queue_lock_table.hpp"
#include "routing/unique_ids.hpp"

namespace tenon::kernel {
namespace {

TEST(QueueLockTable, OneClientHoldsAQueueForAMinute) {
  std::int64_t now_ms = 1'000'000;
  QueueLockTable locks([&] { return now_ms; });
  const std::vector<MessageQueue> queues{{"T", "broker-a", 0}, {"T", "broker-a", 1}};
  EXPECT_EQ(locks.lock("g", "a", queues), queues);
  EXPECT_TRUE(locks.lock("g", "b", queues).empty());
  EXPECT_EQ(locks.lock("h", "b", queues), queues) << "each group has locks of its own";
  locks.unlock("g", "b", queues);
  EXPECT_TRUE(locks.lock("g", "b", queues).empty()) << "only the holder frees";
  now_ms += 60'000;
  EXPECT_TRUE(locks.is_any_locked("g"));
  now_ms += 1;
  EXPECT_FALSE(locks.is_any_locked("g"));
  EXPECT_EQ(locks.lock("g", "b", queues), queues);
  locks.unlock("g", "b", queues);
  EXPECT_FALSE(locks.is_any_locked("g"));
  locks.remove_expired();
}

TEST(QueueLockTable, LocksOnlyQueuesThatExist) {
  QueueLockTable locks([] { return 0; });
  int refusals = 0;
  locks.set_limits({.locks_max = 3,
                    .queues_of = [](std::string_view topic) { return topic == "T" ? 4 : -1; },
                    .count_refusal = [&] { ++refusals; }});
  const auto count = [&](std::string_view group, std::string_view client, const std::vector<MessageQueue>& queues) {
    return locks.lock(group, client, queues).size();
  };
  EXPECT_EQ(count("g", "a", {{"T", "b", -1}, {"T", "b", 4}, {"No", "b", 0}, {std::string(128, 'T'), "b", 0}}), 0u);
  EXPECT_EQ(count("g", "a", {{"T", std::string(128, 'b'), 0}}), 0u);
  EXPECT_EQ(count(std::string(256, 'g'), "a", {{"T", "b", 0}}), 0u);
  EXPECT_EQ(count("g", std::string(1025, 'a'), {{"T", "b", 0}}), 0u);
  EXPECT_EQ(refusals, 7);
  EXPECT_FALSE(locks.is_any_locked("g"));
  // At the limit held locks are renewed, new ones are not given.
  EXPECT_EQ(count("g", "a", {{"T", "b", 0}, {"T", "b", 1}, {"T", "b", 2}, {"T", "b", 3}}), 3u);
  EXPECT_EQ(count("g", "a", {{"T", "b", 0}}), 1u);
  EXPECT_EQ(count("h", "a", {{"T", "b", 0}}), 0u);
  EXPECT_EQ(refusals, 9);
  locks.unlock("g", "a", {{"T", "b", 0}});
  EXPECT_EQ(count("h", "a", {{"T", "b", 0}}), 1u);
}

TEST(MessageTraits, ReadsWhatDecidesTheWay) {
  const auto traits = [](std::string_view wire) { return traits_of(PropertiesView(wire)); };
  EXPECT_TRUE(traits("TRAN_MSG\x01TRUE\x02").transaction);
  EXPECT_FALSE(traits("TRAN_MSG\x01"
                      "false\x02")
                   .transaction);
  EXPECT_TRUE(traits("DELAY\x01"
                     "3")
                  .is_delayed());
  EXPECT_TRUE(traits("DELAY\x01x").is_delayed());
  EXPECT_FALSE(traits("DELAY\x01-1").is_delayed());
  EXPECT_FALSE(traits("").is_delayed());
  EXPECT_FALSE(traits("WAIT\x01"
                      "false\x02")
                   .wait);
  EXPECT_TRUE(traits("WAIT\x01true\x02").wait);
  EXPECT_EQ(traits("A\x01"
                   "b\x02UNIQ_KEY\x01k\x02")
                .indexed.unique_key,
            "k");
  EXPECT_TRUE(traits("TRACE_ON\x01true\x02").has_broker_properties);
  EXPECT_TRUE(traits("TIMER_DELAY_MS\x01"
                     "5\x02")
                  .timer);
}

TEST(UniqueIds, AreHexAndDiffer) {
  UniqueIds ids(std::array<std::uint8_t, 4>{127, 0, 0, 1}, 0xABCDEF01);
  const auto first = ids.next(1'795'000'000'000);
  const auto second = ids.next(1'795'000'000'000);
  EXPECT_EQ(as_view(first).substr(0, 8), "7F000001");
  EXPECT_EQ(as_view(first).substr(12, 8), "ABCDEF01");
  EXPECT_NE(as_view(first), as_view(second));
  EXPECT_EQ(as_view(first).find_first_not_of("0123456789ABCDEF"), std::string_view::npos);
}

TEST(BrokerStatistics, SumsOverTheLastMinute) {
  std::int64_t now_ms = 1'795'000'000'000;
  BrokerStatistics statistics("c", [&] { return now_ms; });
  const auto puts = statistics.of_topic_puts("T");
  statistics.tick();
  for (int tick = 0; tick < 12; ++tick) {
    puts->add(10, 1'000);
    statistics.puts().add(10, 1'000);
    now_ms += 10'000;
    statistics.tick();
  }
  const auto minute = statistics.find("TOPIC_PUT_NUMS", "T")->minute;
  EXPECT_EQ(minute.sum, 60);
  EXPECT_DOUBLE_EQ(minute.per_second, 1.0);
  EXPECT_DOUBLE_EQ(minute.average_per_call, 10.0);
  EXPECT_EQ(statistics.find("TOPIC_PUT_SIZE", "T")->minute.sum, 6'000);
  EXPECT_EQ(statistics.find("BROKER_PUT_NUMS", "c")->minute.sum, 60);
  statistics.of_topic_puts("U");
  EXPECT_FALSE(statistics.find("TOPIC_PUT_NUMS", "U")) << "nothing was counted yet";
  EXPECT_FALSE(statistics.find("NO_SUCH", "T"));
  EXPECT_FALSE(statistics.find("", "T"));
  EXPECT_DOUBLE_EQ(statistics.totals().put_per_second[0], 1.0);
  EXPECT_EQ(statistics.totals().messages_put_total, 120);
}

TEST(BrokerStatistics, WhatComesBeforeTheFirstTickCounts) {
  std::int64_t now_ms = 1'795'000'000'000;
  BrokerStatistics statistics("c", [&] { return now_ms; });
  statistics.tick();
  const auto gets = statistics.of_group_gets("g", "T");
  gets->add(20, 2'000);
  now_ms += 10'000;
  statistics.tick();
  now_ms += 10'000;
  statistics.tick();
  const auto counted = statistics.find("GROUP_GET_NUMS", "T@g");
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->minute.sum, 20);
  EXPECT_DOUBLE_EQ(counted->minute.per_second, 1.0);
  EXPECT_EQ(counted->hour.sum, 20);
  EXPECT_EQ(counted->day.sum, 20);
}

TEST(BrokerStatistics, KeysEndAtTheirLimit) {
  BrokerStatistics statistics(
      "c", [] { return 1'795'000'000'000; }, 2);
  for (const auto* topic : {"A", "B", "C"}) statistics.of_topic_puts(topic)->add(1, 1);
  EXPECT_TRUE(statistics.find("TOPIC_PUT_NUMS", "B"));
  EXPECT_FALSE(statistics.find("TOPIC_PUT_NUMS", "C"));
  EXPECT_EQ(statistics.of_topic_puts("A"), statistics.of_topic_puts("A"));
}

TEST(BrokerStatistics, IncidentsAreCountedByName) {
  BrokerStatistics statistics("c", [] { return 0; });
  EXPECT_TRUE(statistics.incidents().empty());
  for (const auto* name : {"b", "a", "b"}) statistics.count_incident(name);
  using Incident = std::pair<std::string, std::int64_t>;
  EXPECT_EQ(statistics.incidents(), (std::vector<Incident>{{"a", 1}, {"b", 2}}));
}

TEST(BrokerStatistics, TheMorningMovesAtMidnight) {
  std::int64_t now_ms = 1'795'000'000'000;
  BrokerStatistics statistics("c", [&] { return now_ms; });
  statistics.puts().add(7, 0);
  now_ms += 24 * 3'600'000;
  statistics.tick();
  statistics.puts().add(5, 0);
  EXPECT_EQ(statistics.totals().put_today_morning, 7);
  EXPECT_EQ(statistics.totals().put_yesterday_morning, 0);
}

}  // namespace
}  // namespace tenon::kernel
