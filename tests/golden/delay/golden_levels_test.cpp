// SPDX-License-Identifier: Apache-2.0
// Stores that a Java broker left with messages of the levels 3650d and 3000d waiting: with other levels the whole
// program delivers them. Source: ../shared/golden/store/README.md, case `delay`.
#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <set>

#include "broker_process.hpp"
#include "golden_directory.hpp"
#include "message_requests.hpp"
#include "tenon/properties.hpp"

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
  static void unpack(const BrokerProcess& broker) {
    const auto archive = golden::directory() / "store" / (std::string("delay-") + GetParam() + ".tar.zst");
    std::filesystem::remove_all(broker.directory() / "data");
    std::filesystem::create_directory(broker.directory() / "data");
    const std::string command = "tar --zstd --strip-components=1 -xf '" + archive.string() + "' -C '" +
                                (broker.directory() / "data").string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  static std::vector<PulledMessage> of_all_queues(RawClient& client, std::string_view topic, int queues) {
    std::vector<PulledMessage> all;
    for (int queue = 0; queue < queues; ++queue) {
      for (PulledMessage& message : all_messages(client, topic, std::to_string(queue)))
        all.push_back(std::move(message));
    }
    return all;
  }
  static std::set<std::string> keys_of(const std::vector<PulledMessage>& messages) {
    std::set<std::string> keys;
    for (const PulledMessage& message : messages) {
      keys.insert(std::string(PropertiesView(message.properties).find(property::unique_key).value_or("")));
    }
    return keys;
  }
};

TEST_P(GoldenLevelsTest, WhatWaitsIsDeliveredOnce) {
  TENON_NEED_GOLDEN();
  BrokerProcess broker(setup());
  ASSERT_EQ(broker.end(SIGTERM), 0);
  unpack(broker);
  broker.start_again();
  RawClient client(broker.address());
  const std::set<std::string> noted = keys_of(of_all_queues(client, "SCHEDULE_TOPIC_XXXX", 5));
  ASSERT_GT(noted.size(), 15u);
  std::vector<PulledMessage> delivered;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    delivered = of_all_queues(client, "Delayed", 2);
  } while (!std::ranges::includes(keys_of(delivered), noted) && std::chrono::steady_clock::now() < deadline);
  EXPECT_TRUE(std::ranges::includes(keys_of(delivered), noted)) << "all that waited";
  EXPECT_EQ(keys_of(delivered).size(), delivered.size()) << "each once";
  EXPECT_EQ(broker.end(SIGTERM), 0);
  broker.start_again();
  RawClient again(broker.address());
  EXPECT_EQ(of_all_queues(again, "Delayed", 2).size(), delivered.size()) << "not again";
}

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  return info.param[0] == '5' ? "V5_4_0" : "V4_9_7";
}
INSTANTIATE_TEST_SUITE_P(Java, GoldenLevelsTest, ::testing::Values("5.4.0", "4.9.7"), name_of);

}  // namespace
}  // namespace tenon::e2e
