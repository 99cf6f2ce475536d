// SPDX-License-Identifier: Apache-2.0
#include "namesrv/route_table_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/system_executor.hpp>

#include "namesrv/key_value_store.hpp"
#include "namesrv/registration_samples.hpp"

namespace tenon::namesrv {
namespace {

using testing::ElementsAre;

/// A connection of a broker that only needs to be told apart.
class ProbeChannel final : public ClientChannel {
 public:
  const HostAddress& remote_address() const noexcept override { return address_; }
  bool is_open() const noexcept override { return true; }
  boost::asio::any_io_executor executor() const override { return boost::asio::system_executor(); }
  void notify_consumer_ids_changed(std::string_view) override {}
  void push_reply(const ReplyPush&, Answered answered) override { answered(Status()); }
  void close() override {}

 private:
  HostAddress address_;
};

class KeyValuesInMemory final : public KeyValueConfig {
 public:
  Status put(std::string_view name_space, std::string_view key, std::string_view value) override {
    tables[std::string(name_space)][std::string(key)] = value;
    return {};
  }
  Status remove(std::string_view, std::string_view) override { return {}; }
  std::optional<std::string> find(std::string_view name_space, std::string_view key) const override {
    const auto found = table(name_space);
    if (!found || !found->contains(std::string(key))) return std::nullopt;
    return found->at(std::string(key));
  }
  std::optional<Table> table(std::string_view name_space) const override {
    const auto found = tables.find(name_space);
    return found == tables.end() ? std::nullopt : std::optional(found->second);
  }

  std::map<std::string, Table, std::less<>> tables;
};

class RouteTableEngineTest : public testing::Test {
 protected:
  void enter(const char* broker, std::int64_t id, const char* address, std::initializer_list<const char*> topics,
             std::shared_ptr<ClientChannel> channel = std::make_shared<ProbeChannel>()) {
    auto registration = sample_registration(broker, id, address, topics);
    registration.channel = std::move(channel);
    ASSERT_TRUE(table_.register_broker(registration));
  }

  std::int64_t now_ = 1'700'000'000'000;
  KeyValuesInMemory key_values_;
  RouteTableEngine table_{
      {.registration = {}, .order_message_enable = true, .return_order_topic_config_to_broker = true},
      key_values_,
      [this] { return now_; }};
};

TEST_F(RouteTableEngineTest, RouteNamesQueuesAndAddressesOfEveryBroker) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  enter("b", 0, "127.0.0.1:20911", {"T", "V"});
  const TopicRoute route = table_.route_of("T").value();
  ASSERT_EQ(route.queues.size(), 2u);
  ASSERT_EQ(route.brokers.size(), 2u);
  EXPECT_EQ(route.brokers[1].addresses.at(0), "127.0.0.1:20911");
  EXPECT_EQ(table_.route_of("U").value().queues.size(), 1u);
}

TEST_F(RouteTableEngineTest, UnknownTopicSaysSoInRocketMqsWords) {
  const auto route = table_.route_of("nope");
  ASSERT_FALSE(route);
  EXPECT_TRUE(route.error().is(Errc::topic_not_exist));
  EXPECT_EQ(route.error().message(), "No topic route info in name server for the topic: nope");
}

TEST_F(RouteTableEngineTest, BrokerExpiresAfterItsOwnTimeout) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  now_ += 120'000;
  EXPECT_TRUE(table_.expire().empty());
  now_ += 1;
  EXPECT_EQ(table_.expire().size(), 1u);
  EXPECT_FALSE(table_.route_of("T"));
  EXPECT_TRUE(table_.cluster_info().clusters.empty());
}

TEST_F(RouteTableEngineTest, HeartbeatRefreshesAndTellsTheStoredVersion) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  EXPECT_FALSE(table_.broker_heartbeat("C", "127.0.0.1:1"));
  now_ += 100'000;
  EXPECT_EQ(table_.broker_heartbeat("C", "127.0.0.1:10911")->counter, 1);
  now_ += 100'000;
  EXPECT_TRUE(table_.expire().empty());
}

TEST_F(RouteTableEngineTest, BrokerOfTheSameProcessNeverExpires) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"}, nullptr);
  now_ += 10'000'000;
  EXPECT_TRUE(table_.expire().empty());
  EXPECT_TRUE(table_.route_of("T"));
}

TEST_F(RouteTableEngineTest, EndOfTheConnectionRemovesTheBrokerAtOnce) {
  const auto first = std::make_shared<ProbeChannel>();
  enter("a", 0, "127.0.0.1:10911", {"T", "U"}, first);
  const auto second = std::make_shared<ProbeChannel>();
  enter("a", 0, "127.0.0.1:10911", {"T", "U"}, second);
  table_.channel_closed(*first);  // a connection that was replaced meanwhile
  EXPECT_TRUE(table_.route_of("T"));
  table_.channel_closed(*second);
  EXPECT_FALSE(table_.route_of("T"));
}

TEST_F(RouteTableEngineTest, UnregisterKeepsTheOtherMembersOfTheName) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  enter("a", 1, "127.0.0.1:10921", {});
  table_.unregister_broker("C", "a", 0, "127.0.0.1:10911");
  EXPECT_EQ(table_.route_of("T").value().brokers[0].addresses,
            (std::map<std::int64_t, std::string>{{1, "127.0.0.1:10921"}}));
  table_.unregister_broker("C", "a", 1, "127.0.0.1:10921");
  EXPECT_FALSE(table_.route_of("T"));
}

TEST_F(RouteTableEngineTest, WritePermissionIsTakenAndGivenBack) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  EXPECT_EQ(table_.set_broker_writable("a", false), 2);
  EXPECT_EQ(table_.route_of("T").value().queues[0].perm, permission::read);
  EXPECT_EQ(table_.set_broker_writable("a", true), 2);
  EXPECT_EQ(table_.route_of("T").value().queues[0].perm, 6);
  EXPECT_EQ(table_.set_broker_writable("nobody", true), 0);
}

TEST_F(RouteTableEngineTest, TopicsByClusterAndTheirRemoval) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  EXPECT_THAT(table_.topics(""), ElementsAre("T", "U"));
  EXPECT_THAT(table_.topics("C"), ElementsAre("T", "U"));
  EXPECT_THAT(table_.topics("other"), ElementsAre());
  table_.remove_topic("T", "other");
  table_.remove_topic("U", "C");
  EXPECT_THAT(table_.topics(""), ElementsAre("T"));
  table_.remove_topic("T", "");
  EXPECT_THAT(table_.topics(""), ElementsAre());
}

TEST_F(RouteTableEngineTest, TopicOfAnUnknownBrokerIsNotPut) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  table_.put_topic("N", {{"a", 4, 4, 6, 0}, {"nobody", 4, 4, 6, 0}});
  EXPECT_FALSE(table_.route_of("N"));
  table_.put_topic("N", {{"a", 4, 4, 6, 0}});
  EXPECT_EQ(table_.route_of("N").value().queues[0].read_queue_nums, 4);
}

TEST_F(RouteTableEngineTest, OrderTopicsAreTold) {
  ASSERT_TRUE(key_values_.put(kOrderTopicNamespace, "T", "a:4"));
  auto registration = sample_registration("a", 0, "127.0.0.1:10911", {"T", "U"});
  EXPECT_EQ(table_.register_broker(registration).value().order_topic_config.at("T"), "a:4");
  EXPECT_EQ(table_.route_of("T").value().order_topic_conf, "a:4");
  EXPECT_EQ(table_.route_of("U").value().order_topic_conf, "");
}

}  // namespace
}  // namespace tenon::namesrv
