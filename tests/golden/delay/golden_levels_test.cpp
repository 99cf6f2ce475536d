// SPDX-License-Identifier: Apache-2.0
// Stores that a Java broker left with messages of the levels 3650d and 3000d waiting: with other levels the whole
// program delivers them. Source: ../shared/golden/store/README.md, case `delay`.
#include <gmock/gmock.h>

#include <chrono>
#include <set>

#include "served_store.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;

class GoldenLevelsTest : public ::testing::TestWithParam<const char*> {
 protected:
  static BrokerSetup setup() {
    BrokerSetup setup;
    setup.config =
        std::string(kStandalone) + "\n[plugins.delay]\nmessage_delay_level = \"1s 2s 5s 1s 1s\"\ntimer = false\n";
    setup.settings = {"broker.cluster=golden", "plugins.store.file_reserved_time=876000h"};
    return setup;
  }
};

TEST_P(GoldenLevelsTest, WhatWaitsIsDeliveredOnce) {
  TENON_NEED_GOLDEN();
  BrokerProcess broker(setup());
  golden::serve_instead(broker, std::string("delay-") + GetParam());
  RawClient client(broker.address());
  const std::set<std::string> noted = golden::unique_keys_of(golden::all_of(client, "SCHEDULE_TOPIC_XXXX", 5));
  ASSERT_GT(noted.size(), 15u);
  std::vector<PulledMessage> delivered;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    delivered = golden::all_of(client, "Delayed", 2);
  } while (!std::ranges::includes(golden::unique_keys_of(delivered), noted) &&
           std::chrono::steady_clock::now() < deadline);
  EXPECT_TRUE(std::ranges::includes(golden::unique_keys_of(delivered), noted)) << "all that waited";
  EXPECT_EQ(golden::unique_keys_of(delivered).size(), delivered.size()) << "each once";
  EXPECT_EQ(broker.end(SIGTERM), 0);
  broker.start_again();
  RawClient again(broker.address());
  EXPECT_EQ(golden::all_of(again, "Delayed", 2).size(), delivered.size()) << "not again";
}

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  return info.param[0] == '5' ? "V5_4_0" : "V4_9_7";
}
INSTANTIATE_TEST_SUITE_P(Java, GoldenLevelsTest, ::testing::Values("5.4.0", "4.9.7"), name_of);

}  // namespace
}  // namespace tenon::e2e
