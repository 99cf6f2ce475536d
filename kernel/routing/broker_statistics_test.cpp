// SPDX-License-Identifier: Apache-2.0
#include "routing/broker_statistics.hpp"

#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

TEST(BrokerStatistics, SystemTopicsAreCountedApart) {
  std::int64_t now_ms = 1'795'000'000'000;
  BrokerStatistics statistics("c", [&] { return now_ms; });
  for (const auto* topic : {"T", "SCHEDULE_TOPIC_XXXX"}) {
    statistics.of_topic_puts(topic)->add(4, 400);
    statistics.puts().add(4, 400);
    statistics.of_group_gets("g", topic)->add(3, 300);
    statistics.gets().add(3, 300);
  }
  now_ms += 10'000;
  statistics.tick();
  EXPECT_EQ(statistics.totals().messages_put_total, 8);
  EXPECT_EQ(statistics.totals().system_put_total, 4);
  EXPECT_EQ(statistics.totals().system_got_total, 3);
  EXPECT_EQ(statistics.find("BROKER_PUT_NUMS", "c")->minute.sum, 8);
  EXPECT_EQ(statistics.find("BROKER_PUT_NUMS_WITHOUT_SYSTEM_TOPIC", "c")->minute.sum, 4);
  EXPECT_EQ(statistics.find("BROKER_GET_NUMS_WITHOUT_SYSTEM_TOPIC", "c")->minute.sum, 3);
}

}  // namespace
}  // namespace tenon::kernel
