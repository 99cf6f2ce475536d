// SPDX-License-Identifier: Apache-2.0
// Delayed messages through the whole program: levels, arbitrary times, recall, retries, restarts, kill -9, and the
// composition without the plug-in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <set>
#include <stdexcept>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "message_requests.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "tenon/properties.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using protocol_native::SamplePull;
using remoting::RequestCode;
using ::testing::HasSubstr;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string entry(std::string_view name, std::string_view value) {
  std::string wire;
  append_property(wire, name, value);
  return wire;
}

BrokerSetup with_delay(std::vector<std::string> settings = {}) {
  BrokerSetup setup;
  setup.config = std::string(kStandalone) + "\n[plugins.delay]\nmessage_delay_level = \"1s 2s 3s 1h\"\n";
  setup.settings = std::move(settings);
  return setup;
}

/// A pull that is held until a message comes.
PulledMessage wait_for(RawClient& client, std::string_view topic, std::int64_t offset) {
  const std::string from = std::to_string(offset);
  const SamplePull pull{.topic = topic, .offset = from, .max_messages = "1", .sys_flag = "6", .hold_ms = "9000"};
  const auto pulled = client.call(RequestCode::pull_message, fields_of(pull));
  auto messages = messages_of(pulled);
  if (messages.empty()) throw std::runtime_error("nothing came");
  return messages.front();
}

TEST(Delay, ALevelDelaysAndWakesThePullThatWaits) {
  BrokerProcess broker(with_delay());
  RawClient client(broker.address());
  const std::int64_t sent = now_ms();
  ASSERT_EQ(send_message(client, "T", "first", "0").code, 0);
  const auto answer = send_message(client, "T", "later", "0", entry("DELAY", "1"));
  ASSERT_EQ(answer.code, 0) << answer.remark.value_or("");
  EXPECT_EQ(answer.field("queueId"), "0");
  const PulledMessage message = wait_for(client, "T", 1);
  EXPECT_GE(now_ms(), sent + 1'000);
  EXPECT_EQ(message.body, "later");
  EXPECT_EQ(PropertiesView(message.properties).find("REAL_TOPIC"), "T");
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(Delay, ATimeIsKeptAndAnswersWithAHandleThatTakesTheMessageBack) {
  BrokerProcess broker(with_delay());
  RawClient client(broker.address());
  ASSERT_EQ(send_message(client, "T", "first", "0").code, 0);
  const std::int64_t due = now_ms() + 1'200;
  const auto dropped = send_message(client, "T", "dropped", "0",
                                    entry("TIMER_DELIVER_MS", std::to_string(due)) + entry("UNIQ_KEY", "K1"));
  const auto kept =
      send_message(client, "T", "kept", "0", entry("TIMER_DELIVER_MS", std::to_string(due)) + entry("UNIQ_KEY", "K2"));
  ASSERT_EQ(dropped.code, 0) << dropped.remark.value_or("");
  const auto recalled =
      client.call(RequestCode::recall_message,
                  {{"producerGroup", "producers"}, {"topic", "T"}, {"recallHandle", dropped.field("recallHandle")}});
  ASSERT_EQ(recalled.code, 0) << recalled.remark.value_or("");
  EXPECT_EQ(recalled.field("msgId"), "K1");
  const PulledMessage message = wait_for(client, "T", 1);
  EXPECT_GE(now_ms(), due);
  EXPECT_EQ(message.body, "kept");
  const auto late =
      client.call(RequestCode::recall_message,
                  {{"producerGroup", "producers"}, {"topic", "T"}, {"recallHandle", kept.field("recallHandle")}});
  EXPECT_EQ(late.code, 604);
  EXPECT_EQ(broker.end(SIGTERM), 0);
}

TEST(Delay, TimesThatCannotBeAreRefused) {
  BrokerProcess broker(with_delay({"plugins.delay.timer_max_delay=1h"}));
  RawClient client(broker.address());
  const auto far = send_message(client, "T", "x", "0", entry("TIMER_DELAY_SEC", "3601"));
  EXPECT_EQ(far.code, 13);
  EXPECT_EQ(send_message(client, "T", "x", "0", entry("TIMER_DELAY_SEC", "soon")).code, 13);
  EXPECT_EQ(send_message(client, "T", "x", "0", entry("TIMER_DELIVER_MS", "1000")).code, 0) << "due: delivered at once";
  EXPECT_EQ(all_messages(client, "T").size(), 1u);
}

TEST(Delay, SurvivesKillAndRepeatsNothingAfterACleanStop) {
  BrokerProcess broker(with_delay());
  std::set<std::string> expected;
  const std::int64_t begin = now_ms();
  {
    RawClient client(broker.address());
    ASSERT_EQ(send_message(client, "T", "0", "0").code, 0);
    for (int index = 1; index <= 40; ++index) {
      const std::string body = std::to_string(index);
      const std::string properties = index % 2 == 0 ? entry("DELAY", index % 4 == 0 ? "1" : "2")
                                                    : entry("TIMER_DELIVER_MS", std::to_string(begin + 1'000 + index));
      ASSERT_EQ(send_message(client, "T", body, "0", properties).code, 0);
      expected.insert(body);
    }
    EXPECT_EQ(broker.end(SIGKILL), 128 + SIGKILL);
  }
  broker.start_again();
  std::set<std::string> delivered;
  {
    RawClient client(broker.address());
    for (std::int64_t offset = 1; delivered.size() < expected.size(); ++offset) {
      delivered.insert(wait_for(client, "T", offset).body);
    }
    EXPECT_EQ(delivered, expected);
    EXPECT_EQ(broker.end(SIGTERM), 0);
  }
  broker.start_again();
  RawClient client(broker.address());
  const auto before = all_messages(client, "T").size();
  ASSERT_EQ(send_message(client, "T", "last", "0", entry("TIMER_DELAY_MS", "50")).code, 0);
  EXPECT_EQ(wait_for(client, "T", static_cast<std::int64_t>(before)).body, "last") << "nothing came again";
}

TEST(Delay, ProgressIsToldToTools) {
  BrokerProcess broker(with_delay());
  RawClient client(broker.address());
  ASSERT_EQ(send_message(client, "T", "x", "0", entry("TIMER_DELAY_SEC", "600")).code, 0);
  ASSERT_EQ(send_message(client, "T", "x", "0", entry("DELAY", "4")).code, 0);
  const auto levels = client.call(RequestCode::get_all_delay_offset, {});
  EXPECT_EQ(levels.code, 0);
  EXPECT_THAT(levels.body, HasSubstr("4:0"));
  EXPECT_EQ(client.call(RequestCode::get_timer_check_point, {}).body.size(), 56u);
  EXPECT_EQ(client.call(RequestCode::get_timer_metrics, {}).code, 0);
}

/// The line of the list that holds `key`.
std::string line_with(const std::string& list, const std::string& key) {
  const std::size_t at = list.find(key);
  if (at == std::string::npos) return {};
  const std::size_t begin = list.rfind('\n', at) + 1;
  return list.substr(begin, list.find('\n', at) - begin);
}

TEST(Delay, OperatorsListWhatWaitsAndTakeItBack) {
  BrokerProcess broker(with_delay());
  RawClient client(broker.address());
  const auto timed = entry("TIMER_DELAY_SEC", "7200") + entry("UNIQ_KEY", "TIMED");
  ASSERT_EQ(send_message(client, "T", "x", "0", timed).code, 0);
  ASSERT_EQ(send_message(client, "T", "y", "0", entry("DELAY", "4") + entry("UNIQ_KEY", "UNIQ-LEVEL")).code, 0);
  const std::string address = broker.address().to_string();
  EXPECT_THAT(run_tenon({"delay", "list", "-n", address, "-o", "json"}).output, HasSubstr(R"("level":"4")"));
  const CommandRun listed = run_tenon({"delay", "list", "-n", address});
  ASSERT_EQ(listed.code, 0) << listed.errors;
  EXPECT_THAT(line_with(listed.output, "UNIQ-LEVEL"), HasSubstr(" 4 ")) << listed.output;
  const std::string line = line_with(listed.output, "TIMED");
  ASSERT_THAT(line, HasSubstr(" T ")) << listed.output;
  const std::string handle = line.substr(line.rfind(' ') + 1);
  const CommandRun cancelled = run_tenon({"delay", "cancel", handle, "-n", address});
  EXPECT_EQ(cancelled.code, 0) << cancelled.errors;
  EXPECT_THAT(cancelled.output, HasSubstr("TIMED: not delivered any more"));
  EXPECT_EQ(run_tenon({"delay", "cancel", "nonsense", "-n", address}).code, 1);
}

TEST(Delay, WithoutThePlugInDelaysAreRefusedAndWhatWaitsGoesOnWaiting) {
  BrokerSetup setup = with_delay();
  BrokerProcess broker(setup);
  {
    RawClient client(broker.address());
    ASSERT_EQ(send_message(client, "T", "0", "0").code, 0);
    ASSERT_EQ(send_message(client, "T", "level", "0", entry("DELAY", "1")).code, 0);
    EXPECT_EQ(broker.end(SIGKILL), 128 + SIGKILL);
  }
  std::ofstream(broker.directory() / "tenon.toml") << kStandalone;
  broker.start_again();
  {
    RawClient client(broker.address());
    const auto refused = send_message(client, "T", "x", "0", entry("DELAY", "1"));
    EXPECT_EQ(refused.code, 3);
    EXPECT_THAT(refused.remark.value_or(""), HasSubstr("no loaded plug-in offers delayed delivery"));
    EXPECT_EQ(client.call(RequestCode::recall_message, {{"topic", "T"}, {"recallHandle", "x"}}).code, 3);
    EXPECT_EQ(all_messages(client, "T").size(), 1u);
    EXPECT_EQ(broker.end(SIGTERM), 0);
  }
  std::ofstream(broker.directory() / "tenon.toml") << setup.config;
  broker.start_again();
  RawClient client(broker.address());
  EXPECT_EQ(wait_for(client, "T", 1).body, "level");
}

}  // namespace
}  // namespace tenon::e2e
