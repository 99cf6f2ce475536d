// SPDX-License-Identifier: Apache-2.0
// Delay, transaction, filters and an interceptor of a third party in one broker, their tables in any order, and what is
// answered when one is left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <random>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "tenon/properties.hpp"
#include "transaction_requests.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using ::testing::HasSubstr;

const std::vector<std::string> kTables{
    "[broker]\ndata_dir = \"data\"\n",
    "[plugins.store]\ntype = \"store-mmap\"\n",
    "[plugins.filter-tag]\n",
    "[plugins.filter-sql]\n",
    "[plugins.namesrv]\n",
    "[plugins.native]\ntype = \"protocol-native\"\nlisten = \"127.0.0.1:0\"\n",
    "[plugins.transaction]\ncheck_interval = \"1h\"\n",
    "[plugins.delay]\nmessage_delay_level = \"1s 1h\"\n",
    "[plugins.stamp]\ntype = \"stamp-interceptor\"\norder = 1500\nproperty = \"STAMP\"\nvalue = \"seen\"\n"};

const std::string kDelayed = std::string("DELAY") + '\1' + "1" + '\2';

std::string joined(const std::vector<std::string>& tables, std::string_view without = "nothing") {
  std::string all;
  for (const std::string& table : tables) {
    if (table.find(without) == std::string::npos) all += table + "\n";
  }
  return all;
}

BrokerSetup with_test_plugins(std::string config) {
  return {std::move(config), {}, {{"TENON_PLUGIN_PATH", TENON_TEST_PLUGINS}}};
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// The messages of the topic, as soon as there are `count`; what is there after twenty seconds.
std::vector<PulledMessage> wait_for(RawClient& client, std::string_view topic, std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (;;) {
    auto messages = all_messages(client, topic);
    if (messages.size() >= count || std::chrono::steady_clock::now() > deadline) return messages;
  }
}

// The delay begins with the commit, and the interceptor sees the half message and no copy of it.
void commit_something_delayed(const BrokerProcess& broker) {
  RawClient client(broker.address());
  const Half half = prepare(client, "T", "a", "producers", kDelayed);
  ASSERT_EQ(half.code, 0) << half.remark;
  EXPECT_TRUE(all_messages(client, "T").empty());
  const std::int64_t committed_ms = now_ms();
  ASSERT_EQ(end_transaction(client, half, kCommit).code, 0);
  ASSERT_EQ(send_message(client, "T", "b", "0", "TAGS\1x\2").code, 0);
  EXPECT_EQ(all_messages(client, "T").at(0).body, "b") << "what is committed waits for its time";
  const auto messages = wait_for(client, "T", 2);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[1].body, "a");
  EXPECT_GE(now_ms(), committed_ms + 1'000);
  for (const PulledMessage& message : messages) {
    EXPECT_EQ(PropertiesView(message.properties).find("STAMP"), "seen") << message.body;
  }
}

TEST(Composition, TheOrderOfTheTablesDoesNotMatter) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::vector<std::string> tables = kTables;
  for (int round = 0; round < 3; ++round) {
    BrokerProcess broker(with_test_plugins(joined(tables)));
    commit_something_delayed(broker);
    EXPECT_EQ(broker.end(SIGTERM), 0);
    round == 0 ? std::ranges::reverse(tables) : std::ranges::shuffle(tables, random);
  }
}

/// Starts again over the same data, without one plug-in or with all.
void restart(BrokerProcess& broker, std::string_view without) {
  EXPECT_EQ(broker.end(SIGTERM), 0);
  std::ofstream(broker.directory() / "tenon.toml") << joined(kTables, without);
  broker.start_again();
}

TEST(Composition, ADelayedTransactionWaitsForTheDelayPlugin) {
  BrokerProcess broker(with_test_plugins(joined(kTables)));
  Half half;
  {
    RawClient client(broker.address());
    half = prepare(client, "T", "a", "producers", kDelayed);
    ASSERT_EQ(half.code, 0) << half.remark;
  }
  restart(broker, "plugins.delay");
  {
    RawClient client(broker.address());
    const auto refused = end_transaction(client, half, kCommit);
    EXPECT_EQ(refused.code, 3) << "it would be delivered before its time";
    EXPECT_THAT(refused.remark.value_or(""), HasSubstr("no loaded plug-in offers delayed delivery"));
    EXPECT_EQ(send_message(client, "T", "b", "0", kDelayed).code, 3);
  }
  restart(broker, "nothing");
  RawClient client(broker.address());
  ASSERT_EQ(end_transaction(client, half, kCommit).code, 0);
  EXPECT_EQ(wait_for(client, "T", 1).at(0).body, "a");
}

protocol_native::ReceivedFrame pull_by_tag(RawClient& client) {
  return client.call(remoting::RequestCode::pull_message, fields_of(protocol_native::SamplePull{.subscription = "x"}));
}

TEST(Composition, WithoutTheTagFilterTagsAreRefusedAndNothingIsLost) {
  BrokerProcess broker(with_test_plugins(joined(kTables)));
  {
    RawClient client(broker.address());
    ASSERT_EQ(send_message(client, "T", "a", "0", "TAGS\1x\2").code, 0);
    ASSERT_EQ(send_message(client, "T", "b", "0", "TAGS\1y\2").code, 0);
    EXPECT_EQ(messages_of(pull_by_tag(client)).size(), 1u);
  }
  restart(broker, "filter-tag");
  {
    RawClient client(broker.address());
    const auto refused = pull_by_tag(client);
    EXPECT_NE(refused.code, 0);
    EXPECT_THAT(refused.remark.value_or(""), HasSubstr("no loaded plug-in compiles TAG expressions"));
    EXPECT_EQ(all_messages(client, "T").size(), 2u) << "who wants all needs no filter";
  }
  restart(broker, "nothing");
  RawClient client(broker.address());
  EXPECT_EQ(messages_of(pull_by_tag(client)).size(), 1u);
}

}  // namespace
}  // namespace tenon::e2e
