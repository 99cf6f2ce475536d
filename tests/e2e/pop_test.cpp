// SPDX-License-Identifier: Apache-2.0
// POP consumption through the whole program: given out, acknowledged, given out again, kill -9, no plug-in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <set>
#include <sstream>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "tenon/properties.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using protocol_native::ReceivedFrame;
using remoting::RequestCode;
using ::testing::ElementsAre;

constexpr std::int32_t kPollingTimeout = 210;

BrokerSetup with_pop() {
  BrokerSetup setup;
  setup.config = std::string(kStandalone) + "\n[plugins.delay]\n\n[plugins.pop]\n";
  return setup;
}

std::string now_text() {
  using namespace std::chrono;
  return std::to_string(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

ReceivedFrame pop(RawClient& client, std::string_view invisible_ms, std::string_view poll_ms = "0",
                  std::string_view ordered = "false") {
  const std::string born = now_text();
  return client.call(RequestCode::pop_message, {{"consumerGroup", "g"},
                                                {"topic", "T"},
                                                {"queueId", "-1"},
                                                {"maxMsgNums", "32"},
                                                {"invisibleTime", invisible_ms},
                                                {"pollTime", poll_ms},
                                                {"bornTime", born},
                                                {"initMode", "0"},
                                                {"expType", "TAG"},
                                                {"exp", "*"},
                                                {"order", ordered}});
}

std::vector<std::string> bodies(const ReceivedFrame& popped) {
  std::vector<std::string> found;
  for (const PulledMessage& message : messages_of(popped)) found.push_back(message.body);
  return found;
}

/// Of a message of queue 0 that was popped from the topic itself, made as RocketMQ's client makes it.
std::string receipt_of(const ReceivedFrame& popped, const PulledMessage& message) {
  std::istringstream start(popped.field("startOffsetInfo"));
  std::string source, queue, offset;
  start >> source >> queue >> offset;
  return text(offset, ' ', popped.field("popTime"), ' ', popped.field("invisibleTime"), ' ', popped.field("reviveQid"),
              " 0 broker-a 0 ", message.queue_offset);
}

ReceivedFrame acknowledge(RawClient& client, const std::string& receipt, std::int64_t offset,
                          const std::string& topic = "T") {
  const std::string at = std::to_string(offset);
  return client.call(
      RequestCode::ack_message,
      {{"consumerGroup", "g"}, {"topic", topic}, {"queueId", "0"}, {"offset", at}, {"extraInfo", receipt}});
}

TEST(Pop, WhatIsNotAcknowledgedComesAgainAndTheRestDoesNot) {
  BrokerProcess broker(with_pop());
  RawClient client(broker.address());
  for (const char* body : {"a", "b", "c"}) ASSERT_EQ(send_message(client, "T", body).code, 0);
  const ReceivedFrame first = pop(client, "2000");
  ASSERT_EQ(first.code, 0) << first.remark.value_or("");
  EXPECT_THAT(bodies(first), ElementsAre("a", "b", "c"));
  EXPECT_EQ(pop(client, "2000").code, kPollingTimeout);
  for (const PulledMessage& message : messages_of(first)) {
    if (message.body == "b") continue;
    EXPECT_EQ(acknowledge(client, receipt_of(first, message), message.queue_offset).code, 0);
  }
  const ReceivedFrame again = pop(client, "60000", "9000");
  ASSERT_EQ(again.code, 0) << again.remark.value_or("");
  const auto messages = messages_of(again);
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].body, "b");
  const std::string receipt(PropertiesView(messages[0].properties).find("POP_CK").value_or(""));
  EXPECT_EQ(acknowledge(client, receipt, messages[0].queue_offset, "%RETRY%g_T").code, 0) << receipt;
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(Pop, AKillTakesNothingThatWasNotAcknowledged) {
  BrokerProcess broker(with_pop());
  {
    RawClient client(broker.address());
    for (const char* body : {"a", "b", "c"}) ASSERT_EQ(send_message(client, "T", body).code, 0);
    const ReceivedFrame first = pop(client, "3000");
    ASSERT_EQ(first.code, 0) << first.remark.value_or("");
    const PulledMessage done = messages_of(first).at(0);
    ASSERT_EQ(acknowledge(client, receipt_of(first, done), done.queue_offset).code, 0);
  }
  broker.end(SIGKILL);
  broker.start_again();
  RawClient client(broker.address());
  // After a kill the group's offset may be from before the pop: then they come at once, else when they are due.
  std::multiset<std::string> came;
  while (came.count("b") == 0 || came.count("c") == 0) {
    const ReceivedFrame next = pop(client, "60000", "9000");
    ASSERT_EQ(next.code, 0) << "lost: only " << came.size() << " came";
    for (std::string& body : bodies(next)) came.insert(std::move(body));
  }
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(Pop, InOrderNothingComesBeforeItsTurn) {
  BrokerProcess broker(with_pop());
  RawClient client(broker.address());
  for (const char* body : {"a", "b"}) ASSERT_EQ(send_message(client, "T", body).code, 0);
  const ReceivedFrame first = pop(client, "60000", "0", "true");
  EXPECT_THAT(bodies(first), ElementsAre("a", "b"));
  ASSERT_EQ(send_message(client, "T", "c").code, 0);
  EXPECT_EQ(pop(client, "60000", "0", "true").code, kPollingTimeout);
  for (const PulledMessage& message : messages_of(first))
    EXPECT_EQ(acknowledge(client, receipt_of(first, message), message.queue_offset).code, 0);
  EXPECT_THAT(bodies(pop(client, "60000", "9000", "true")), ElementsAre("c"));
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(Pop, WithoutThePlugInItIsNotSupported) {
  BrokerProcess broker;
  RawClient client(broker.address());
  ASSERT_EQ(send_message(client, "T", "a").code, 0);
  EXPECT_EQ(pop(client, "2000").code, 3);
}

}  // namespace
}  // namespace tenon::e2e
