// SPDX-License-Identifier: Apache-2.0
#include "routing/connected_clients.hpp"

#include "routing/test_broker.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;
using Names = std::vector<std::string>;

class ConnectedClientsTest : public BrokerTest {
 protected:
  ClientRegistry& clients() { return of<ClientRegistry>(); }
};

TEST_F(ConnectedClientsTest, AMemberFindsItselfWhenItsHeartbeatIsAnswered) {
  open();
  const auto a = channel();
  ASSERT_TRUE(beat(heartbeat_of(a, "c1", "g", {"T"})));
  EXPECT_EQ(clients().consumer_ids("g"), Names{"c1"});
  EXPECT_EQ(a->notified, Names{"g"}) << "the newcomer is told as well";
  EXPECT_EQ(of<Topics>().find("%RETRY%g")->write_queue_nums, 1);
  ASSERT_TRUE(beat(heartbeat_of(a, "c1", "g", {"T"})));
  EXPECT_EQ(a->notified.size(), 1u) << "nothing has changed";
}

TEST_F(ConnectedClientsTest, TheAnswerWaitsForTheNameServersToKnowTheRetryTopic) {
  config.name_servers = {"ns:9876"};
  open();
  registrar.answer.reset();
  const auto a = channel();
  EXPECT_FALSE(beat(heartbeat_of(a, "c1", "g", {"T"})));
  EXPECT_TRUE(a->notified.empty()) << "first the name servers, then the notice, then the answer";
  registrar.registered.back().done(Status{});
  host.run();
  EXPECT_EQ(a->notified, Names{"g"});
  EXPECT_EQ(clients().consumer_ids("g"), Names{"c1"});
}

TEST_F(ConnectedClientsTest, EveryMemberHearsOfNewcomersAndLeavers) {
  open();
  const auto a = channel(), b = channel();
  beat(heartbeat_of(a, "c1", "g", {"T"}));
  beat(heartbeat_of(b, "c2", "g", {"T"}));
  EXPECT_EQ(a->notified.size(), 2u);
  EXPECT_EQ(clients().consumer_ids("g"), (Names{"c1", "c2"}));
  clients().unregister({"c2", "", 0, b}, "", "g");
  EXPECT_EQ(a->notified.size(), 3u);
  clients().channel_closed(*a);
  EXPECT_FALSE(clients().consumer_group("g"));
  EXPECT_TRUE(clients().consumer_groups().empty());
}

TEST_F(ConnectedClientsTest, BroadcastingGroupsAndSwitchedOffOnesAreNotTold) {
  open();
  const auto a = channel();
  Heartbeat heartbeat = heartbeat_of(a, "c1", "g", {"T"});
  heartbeat.consumers[0].message_model = MessageModel::broadcasting;
  beat(heartbeat);
  SubscriptionGroupConfig quiet;
  quiet.name = "quiet";
  quiet.notify_consumer_ids_changed_enable = false;
  ASSERT_TRUE(of<Groups>().put(quiet));
  beat(heartbeat_of(a, "c1", "quiet", {"T"}));
  EXPECT_TRUE(a->notified.empty());
}

TEST_F(ConnectedClientsTest, ANewerVersionReplacesAnOlderOne) {
  open();
  const auto a = channel();
  Heartbeat heartbeat = heartbeat_of(a, "c1", "g", {"T", "U"});
  heartbeat.consumers[0].subscriptions[0].version = 2;
  heartbeat.consumers[0].subscriptions[0].expression = "A";
  beat(heartbeat);
  heartbeat.consumers[0].subscriptions[0].version = 1;
  heartbeat.consumers[0].subscriptions[0].expression = "B";
  beat(heartbeat);
  EXPECT_EQ(clients().consumer_group("g")->subscriptions[0].expression, "A");
  EXPECT_EQ(a->notified.size(), 1u);
  heartbeat.consumers[0].subscriptions[0].version = 3;
  heartbeat.consumers[0].subscriptions.pop_back();
  beat(heartbeat);
  ASSERT_EQ(clients().consumer_group("g")->subscriptions.size(), 1u) << "a topic that is not named any more goes";
  EXPECT_EQ(clients().consumer_group("g")->subscriptions[0].expression, "B");
  EXPECT_EQ(a->notified.size(), 2u);
}

TEST_F(ConnectedClientsTest, AnUnknownGroupIsSkippedSilently) {
  config.auto_create_subscription_group = false;
  open();
  const auto a = channel();
  EXPECT_TRUE(beat(heartbeat_of(a, "c1", "g", {"T"})));
  EXPECT_FALSE(clients().consumer_group("g"));
}

TEST_F(ConnectedClientsTest, ASmallHeartbeatKeepsTheSubscriptions) {
  open();
  const auto a = channel();
  Heartbeat full = heartbeat_of(a, "c1", "g", {"T"});
  EXPECT_TRUE(beat(full)->subscription_changed) << "V1";
  full.fingerprint = 7;
  EXPECT_TRUE(beat(full)->subscription_changed) << "another fingerprint than the one stored";
  Heartbeat small = heartbeat_of(a, "c1", "g", {});
  small.without_subscriptions = true;
  small.fingerprint = 7;
  EXPECT_FALSE(beat(small)->subscription_changed);
  EXPECT_EQ(clients().consumer_group("g")->subscriptions.size(), 1u);
  Heartbeat stranger = heartbeat_of(a, "c1", "other", {});
  stranger.without_subscriptions = true;
  stranger.fingerprint = 7;
  EXPECT_TRUE(beat(stranger)->subscription_changed) << "only a full one can fill an empty table";
}

TEST_F(ConnectedClientsTest, KnowsTheWayBackToAProducer) {
  open();
  const auto a = channel(), b = channel();
  Heartbeat heartbeat;
  heartbeat.producer_groups = {"p", "q"};
  heartbeat.client = {"c1", "JAVA", 0, a};
  beat(heartbeat);
  heartbeat.client = {"c1", "JAVA", 0, b};
  beat(heartbeat);
  EXPECT_EQ(clients().producers("p").size(), 2u);
  EXPECT_NE(clients().producer_channel("c1"), nullptr);
  clients().unregister({"c1", "", 0, a}, "p", "");
  a->open = false;
  EXPECT_EQ(clients().producer_channel("c1"), b);
  clients().channel_closed(*b);
  clients().channel_closed(*a);
  EXPECT_EQ(clients().producer_channel("c1"), nullptr);
  EXPECT_TRUE(clients().producer_groups().empty());
}

TEST_F(ConnectedClientsTest, TheScanClosesWhoIsSilent) {
  open();
  const auto a = channel(), b = channel();
  beat(heartbeat_of(a, "c1", "g", {"T"}));
  host.clock_ms += 60'000;
  beat(heartbeat_of(b, "c2", "g", {"T"}));
  host.clock_ms += 61'000;
  dynamic_cast<ConnectedClients&>(clients()).scan();
  EXPECT_FALSE(a->open);
  EXPECT_TRUE(b->open);
  EXPECT_EQ(clients().consumer_ids("g"), Names{"c2"});
}

TEST_F(ConnectedClientsTest, AConnectionThatHasEndedMeanwhileIsNotRegistered) {
  open();
  const auto a = channel();
  a->open = false;
  beat(heartbeat_of(a, "c1", "g", {"T"}));
  EXPECT_FALSE(clients().consumer_group("g"));
}

TEST_F(ConnectedClientsTest, AConnectionIsAProducerUnderABoundedNumberOfIds) {
  open();
  const auto connection = channel();
  const auto produce = [&](std::string id, std::string group) {
    Heartbeat heartbeat;
    heartbeat.client = {std::move(id), "JAVA", 0, connection};
    heartbeat.producer_groups.push_back(std::move(group));
    beat(std::move(heartbeat));
  };
  for (int number = 0; number < 200; ++number) produce("id" + std::to_string(number), "p");
  EXPECT_NE(of<ClientRegistry>().producer_channel("id99"), nullptr);
  EXPECT_EQ(of<ClientRegistry>().producer_channel("id100"), nullptr);
  produce("id7", std::string(256, 'g'));
  produce(std::string(1'025, 'c'), "q");
  EXPECT_EQ(of<ClientRegistry>().producer_groups(), std::vector<std::string>{"p"});
}

}  // namespace
}  // namespace tenon::kernel
