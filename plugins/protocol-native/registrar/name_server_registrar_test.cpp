// SPDX-License-Identifier: Apache-2.0
// The registrar against the name-server requests of this plug-in, over real sockets.
#include "protocol-native/registrar/name_server_registrar.hpp"

#include <gtest/gtest.h>

#include <future>

#include "protocol-native/namesrv/fake_route_table.hpp"
#include "protocol-native/testing/server_fixture.hpp"

namespace tenon::protocol_native {
namespace {

using namespace std::chrono_literals;

class RegistrarTest : public ServerFixture {
 protected:
  void SetUp() override {
    services.routes = &routes;
    open();
    registrar.start(host.net_.front(), HostAddress::parse("127.0.0.1:10911").value());
  }
  void TearDown() override {
    registrar.stop();
    ServerFixture::TearDown();
  }

  static BrokerRegistration registration_of(int topics) {
    BrokerRegistration out;
    out.cluster = "DefaultCluster";
    out.broker_name = "broker-a";
    out.broker_address = HostAddress::parse("127.0.0.1:10911").value();
    out.ha_address = HostAddress::parse("127.0.0.1:10912").value();
    out.version = {0, 1'700'000'000'000, 9};
    for (int index = 0; index < topics; ++index) {
      TopicConfig topic;
      topic.name = text("a_topic_with_a_rather_long_name_to_fill_the_body_", index);
      topic.read_queue_nums = 3;
      out.topics.push_back(std::make_shared<TopicConfig>(topic));
    }
    return out;
  }
  Status register_now(const std::string& name_server, const BrokerRegistration& registration,
                      std::chrono::milliseconds timeout = 10s) {
    std::promise<Status> outcome;
    registrar.register_broker(name_server, registration, timeout,
                              [&](const auto& answer) { outcome.set_value(answer ? Status{} : answer.error()); });
    return outcome.get_future().get();
  }
  std::string name_server() const { return address().to_string(); }

  FakeRouteTable routes;
  NameServerRegistrar registrar;
};

TEST_F(RegistrarTest, RegistersAllThatTheKernelSays) {
  const auto said = registration_of(3);
  const Status status = register_now(name_server(), said);
  ASSERT_TRUE(status) << status.error().message();
  const auto& got = routes.registrations.at(0);
  EXPECT_EQ(got.registration.cluster, "DefaultCluster");
  EXPECT_EQ(got.broker_address_text, "127.0.0.1:10911");
  EXPECT_EQ(got.ha_address_text, "127.0.0.1:10912");
  EXPECT_EQ(got.registration.version, said.version);
  ASSERT_EQ(got.registration.topics.size(), 3u);
  EXPECT_EQ(*got.registration.topics[2], *said.topics[2]);
}

TEST_F(RegistrarTest, ManyTopicsGoCompressed) {
  const auto said = registration_of(10'000);
  const Status status = register_now(name_server(), said);
  ASSERT_TRUE(status) << status.error().message();
  ASSERT_EQ(routes.registrations.at(0).registration.topics.size(), 10'000u);
  EXPECT_EQ(*routes.registrations[0].registration.topics[9'999], *said.topics[9'999]);
}

TEST_F(RegistrarTest, KeepsOneConnectionPerNameServer) {
  ASSERT_TRUE(register_now(name_server(), registration_of(2)));
  ASSERT_TRUE(register_now(name_server(), registration_of(2)));
  EXPECT_EQ(routes.registrations.at(0).channel, routes.registrations.at(1).channel);
  EXPECT_TRUE(routes.registrations[0].channel->is_open());
}

TEST_F(RegistrarTest, ConnectsAgainAfterTheNameServerClosed) {
  ASSERT_TRUE(register_now(name_server(), registration_of(2)));
  const auto first = routes.registrations.at(0).channel;
  first->close();
  // The end may be noticed before or after the next registration; the one after that has a new connection.
  Status status = register_now(name_server(), registration_of(2));
  if (!status) status = register_now(name_server(), registration_of(2));
  ASSERT_TRUE(status) << status.error().message();
  EXPECT_NE(routes.registrations.back().channel, first);
}

TEST_F(RegistrarTest, TakesHostNames) {
  const Status status = register_now(text("localhost:", address().port()), registration_of(2));
  EXPECT_TRUE(status) << status.error().message();
}

TEST_F(RegistrarTest, RefusalNobodyThereAndNonsenseAreErrors) {
  routes.refuse_registrations = true;
  const Status refused = register_now(name_server(), registration_of(1));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("register broker failed"), std::string::npos);
  EXPECT_FALSE(register_now("127.0.0.1:1", registration_of(1)));
  EXPECT_FALSE(register_now("no port", registration_of(1)));
  EXPECT_FALSE(register_now(":1", registration_of(1)));
}

TEST_F(RegistrarTest, ANameServerThatNeverAnswersTimesOut) {
  boost::asio::io_context silent;
  boost::asio::ip::tcp::acceptor acceptor(silent, {boost::asio::ip::address_v4::loopback(), 0});
  const Status status = register_now(text("127.0.0.1:", acceptor.local_endpoint().port()), registration_of(1), 100ms);
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().is(Errc::timed_out));
}

TEST_F(RegistrarTest, DoesNotWaitForItself) {
  boost::asio::io_context silent;
  boost::asio::ip::tcp::acceptor acceptor(silent, {boost::asio::ip::address_v4::loopback(), 0});
  const auto own = acceptor.local_endpoint();
  NameServerRegistrar starting;
  starting.start(host.net_.front(), address(), [&](const auto&, const auto& to) { return to == own; });
  std::promise<Result<std::string>> outcome;
  starting.find_master(text("localhost:", own.port()), "broker-a", 1h,
                       [&](const auto& found) { outcome.set_value(found); });
  const auto found = outcome.get_future().get();
  starting.stop();
  ASSERT_FALSE(found);
  EXPECT_TRUE(found.error().is(Errc::disconnected));
}

TEST_F(RegistrarTest, AServerKnowsWhatLeadsToIt) {
  const auto endpoint = [](const char* ip, std::uint16_t port) {
    return boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address(ip), port);
  };
  const auto port = address().port(), other = static_cast<std::uint16_t>(port + 1);
  EXPECT_TRUE(server->is_reached_by(endpoint("127.0.0.1", 1), endpoint("127.0.0.1", port)));
  EXPECT_FALSE(server->is_reached_by(endpoint("127.0.0.1", 1), endpoint("127.0.0.1", other)));
  EXPECT_FALSE(server->is_reached_by(endpoint("127.0.0.1", 1), endpoint("127.0.0.2", port)));
}

TEST_F(RegistrarTest, SaysWhenItIsToBeForgotten) {
  auto said = registration_of(2);
  ASSERT_TRUE(register_now(name_server(), said));
  EXPECT_EQ(routes.registrations.back().heartbeat_timeout, 120s) << "the name server's own";
  said.not_active_timeout = 20s;
  ASSERT_TRUE(register_now(name_server(), said));
  EXPECT_EQ(routes.registrations.back().heartbeat_timeout, 20s);
}

TEST_F(RegistrarTest, AsksWhetherItIsStillKnown) {
  const auto said = registration_of(0);
  const auto check = [&] {
    std::promise<Result<bool>> outcome;
    registrar.check_registration(name_server(), said, 10s, [&](const auto& current) { outcome.set_value(current); });
    return outcome.get_future().get();
  };
  routes.stored_version.reset();
  EXPECT_EQ(check().value(), false) << "forgotten";
  routes.stored_version = said.version;
  EXPECT_EQ(check().value(), true);
  routes.stored_version->counter++;
  EXPECT_EQ(check().value(), false) << "another version";
}

TEST_F(RegistrarTest, Unregisters) {
  std::promise<Status> outcome;
  registrar.unregister_broker(name_server(), registration_of(0), 10s,
                              [&](const Status& status) { outcome.set_value(status); });
  EXPECT_TRUE(outcome.get_future().get());
  EXPECT_EQ(routes.unregistered.at(0), "DefaultCluster broker-a 0 127.0.0.1:10911");
}

TEST_F(RegistrarTest, FindsTheMasterOfABrokerName) {
  const auto find = [this](const std::string& asked, std::string_view broker_name) {
    std::promise<Result<std::string>> outcome;
    registrar.find_master(asked, broker_name, 10s,
                          [&](Result<std::string> found) { outcome.set_value(std::move(found)); });
    return outcome.get_future().get();
  };
  routes.info.brokers["broker-a"] = {
      "DefaultCluster", "broker-a", {{0, "10.0.0.1:10911"}, {1, "10.0.0.2:10911"}}, false, {}};
  routes.info.brokers["broker-b"] = {"DefaultCluster", "broker-b", {{1, "10.0.0.3:10911"}}, false, {}};
  EXPECT_EQ(find(name_server(), "broker-a").value(), "10.0.0.1:10911");
  EXPECT_EQ(find(name_server(), "broker-b").value(), "") << "a slave alone";
  EXPECT_EQ(find(name_server(), "broker-c").value(), "");
  EXPECT_FALSE(find("127.0.0.1:1", "broker-a"));
}

TEST_F(RegistrarTest, FindsTheQueuesOfATopicAtWhomItSpokeTo) {
  const auto find = [this](std::string_view topic) {
    std::promise<Result<std::vector<QueueRoute>>> outcome;
    registrar.find_queues(topic, 10s, [&](const auto& found) { outcome.set_value(found); });
    return outcome.get_future().get();
  };
  routes.routes["Topic"].queues = {{"broker-a", 4, 4, 6, 0}, {"broker-b", 2, 3, 4, 0}};
  EXPECT_TRUE(find("Topic").error().is(Errc::disconnected)) << "nobody is known";
  ASSERT_TRUE(register_now(name_server(), registration_of(1)));
  EXPECT_FALSE(register_now("127.0.0.1:1", registration_of(1)));
  EXPECT_FALSE(register_now("[::1]:1", registration_of(1))) << "one that is asked first";
  const auto found = find("Topic");
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ(found->at(1).broker_name, "broker-b");
  EXPECT_EQ(found->at(1).read_queue_nums, 2);
  EXPECT_TRUE(find("Nowhere").error().is(Errc::topic_not_exist));
}

TEST_F(RegistrarTest, StopEndsWhatWaits) {
  boost::asio::io_context silent;
  boost::asio::ip::tcp::acceptor acceptor(silent, {boost::asio::ip::address_v4::loopback(), 0});
  std::promise<Status> outcome;
  registrar.register_broker(text("127.0.0.1:", acceptor.local_endpoint().port()), registration_of(1), 60s,
                            [&](const auto& answer) { outcome.set_value(answer ? Status{} : answer.error()); });
  registrar.stop();
  const Status status = outcome.get_future().get();
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().is(Errc::disconnected));
  EXPECT_FALSE(register_now(name_server(), registration_of(1)));
}

TEST(HostAndPortText, IsSplitAtTheLastColon) {
  EXPECT_EQ(split_host_and_port("[::1]:9876")->host, "::1");
  EXPECT_EQ(split_host_and_port("name:9876")->port, "9876");
  EXPECT_FALSE(split_host_and_port("name:"));
}

}  // namespace
}  // namespace tenon::protocol_native
