// SPDX-License-Identifier: Apache-2.0
// A store that a Java broker 5.4.0 left with messages out for ten years, some revived, and a queue popped in order:
// Tenon goes on from there. Source: ../shared/golden/store/README.md, case `pop`.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>

#include "served_store.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using remoting::RequestCode;

constexpr int kPollingTimeout = 210;

class GoldenPopTest : public ::testing::Test {
 protected:
  static BrokerSetup setup() {
    BrokerSetup setup;
    setup.config = std::string(kStandalone) + "\n[plugins.delay]\n[plugins.pop]\n";
    setup.settings = {"broker.cluster=golden",
                      "plugins.store.commit_log_file_size=1MiB",
                      "plugins.store.consume_queue_file_entries=100",
                      "plugins.store.index_slots=100",
                      "plugins.store.index_entries=400",
                      "plugins.store.file_reserved_time=876000h",
                      "plugins.delay.timer_log_file_size=1040B"};
    return setup;
  }
  static ReceivedFrame pop(RawClient& client, std::string_view group, std::string_view topic, bool ordered) {
    return client.call(RequestCode::pop_message, {{"consumerGroup", group},
                                                  {"topic", topic},
                                                  {"queueId", "-1"},
                                                  {"maxMsgNums", "32"},
                                                  {"invisibleTime", "60000"},
                                                  {"pollTime", "0"},
                                                  {"bornTime", "0"},
                                                  {"initMode", "0"},
                                                  {"expType", "TAG"},
                                                  {"exp", "*"},
                                                  {"order", ordered ? "true" : "false"}});
  }
  static ReceivedFrame give_back(RawClient& client, std::string_view group, std::string_view topic, int queue,
                                 int offset, std::string_view receipt) {
    return client.call(RequestCode::change_message_invisibletime,
                       {{"consumerGroup", group},
                        {"topic", topic},
                        {"queueId", std::to_string(queue)},
                        {"offset", std::to_string(offset)},
                        {"invisibleTime", "100"},
                        {"extraInfo", text(receipt, " 0 broker-a ", queue, " ", offset)}});
  }
  /// Pops until something comes.
  static ReceivedFrame pop_soon(RawClient& client, std::string_view group, std::string_view topic, bool ordered) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      ReceivedFrame popped = pop(client, group, topic, ordered);
      if (popped.code != kPollingTimeout || std::chrono::steady_clock::now() > deadline) return popped;
    }
  }
};

std::set<std::string> keys_in(const ReceivedFrame& popped) { return golden::unique_keys_of(messages_of(popped)); }

TEST_F(GoldenPopTest, GroupsGoOnWhereTheyWere) {
  TENON_NEED_GOLDEN();
  BrokerProcess broker(setup());
  golden::serve_instead(broker, "pop-5.4.0");
  RawClient client(broker.address());
  const ReceivedFrame popped = pop(client, "g-pop", "Popped", false);
  ASSERT_EQ(popped.code, 0) << popped.remark.value_or("");
  std::set<std::string> wanted{"POP6", "POP8", "POP10"};  // revived by Java
  for (int even = 32; even < 40; even += 2) wanted.insert(text("POP", even));
  for (int odd = 23; odd < 40; odd += 2) wanted.insert(text("POP", odd));
  EXPECT_EQ(keys_in(popped), wanted);
  EXPECT_EQ(messages_of(popped).size(), wanted.size()) << "each once";

  EXPECT_EQ(give_back(client, "g-pop", "Popped", 1, 7, "5 1795266796188 315360000000 0").code, 0);
  const ReceivedFrame again = pop_soon(client, "g-pop", "Popped", false);
  ASSERT_EQ(again.code, 0) << again.remark.value_or("");
  EXPECT_EQ(keys_in(again), std::set<std::string>{"POP15"}) << "one that Java's check point holds for ten years";
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST_F(GoldenPopTest, WhatIsOutInOrderHoldsItsQueue) {
  TENON_NEED_GOLDEN();
  BrokerProcess broker(setup());
  golden::serve_instead(broker, "pop-5.4.0");
  RawClient client(broker.address());
  EXPECT_EQ(pop(client, "g-pop-order", "PoppedInOrder", true).code, kPollingTimeout) << "two are out for ten years";
  for (const int offset : {2, 3}) {
    EXPECT_EQ(give_back(client, "g-pop-order", "PoppedInOrder", 0, offset, "0 1795266796197 315360000000 999").code, 0);
  }
  const ReceivedFrame popped = pop_soon(client, "g-pop-order", "PoppedInOrder", true);
  ASSERT_EQ(popped.code, 0) << popped.remark.value_or("");
  EXPECT_EQ(popped.fields.at("msgOffsetInfo"), "0 0 2,3,4,5,6,7,8,9");
  EXPECT_THAT(popped.fields.at("orderCountInfo"), ::testing::HasSubstr("0 qo0%2 1;0 qo0%3 1"));
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

}  // namespace
}  // namespace tenon::e2e
