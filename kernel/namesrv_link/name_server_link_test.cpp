// SPDX-License-Identifier: Apache-2.0
#include "namesrv_link/name_server_link.hpp"

#include <optional>
#include <thread>
#include <utility>

#include "routing/test_broker.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

using test::BrokerTest;

/// A name server in the same process, as far as a broker sees it.
class LocalTable final : public RouteTable {
 public:
  Result<RegistrationAnswer> register_broker(const RegistrationAtNameServer& at_server) override {
    registered.push_back(at_server.registration);
    return RegistrationAnswer{};
  }
  void unregister_broker(std::string_view, std::string_view, std::int64_t, std::string_view address) override {
    unregistered.emplace_back(address);
  }
  std::optional<DataVersion> broker_heartbeat(std::string_view, std::string_view) override { return {}; }
  void channel_closed(const ClientChannel&) override {}
  Result<TopicRoute> route_of(std::string_view) const override { return TopicRoute{}; }
  ClusterInfo cluster_info() const override {
    ClusterInfo info;
    if (!master.empty()) info.brokers["broker-a"].addresses[0] = master;
    return info;
  }
  std::vector<std::string> topics(std::string_view) const override { return {}; }
  void remove_topic(std::string_view, std::string_view) override {}
  void put_topic(std::string_view, const std::vector<QueueRoute>&) override {}
  std::int32_t set_broker_writable(std::string_view, bool) override { return 0; }

  std::vector<BrokerRegistration> registered;
  std::vector<std::string> unregistered;
  std::string master;  ///< Of broker-a.
};

class NameServerLinkTest : public BrokerTest {
 protected:
  NameServerLinkTest() {
    config.name_servers = {"ns1:9876", "ns2:9876"};
    registrar.known_master = std::string("127.0.0.1:10911");  // this broker
  }

  /// A started link of the test's own, beside the broker's. Forgets what it registered at its start.
  NameServerLink& another_link(boost::asio::any_io_executor aside = {}) {
    another_.emplace(config, of<BrokerIdentity>(), of<Topics>(), role_, Logger("test"));
    another_->wire(&registrar, nullptr, std::move(aside));
    another_->start(time.run_every());
    registrar.registered.clear();
    return *another_;
  }

  /// A started link of an open broker with more topics than are encoded in passing: they are when disk_ runs.
  NameServerLink& link_of_many_topics() {
    open();
    std::vector<TopicConfig> topics(1'001);
    for (std::size_t number = 0; number < topics.size(); ++number) topics[number].name = text("T", number);
    of<Topics>().put_all(std::move(topics), [](const Status& status) { EXPECT_TRUE(status); });
    host.run();
    return another_link(disk_.get_executor());
  }

  /// A link, not started, of a broker that has begun as a slave and is promoted, or will be. What it says of another
  /// master is in said_.
  NameServerLink& link_of_slave(RouteTable* local = nullptr) {
    another_.emplace(config, of<BrokerIdentity>(), of<Topics>(), slave_role_, Logger("test"));
    another_->wire(&registrar, local);
    another_->other_master().on_changed([this](const std::string& address) { said_.push_back(address); });
    return *another_;
  }
  NameServerLink& link_of_promoted() {
    EXPECT_TRUE(slave_role_.promote(0));
    return link_of_slave();
  }

  RoleKeeper role_{0, Logger("test")}, slave_role_{1, Logger("test")};
  std::vector<std::string> said_;
  boost::asio::io_context disk_;
  test::ManualTime link_time_;  ///< For links that are not to run with the broker's own.

 private:
  std::optional<NameServerLink> another_;
};

TEST_F(NameServerLinkTest, RegistersAllTopicsEverywhereAtStart) {
  LocalTable local;
  services.provide<RouteTable>(local);
  open();
  ASSERT_EQ(registrar.registered.size(), 2u);
  const BrokerRegistration& first = registrar.registered[0].registration;
  EXPECT_EQ(registrar.registered[0].name_server, "ns1:9876");
  EXPECT_EQ(registrar.registered[1].name_server, "ns2:9876");
  EXPECT_TRUE(first.complete);
  EXPECT_EQ(first.topics.size(), of<Topics>().list().size());
  EXPECT_EQ(first.version, of<Topics>().version());
  EXPECT_EQ(first.broker_address.to_string(), "127.0.0.1:10911");
  EXPECT_EQ(first.ha_address.to_string(), "127.0.0.1:10912");
  ASSERT_EQ(local.registered.size(), 1u);
  ASSERT_TRUE(send("T"));
  ASSERT_EQ(local.registered.size(), 2u) << "a new topic is in the table before the send is answered";
  EXPECT_EQ(local.registered[1].topics.at(0)->name, "T");
}

TEST_F(NameServerLinkTest, NobodyWaitsForAServerThatIsKnownToBeAway) {
  registrar.answer = Status(Error(Errc::disconnected, "refused"));
  open();
  registrar.answer.reset();
  EXPECT_TRUE(send("T")) << "answered although no name server did";
  EXPECT_EQ(registrar.registered.size(), 4u) << "told all the same";
}

TEST_F(NameServerLinkTest, AServerThatIsAwayIsTriedAgainWithAllTopics) {
  registrar.answer = Status(Error(Errc::disconnected, "refused"));
  open();
  NameServerLink& link = another_link();
  registrar.answer = Status{};
  link.register_between_rounds();
  ASSERT_EQ(registrar.registered.size(), 2u);
  EXPECT_TRUE(registrar.registered[0].registration.complete);
  link.register_between_rounds();
  EXPECT_EQ(registrar.registered.size(), 2u) << "both are back";
}

TEST_F(NameServerLinkTest, RegistersAllTopicsAgainEveryThirtySeconds) {
  LocalTable local;
  services.provide<RouteTable>(local);
  open();
  ASSERT_TRUE(send("T"));
  registrar.registered.clear();
  local.registered.clear();
  time.advance(std::chrono::milliseconds(29'999));
  EXPECT_TRUE(registrar.registered.empty());
  time.advance(std::chrono::milliseconds(1));
  ASSERT_EQ(registrar.registered.size(), 2u);
  EXPECT_TRUE(registrar.registered[1].registration.complete);
  EXPECT_EQ(registrar.registered[1].registration.topics.size(), of<Topics>().list().size());
  EXPECT_EQ(local.registered.size(), 1u);
  time.advance(std::chrono::minutes(5));
  EXPECT_EQ(registrar.registered.size(), 22u);
}

TEST_F(NameServerLinkTest, ManyTopicsAreEncodedWhereNoClientWaits) {
  NameServerLink& link = link_of_many_topics();
  registrar.is_current = false;
  link.register_between_rounds();
  EXPECT_TRUE(registrar.registered.empty()) << "the answer came on a thread for sockets";
  disk_.run();
  ASSERT_EQ(registrar.registered.size(), 2u);
  EXPECT_GT(registrar.registered[0].registration.topics.size(), 1'000u);
  disk_.restart();
  link.register_between_rounds();
  link.drain(std::chrono::steady_clock::now());
  disk_.run();
  EXPECT_EQ(registrar.registered.size(), 2u) << "it has told of its end meanwhile";
}

TEST_F(NameServerLinkTest, HeartbeatsBesideABusyDiskMakeOneRegistrationAndNotOneEach) {
  NameServerLink& link = link_of_many_topics();
  registrar.is_current = false;
  for (int heartbeat = 0; heartbeat < 3; ++heartbeat) link.register_between_rounds();
  disk_.run();
  EXPECT_EQ(registrar.registered.size(), 2u) << "one for each name server";
  disk_.restart();
  link.register_between_rounds();
  disk_.run();
  EXPECT_EQ(registrar.registered.size(), 4u);
}

TEST_F(NameServerLinkTest, ARoundThatWaitedDoesNotTakeBackWhatWasRegisteredMeanwhile) {
  NameServerLink& link = link_of_many_topics();
  time.advance(std::chrono::seconds(30));
  link.register_writable(false);
  registrar.registered.clear();
  disk_.run();
  ASSERT_EQ(registrar.registered.size(), 2u);
  for (const auto& topic : registrar.registered[1].registration.topics) EXPECT_EQ(topic->perm & permission::write, 0);
}

TEST_F(NameServerLinkTest, ServersThatAreAwayAreTriedEveryFiveSeconds) {
  registrar.answer = Status(Error(Errc::disconnected, "refused"));
  open();
  registrar.registered.clear();
  time.advance(std::chrono::seconds(5));
  EXPECT_EQ(registrar.registered.size(), 2u);
  registrar.answer = Status{};
  time.advance(std::chrono::seconds(5));
  EXPECT_EQ(registrar.registered.size(), 4u);
  time.advance(std::chrono::seconds(15));
  EXPECT_EQ(registrar.registered.size(), 4u) << "both are back";
  time.advance(std::chrono::seconds(5));
  EXPECT_EQ(registrar.registered.size(), 6u) << "the round of thirty seconds";
}

TEST_F(NameServerLinkTest, SaysEveryFiveSecondsThatItLives) {
  open();
  EXPECT_EQ(registrar.registered.back().registration.not_active_timeout, std::chrono::seconds(20));
  registrar.registered.clear();
  time.advance(std::chrono::seconds(5));
  EXPECT_EQ(registrar.checked, (std::vector<std::string>{"ns1:9876", "ns2:9876"}));
  EXPECT_TRUE(registrar.registered.empty());
  registrar.is_current = false;  // they have forgotten it
  time.advance(std::chrono::seconds(5));
  ASSERT_EQ(registrar.registered.size(), 2u);
  EXPECT_TRUE(registrar.registered[0].registration.complete);
  registrar.is_current = Error(Errc::disconnected, "gone");
  time.advance(std::chrono::seconds(5));
  EXPECT_EQ(registrar.registered.size(), 4u) << "which tells whether it is away";
}

TEST_F(NameServerLinkTest, AnAnswerThatComesAfterTheEndRegistersNothing) {
  open();
  NameServerLink& link = another_link();
  registrar.while_checking = [&link] { link.drain(std::chrono::steady_clock::now()); };
  registrar.is_current = false;  // since it was unregistered
  link.register_between_rounds();
  EXPECT_EQ(registrar.unregistered.size(), 2u);
  EXPECT_TRUE(registrar.registered.empty()) << "clients would be led to a broker that ends";
  registrar.while_checking = nullptr;
}

/// It takes no messages yet, perhaps for as long as it looks through much of its log.
TEST_F(NameServerLinkTest, WhoIsBecomingTheMasterIsASlaveStill) {
  open();
  NameServerLink& link = link_of_slave();
  link.start(link_time_.run_every());
  registrar.registered.clear();
  slave_role_.when_master([this] {
    link_time_.advance(std::chrono::seconds(30));
    ASSERT_FALSE(registrar.registered.empty()) << "it would be forgotten, and consumers read here";
    for (const auto& said : registrar.registered) EXPECT_EQ(said.registration.broker_id, 1) << "producers would come";
  });
  ASSERT_TRUE(slave_role_.promote(0));
  link.register_all();
  EXPECT_EQ(registrar.registered.back().registration.broker_id, 0);
}

TEST_F(NameServerLinkTest, APromotedMasterThatMeetsAnotherOneSaysSo) {
  open();
  NameServerLink& link = link_of_promoted();
  link.start(time.run_every());
  registrar.registered.clear();
  link.register_between_rounds();
  EXPECT_TRUE(said_.empty());
  registrar.known_master = std::string("127.0.0.1:10931");
  link.register_between_rounds();
  link.register_between_rounds();
  EXPECT_EQ(registrar.registered.size(), 4u) << "it takes the place back";
  EXPECT_EQ(said_, std::vector<std::string>{"127.0.0.1:10931"}) << "of both name servers, and once";
  EXPECT_EQ(link.other_master().run({}).value(), R"({"address":"127.0.0.1:10931"})");
}

TEST_F(NameServerLinkTest, AnotherMasterThatRegistersEveryThirtySecondsIsSaidOnce) {
  open();
  NameServerLink& link = link_of_promoted();
  link.start(link_time_.run_every());
  for (int i = 0; i < 3; ++i) {
    link_time_.advance(std::chrono::seconds(25));
    EXPECT_EQ(said_.size(), i == 0 ? 0u : 1u);
    registrar.known_master = std::string("127.0.0.1:10931");
    link_time_.advance(std::chrono::seconds(5));  // a round, which must not hide it either
    EXPECT_EQ(said_, std::vector<std::string>{"127.0.0.1:10931"});
    registrar.known_master = std::string("127.0.0.1:10911");
  }
  link_time_.advance(std::chrono::seconds(30));
  EXPECT_EQ(said_.size(), 1u) << "it may be about to register";
  link_time_.advance(std::chrono::seconds(5));
  EXPECT_EQ(said_, (std::vector<std::string>{"127.0.0.1:10931", ""}));
}

TEST_F(NameServerLinkTest, AnotherMasterThatRegistersLessOftenThanThisOneIsWaitedForOnceThatIsKnown) {
  open();
  NameServerLink& link = link_of_promoted();
  link.start(link_time_.run_every());
  const std::vector<std::string> once = {"127.0.0.1:10931", "", "127.0.0.1:10931"};
  for (int i = 0; i < 5; ++i) {
    registrar.known_master = std::string("127.0.0.1:10931");
    link_time_.advance(std::chrono::seconds(5));
    EXPECT_EQ(said_, i == 0 ? std::vector<std::string>{"127.0.0.1:10931"} : once);
    registrar.known_master = std::string("127.0.0.1:10911");
    link_time_.advance(std::chrono::seconds(55));
  }
  link_time_.advance(std::chrono::seconds(10));
  EXPECT_EQ(link.other_master().address(), "") << "it has gone";
  link_time_.advance(std::chrono::hours(1));
  registrar.known_master = std::string("127.0.0.1:10931");
  link_time_.advance(std::chrono::seconds(5));
  registrar.known_master = std::string("127.0.0.1:10911");
  link_time_.advance(std::chrono::seconds(70));
  EXPECT_EQ(link.other_master().address(), "") << "an hour is no period";
}

TEST_F(NameServerLinkTest, APromotedMasterMeetsAnotherOneInItsOwnNameServer) {
  LocalTable local;
  open();
  config.name_servers.clear();
  NameServerLink& link = link_of_slave(&local);
  link.start(link_time_.run_every());
  local.master = "127.0.0.1:10931";
  ASSERT_TRUE(slave_role_.promote(0));
  link.register_between_rounds();
  EXPECT_EQ(link.other_master().address(), "") << "it was not told of the promotion";
  link.register_all();
  local.registered.clear();
  link.register_between_rounds();
  EXPECT_EQ(link.other_master().address(), "127.0.0.1:10931");
  EXPECT_EQ(local.registered.size(), 1u) << "it takes the place back";
  local.master = "127.0.0.1:10911";
  link_time_.advance(std::chrono::seconds(35));
  EXPECT_EQ(link.other_master().address(), "");
}

TEST_F(NameServerLinkTest, TheFormerMasterIsNoOtherOneForANameServerThatWasNotToldYet) {
  open();
  NameServerLink& link = link_of_promoted();
  registrar.answer.reset();
  registrar.registered.clear();
  link.start(time.run_every());
  registrar.known_master = std::string("127.0.0.1:10931");
  link.register_between_rounds();
  EXPECT_EQ(link.other_master().address(), "") << "the registration is under way";
  for (const auto& call : std::exchange(registrar.registered, {})) call.done(Status{});
  link.register_between_rounds();
  EXPECT_EQ(link.other_master().address(), "127.0.0.1:10931");
}

TEST_F(NameServerLinkTest, WhatANameServerSaidOfAnotherMasterEndsWithIt) {
  open();
  NameServerLink& link = link_of_promoted();
  link.start(time.run_every());
  registrar.known_master = std::string("127.0.0.1:10931");
  link.register_between_rounds();
  EXPECT_EQ(link.other_master().address(), "127.0.0.1:10931");
  registrar.answer = Status(Error(Errc::disconnected, "refused"));
  registrar.known_master = Error(Errc::disconnected, "refused");
  link.register_all();
  time.advance(std::chrono::seconds(45));
  EXPECT_EQ(link.other_master().address(), "");
}

TEST_F(NameServerLinkTest, AnEndBeforeTheStartRegistersNothing) {
  open();
  registrar.registered.clear();
  NameServerLink link(config, of<BrokerIdentity>(), of<Topics>(), role_, Logger("test"));
  link.wire(&registrar, nullptr);
  link.start([&](std::chrono::milliseconds period, std::function<void()> work) {
    link.drain(std::chrono::steady_clock::now());  // of a client that is served already
    return time.run_every()(period, std::move(work));
  });
  time.advance(std::chrono::seconds(35));
  EXPECT_EQ(registrar.registered.size(), 2u) << "the round of the broker's own link";
  link.announce({}, {}, [] {});
  EXPECT_EQ(registrar.registered.size(), 2u);
}

/// Does something, once, when it is asked for the address of this broker, which is what a registration is made of.
struct ActsMeanwhile final : BrokerIdentity {
  explicit ActsMeanwhile(const BrokerIdentity& of) : broker(of) {}
  std::string_view cluster() const noexcept override { return broker.cluster(); }
  std::string_view broker_name() const noexcept override { return broker.broker_name(); }
  std::int64_t broker_id() const noexcept override { return broker.broker_id(); }
  std::int64_t boot_timestamp_ms() const noexcept override { return broker.boot_timestamp_ms(); }
  HostAddress advertised_address() const override {
    if (const auto act = std::exchange(meanwhile, nullptr)) act();
    return broker.advertised_address();
  }

  const BrokerIdentity& broker;
  mutable std::function<void()> meanwhile;
};

TEST_F(NameServerLinkTest, AnEndDuringTheFirstRegistrationIsTheLastThatIsSaid) {
  LocalTable local;
  open();
  registrar.registered.clear();
  ActsMeanwhile identity(of<BrokerIdentity>());
  NameServerLink link(config, identity, of<Topics>(), role_, Logger("test"));
  link.wire(&registrar, &local);
  identity.meanwhile = [&link] { link.drain(std::chrono::steady_clock::now()); };
  link.start(time.run_every());
  EXPECT_EQ(registrar.unregistered.size(), 2u);
  EXPECT_EQ(local.unregistered.size(), 1u);
  EXPECT_TRUE(registrar.registered.empty()) << "after the end of this broker";
  EXPECT_TRUE(local.registered.empty());
}

TEST_F(NameServerLinkTest, WhoDrainsSecondWaitsForTheFirst) {
  open();
  ActsMeanwhile identity(of<BrokerIdentity>());
  NameServerLink link(config, identity, of<Topics>(), role_, Logger("test"));
  link.wire(&registrar, nullptr);
  link.start(time.run_every());
  std::size_t told_before_the_second = 0;
  std::thread second;
  identity.meanwhile = [&] {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(10);
    link.drain(deadline);
    EXPECT_GE(std::chrono::steady_clock::now(), deadline) << "the first is not done";
    second = std::thread([&] {
      link.drain(std::chrono::steady_clock::now() + std::chrono::minutes(10));
      told_before_the_second = registrar.unregistered.size();
    });
  };
  link.drain(std::chrono::steady_clock::now() + std::chrono::minutes(10));
  second.join();
  EXPECT_EQ(told_before_the_second, 2u);
}

TEST_F(NameServerLinkTest, AServerThatIsAwayIsToldOfTheEndToo) {
  open();
  NameServerLink& link = another_link();
  registrar.answer = Status(Error(Errc::disconnected, "refused"));
  link.register_all();
  registrar.answer.reset();
  link.register_all();  // under way
  link.drain(std::chrono::steady_clock::now());
  EXPECT_EQ(registrar.unregistered.size(), 2u);
}

TEST_F(NameServerLinkTest, AMasterThatNoNameServerKnowsAsOneRegistersAgain) {
  open();
  registrar.registered.clear();
  registrar.known_master = std::string();  // another broker has taken the place, and has gone
  time.advance(std::chrono::seconds(5));
  ASSERT_EQ(registrar.registered.size(), 2u);
  EXPECT_TRUE(registrar.registered[0].registration.complete);
}

TEST_F(NameServerLinkTest, WhoIsNotTheMasterAnyMoreDoesNotSayThatItIs) {
  open();
  of<BrokerRole>().fence("another one is elected");
  registrar.registered.clear();
  registrar.is_current = false;
  time.advance(std::chrono::seconds(35));
  EXPECT_TRUE(registrar.registered.empty());
  broker->drain(std::chrono::steady_clock::now());
  EXPECT_TRUE(registrar.unregistered.empty()) << "a name server of RocketMQ 4 would take the other one out";
}

TEST_F(NameServerLinkTest, APeriodThatIsNoMultipleOfTheRetriesIsKept) {
  config.register_name_server_period = std::chrono::seconds(12);
  open();
  registrar.registered.clear();
  time.advance(std::chrono::seconds(11));
  EXPECT_TRUE(registrar.registered.empty());
  time.advance(std::chrono::seconds(1));
  EXPECT_EQ(registrar.registered.size(), 2u);
}

TEST_F(NameServerLinkTest, OneServerThatIsAwayDoesNotKeepTheOtherFromBeingWaitedFor) {
  registrar.answer.reset();
  open();
  registrar.registered[0].done(Error(Errc::timed_out, "away"));
  registrar.registered[1].done(Status{});
  EXPECT_TRUE(send("T").error().is(Errc::timed_out));
  registrar.registered[3].done(Error(Errc::timed_out, "away now, too"));
  host.run();
  EXPECT_EQ(producer->outcomes.size(), 1u) << "a time-out is logged, and the send is answered";
}

TEST_F(NameServerLinkTest, TellsEverybodyOfTheEndAndSaysNothingAfterIt) {
  LocalTable local;
  services.provide<RouteTable>(local);
  open();
  broker->drain(std::chrono::steady_clock::now() + std::chrono::seconds(5));
  EXPECT_EQ(registrar.unregistered.size(), 2u);
  EXPECT_EQ(local.unregistered, std::vector<std::string>{"127.0.0.1:10911"});
  const std::size_t before = registrar.registered.size();
  TopicConfig late;
  late.name = "Late";
  bool done = false;
  of<Topics>().put(late, [&](const Status& status) { done = status.has_value(); });
  host.run();
  EXPECT_TRUE(done);
  EXPECT_EQ(registrar.registered.size(), before);
  EXPECT_EQ(local.registered.size(), 1u);
}

}  // namespace
}  // namespace tenon::kernel
