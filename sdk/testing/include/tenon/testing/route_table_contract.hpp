// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/system_executor.hpp>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "tenon/route_table.hpp"

namespace tenon::testing {

/// One implementation of RouteTable, empty and without settings that change what is told.
struct RouteTableCase {
  std::string name;
  std::function<std::shared_ptr<RouteTable>()> make;
};

inline std::ostream& operator<<(std::ostream& out, const RouteTableCase& one) { return out << one.name; }

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

/// What every route table must keep. Include this header in one file of a test program and instantiate the suite:
///     INSTANTIATE_TEST_SUITE_P(Mine, RouteTableContract, ::testing::Values(my_case()));
class RouteTableContract : public ::testing::TestWithParam<RouteTableCase> {
 protected:
  /// A complete registration in cluster "C".
  static RegistrationAtNameServer registration(const char* broker_name, std::int64_t id, const char* address,
                                               std::initializer_list<const char*> topics) {
    RegistrationAtNameServer out;
    out.registration.cluster = "C";
    out.registration.broker_name = broker_name;
    out.registration.broker_id = id;
    out.registration.broker_address = HostAddress::parse(address).value();
    out.registration.ha_address = HostAddress::v4({127, 0, 0, 1}, 10912);
    out.registration.version = {0, 1'700'000'000'000, 1};
    for (const char* name : topics) {
      auto topic = std::make_shared<TopicConfig>();
      topic->name = name;
      topic->read_queue_nums = topic->write_queue_nums = 8;
      out.registration.topics.push_back(std::move(topic));
    }
    return out;
  }
  void enter(const char* broker_name, std::int64_t id, const char* address, std::initializer_list<const char*> topics,
             std::shared_ptr<ClientChannel> channel = std::make_shared<ProbeChannel>()) {
    auto entered = registration(broker_name, id, address, topics);
    entered.channel = std::move(channel);
    ASSERT_TRUE(table_->register_broker(entered));
  }
  std::vector<std::string> topics(std::string_view cluster = {}) const {
    auto names = table_->topics(cluster);
    std::sort(names.begin(), names.end());
    return names;
  }
  using Names = std::vector<std::string>;

  std::shared_ptr<RouteTable> table_ = GetParam().make();
};

TEST_P(RouteTableContract, ARouteNamesQueuesAndAddressesOfEveryBroker) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  enter("b", 0, "127.0.0.1:20911", {"T", "V"});
  const TopicRoute route = table_->route_of("T").value();
  ASSERT_EQ(route.queues.size(), 2u);
  EXPECT_EQ(route.queues[0].read_queue_nums, 8);
  EXPECT_EQ(route.queues[0].write_queue_nums, 8);
  std::map<std::string, std::string> masters;
  for (const BrokerRoute& broker : route.brokers) masters[broker.broker_name] = broker.addresses.at(0);
  EXPECT_EQ(masters, (std::map<std::string, std::string>{{"a", "127.0.0.1:10911"}, {"b", "127.0.0.1:20911"}}));
  EXPECT_EQ(table_->route_of("U").value().queues.size(), 1u);
  EXPECT_EQ(route.order_topic_conf, "");
}

TEST_P(RouteTableContract, AnUnknownTopicHasNoRoute) {
  const auto route = table_->route_of("nope");
  ASSERT_FALSE(route);
  EXPECT_TRUE(route.error().is(Errc::topic_not_exist));
  EXPECT_NE(route.error().message().find("nope"), std::string::npos) << "whoever asks is shown it";
}

TEST_P(RouteTableContract, TheClusterIsWhoHasRegistered) {
  EXPECT_TRUE(table_->cluster_info().brokers.empty());
  enter("a", 0, "127.0.0.1:10911", {});
  enter("a", 1, "127.0.0.1:10921", {});
  const ClusterInfo info = table_->cluster_info();
  EXPECT_EQ(info.clusters, (std::map<std::string, std::set<std::string>>{{"C", {"a"}}}));
  ASSERT_EQ(info.brokers.size(), 1u);
  EXPECT_EQ(info.brokers.at("a").cluster, "C");
  EXPECT_EQ(info.brokers.at("a").addresses,
            (std::map<std::int64_t, std::string>{{0, "127.0.0.1:10911"}, {1, "127.0.0.1:10921"}}));
}

TEST_P(RouteTableContract, ASlaveLearnsItsMaster) {
  enter("a", 0, "127.0.0.1:10911", {"T"});
  const auto answer = table_->register_broker(registration("a", 1, "127.0.0.1:10921", {}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->master_address, "127.0.0.1:10911");
  EXPECT_EQ(answer->ha_server_address, "127.0.0.1:10912");
}

TEST_P(RouteTableContract, ASlaveOfBefore5BringsNoTopics) {
  enter("a", 0, "127.0.0.1:10911", {"T"});
  enter("a", 1, "127.0.0.1:10921", {"U"});
  EXPECT_EQ(topics(), Names{"T"});
}

TEST_P(RouteTableContract, WhoTakesOverStandsInThePlaceOfTheMaster) {
  const auto old_master = std::make_shared<ProbeChannel>();
  enter("a", 0, "127.0.0.1:30911", {"T"}, old_master);
  enter("a", 1, "127.0.0.1:10921", {});
  enter("a", 0, "127.0.0.1:10921", {"T"});
  using Addresses = std::map<std::int64_t, std::string>;
  EXPECT_EQ(table_->route_of("T").value().brokers.at(0).addresses, (Addresses{{0, "127.0.0.1:10921"}}));
  table_->channel_closed(*old_master);
  EXPECT_EQ(table_->route_of("T").value().brokers.at(0).addresses, (Addresses{{0, "127.0.0.1:10921"}}));
}

TEST_P(RouteTableContract, WhoComesBackUnderAnotherNameHasLeftTheOldOne) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  enter("b", 0, "127.0.0.1:10911", {"U", "V"});
  EXPECT_FALSE(table_->route_of("T"));
  EXPECT_EQ(table_->route_of("U").value().queues.size(), 1u);
  EXPECT_EQ(table_->cluster_info().clusters, (std::map<std::string, std::set<std::string>>{{"C", {"b"}}}));
  EXPECT_EQ(table_->cluster_info().brokers.count("a"), 0u);
}

TEST_P(RouteTableContract, AChangeAloneNeedsAKnownBroker) {
  auto change = registration("a", 0, "127.0.0.1:10911", {"U"});
  change.registration.complete = false;
  EXPECT_FALSE(table_->register_broker(change));
  EXPECT_FALSE(table_->route_of("U"));
  enter("a", 0, "127.0.0.1:10911", {"T"});
  change.registration.version.counter = 2;
  EXPECT_TRUE(table_->register_broker(change));
  EXPECT_EQ(topics(), (Names{"T", "U"}));
}

TEST_P(RouteTableContract, AHeartbeatTellsTheStoredVersion) {
  enter("a", 0, "127.0.0.1:10911", {"T"});
  EXPECT_FALSE(table_->broker_heartbeat("C", "127.0.0.1:1"));
  EXPECT_FALSE(table_->broker_heartbeat("other", "127.0.0.1:10911"));
  const auto version = table_->broker_heartbeat("C", "127.0.0.1:10911");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->counter, 1);
}

TEST_P(RouteTableContract, TheEndOfAConnectionRemovesItsBrokerAtOnce) {
  const auto first = std::make_shared<ProbeChannel>(), second = std::make_shared<ProbeChannel>();
  enter("a", 0, "127.0.0.1:10911", {"T"}, first);
  enter("a", 0, "127.0.0.1:10911", {"T"}, second);
  table_->channel_closed(*first);
  EXPECT_TRUE(table_->route_of("T")) << "a connection that was replaced meanwhile";
  table_->channel_closed(*second);
  EXPECT_FALSE(table_->route_of("T"));
  EXPECT_TRUE(table_->cluster_info().clusters.empty());
}

TEST_P(RouteTableContract, TheBrokerOfThisProcessHasNoConnectionToLose) {
  enter("a", 0, "127.0.0.1:10911", {"T"}, nullptr);
  table_->channel_closed(ProbeChannel());
  EXPECT_TRUE(table_->route_of("T"));
}

TEST_P(RouteTableContract, WhoLeavesTakesNobodyElseAlong) {
  enter("a", 0, "127.0.0.1:10911", {"T"});
  enter("a", 1, "127.0.0.1:10921", {});
  enter("b", 0, "127.0.0.1:20911", {"V"});
  table_->unregister_broker("C", "a", 0, "127.0.0.1:10911");
  EXPECT_EQ(table_->route_of("T").value().brokers.at(0).addresses,
            (std::map<std::int64_t, std::string>{{1, "127.0.0.1:10921"}}));
  table_->unregister_broker("C", "a", 1, "127.0.0.1:10921");
  EXPECT_FALSE(table_->route_of("T"));
  EXPECT_TRUE(table_->route_of("V"));
  table_->unregister_broker("C", "nobody", 0, "127.0.0.1:1");
}

TEST_P(RouteTableContract, WritePermissionIsTakenAndGivenBack) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  EXPECT_EQ(table_->set_broker_writable("a", false), 2);
  EXPECT_EQ(table_->route_of("T").value().queues.at(0).perm, permission::read);
  EXPECT_EQ(table_->set_broker_writable("a", true), 2);
  EXPECT_EQ(table_->route_of("T").value().queues.at(0).perm, permission::read | permission::write);
  EXPECT_EQ(table_->set_broker_writable("nobody", true), 0);
}

TEST_P(RouteTableContract, TopicsAreListedAndRemovedByCluster) {
  enter("a", 0, "127.0.0.1:10911", {"T", "U"});
  EXPECT_EQ(topics(), (Names{"T", "U"}));
  EXPECT_EQ(topics("C"), (Names{"T", "U"}));
  EXPECT_EQ(topics("other"), Names{});
  table_->remove_topic("T", "other");
  table_->remove_topic("U", "C");
  EXPECT_EQ(topics(), Names{"T"});
  table_->remove_topic("T", "");
  EXPECT_EQ(topics(), Names{});
}

TEST_P(RouteTableContract, ATopicOfAnUnknownBrokerIsNotPut) {
  enter("a", 0, "127.0.0.1:10911", {"T"});
  table_->put_topic("N", {{"a", 4, 4, 6, 0}, {"nobody", 4, 4, 6, 0}});
  EXPECT_FALSE(table_->route_of("N"));
  table_->put_topic("N", {{"a", 4, 4, 6, 0}});
  EXPECT_EQ(table_->route_of("N").value().queues.at(0).read_queue_nums, 4);
}

TEST_P(RouteTableContract, ManyThreadsMayUseIt) {
  std::atomic<bool> over{false};
  std::thread reader([&] {
    while (!over) {
      const auto route = table_->route_of("T");
      EXPECT_TRUE(!route || (!route->queues.empty() && !route->brokers.empty()));
      static_cast<void>(table_->cluster_info());
      static_cast<void>(table_->topics("C"));
    }
  });
  for (int round = 0; round < 200; ++round) {
    const auto channel = std::make_shared<ProbeChannel>();
    enter("a", 0, "127.0.0.1:10911", {"T", "U"}, channel);
    enter("b", 0, "127.0.0.1:20911", {"T"}, channel);
    table_->set_broker_writable("a", round % 2 == 0);
    round % 2 == 0 ? table_->channel_closed(*channel) : table_->unregister_broker("C", "b", 0, "127.0.0.1:20911");
  }
  over = true;
  reader.join();
}

}  // namespace tenon::testing
