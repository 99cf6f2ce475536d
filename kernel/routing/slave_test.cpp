// SPDX-License-Identifier: Apache-2.0
// A broker as the slave of another: what it refuses, what it takes over, what becomes of it when it is promoted.
#include <filesystem>
#include <fstream>

#include "routing/recording_replication.hpp"
#include "routing/test_broker.hpp"
#include "tenon/admin_command.hpp"
#include "tenon/append_listener.hpp"
#include "tenon/broker_identity.hpp"
#include "tenon/broker_role.hpp"
#include "tenon/message_delivery.hpp"
#include "tenon/metadata_copy.hpp"
#include "tenon/replication.hpp"

namespace tenon::kernel {
namespace {

class SlaveTest : public test::BrokerTest {
 protected:
  SlaveTest() {
    config.id = 1;
    config.name = "broker-a";
    config.name_servers = {"ns1:9876"};
    registrar.said = {"10.0.0.1:10911", "10.0.0.1:10912", {}};
  }
  void open_slave() {
    services.provide<Replication>(replication);
    services.provide<AppendListener>(listener, "test");
    open();
    host.run();
  }
  /// The next process over the same data.
  void reopen() {
    broker->drain(std::chrono::steady_clock::now());
    broker->stop();
    services.clear();
    open_slave();
  }
  void take_topic(std::string name) {
    const PhysicalOffset log_end = store.status().max_physical_offset;
    ASSERT_TRUE(of<MetadataCopy>().take_topics({test::topic_named(std::move(name))}, {0, 1, ++version_}, {log_end}));
  }

  /// A message that replication has put into the log, and that a failover could still take away.
  void receive_unconfirmed() {
    ASSERT_TRUE(store.set_readable_end(store.status().max_physical_offset));
    Message message;
    message.topic = "T";
    ASSERT_TRUE(store.append(message));
  }
  void confirm_everything() {
    ASSERT_TRUE(store.set_readable_end(store.status().max_physical_offset));
    host.run();
  }
  std::uint64_t wait_at(std::int64_t offset) {
    PullRequest request = pull_request("g", "T", offset);
    request.suspend_timeout = std::chrono::seconds(15);
    const std::uint64_t token = start_pull(request);
    host.run();
    return token;
  }

  test::RecordingReplication replication;
  test::ShownToListener listener;
  std::int64_t version_ = 0;
};

TEST_F(SlaveTest, FollowsTheMasterThatTheNameServersKnow) {
  open_slave();
  EXPECT_FALSE(of<BrokerRole>().is_master());
  EXPECT_EQ(of<BrokerRole>().master(), (MasterAddresses{"10.0.0.1:10911", "10.0.0.1:10912", true}));
  EXPECT_EQ(replication.followed, std::vector<std::string>{"10.0.0.1:10912"});
  const BrokerRegistration& said = registrar.registered.at(0).registration;
  EXPECT_EQ(said.broker_id, 1);
  EXPECT_EQ(said.ha_address.to_string(), "127.0.0.1:20912");
  registrar.said = {};
  time.advance(std::chrono::seconds(5));
  EXPECT_TRUE(of<BrokerRole>().master().broker.empty()) << "asked again every five seconds";
}

TEST_F(SlaveTest, LooksForAMasterEverySecondWhileItHasNone) {
  registrar.said = {};
  open_slave();
  registrar.registered.clear();
  time.advance(std::chrono::seconds(2));
  EXPECT_EQ(registrar.looked, 2);
  EXPECT_TRUE(registrar.registered.empty()) << "nobody was found";
  registrar.known_master = std::string("10.0.0.1:10911");
  registrar.said = {"10.0.0.1:10911", "10.0.0.1:10912", {}};
  time.advance(std::chrono::seconds(2));
  EXPECT_EQ(registrar.looked, 3) << "it has one";
  host.run();
  EXPECT_EQ(replication.followed, std::vector<std::string>{"10.0.0.1:10912"});
}

TEST_F(SlaveTest, TakesNoMessagesTopicsOrGroups) {
  open_slave();
  take_topic("T");
  const auto sent = send("T");
  ASSERT_FALSE(sent);
  EXPECT_TRUE(sent.error().is(Errc::service_not_available));
  EXPECT_NE(sent.error().message().find("is a slave"), std::string::npos);
  Message message;
  message.topic = "T";
  EXPECT_TRUE(of<MessageDelivery>().deliver(message, {}).has_error());
  Status made;
  of<Topics>().put(test::topic_named("U"), [&](const Status& status) { made = status; });
  EXPECT_TRUE(made.has_error());
  SubscriptionGroupConfig group;
  group.name = "g";
  EXPECT_TRUE(of<Groups>().put(group).has_error());
  EXPECT_TRUE(of<Groups>().find_or_create("g")) << "as good as there";
  EXPECT_FALSE(of<Groups>().find("g"));
}

TEST_F(SlaveTest, TakesOverWhatTheMasterHas) {
  open_slave();
  take_topic("T");
  take_topic("U");
  EXPECT_FALSE(of<Topics>().find("T")) << "the master does not have it any more";
  EXPECT_TRUE(of<Topics>().find("U"));
  EXPECT_TRUE(of<Topics>().find("TBW102")) << "built in";
  EXPECT_EQ(of<Topics>().version(), (DataVersion{0, 1, 2}));
  SubscriptionGroupConfig group;
  group.name = "g";
  group.retry_max_times = 3;
  ASSERT_TRUE(of<MetadataCopy>().take_groups({group}, {0, 1, 1}));
  EXPECT_EQ(of<Groups>().find("g")->retry_max_times, 3);
  ASSERT_TRUE(of<ConsumerOffsets>().commit("mine", "U", 0, {4}));
  ASSERT_TRUE(of<MetadataCopy>().take_offsets({{"g", "U", {{0, {9}}}}}));
  EXPECT_EQ(of<ConsumerOffsets>().find("g", "U", 0), QueueOffset{9});
  EXPECT_EQ(of<ConsumerOffsets>().find("mine", "U", 0), QueueOffset{4});
}

TEST_F(SlaveTest, WhatWasTakenIsOnTheDiskBeforeTheMasterIsToldSo) {
  open_slave();
  const auto file = [this](const char* name) {
    std::ifstream in(directory.path() / "config" / name);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  take_topic("T");
  EXPECT_NE(file("topics.json").find("\"T\""), std::string::npos);
  SubscriptionGroupConfig group;
  group.name = "g";
  ASSERT_TRUE(of<MetadataCopy>().take_groups({group}, {0, 1, 1}));
  EXPECT_NE(file("subscriptionGroup.json").find("\"g\""), std::string::npos);
}

TEST_F(SlaveTest, WhatCouldNotBeWrittenIsTakenAgain) {
  open_slave();
  const std::filesystem::path files = directory.path() / "config";
  std::ofstream(files) << "where the directory would be made";
  SubscriptionGroupConfig group;
  group.name = "g";
  const auto take = [&] {
    Status topics = of<MetadataCopy>().take_topics({test::topic_named("T")}, {0, 1, 7}, {{0}});
    const Status groups = of<MetadataCopy>().take_groups({group}, {0, 1, 7});
    EXPECT_EQ(topics.has_value(), groups.has_value());
    return topics;
  };
  const Status refused = take();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::io));
  std::filesystem::remove(files);
  EXPECT_TRUE(take()) << "the same version";
  EXPECT_GT(std::filesystem::file_size(files / "topics.json"), 0U);
}

TEST_F(SlaveTest, ADeletionTakesNothingOfTheTopicThatWasMadeAgain) {
  open_slave();
  take_topic("T");
  const auto arrive = [this](std::int32_t queue_id) {
    Message message;
    message.topic = "T";
    message.queue_id = queue_id;
    return store.append(message)->physical_end;
  };
  const PhysicalOffset before_the_master_was_asked = arrive(0);
  arrive(1);  // of the new T, faster than the answer
  ASSERT_TRUE(of<MetadataCopy>().take_topics({}, {0, 1, ++version_}, {before_the_master_was_asked}));
  EXPECT_FALSE(of<Topics>().find("T")) << "so said the master";
  take_topic("T");
  EXPECT_EQ(store.bounds("T", 0).max, QueueOffset{0});
  EXPECT_EQ(store.bounds("T", 1).max, QueueOffset{1});
}

TEST_F(SlaveTest, ReadersStayWhereTheyAreAndAreWokenByTheLog) {
  registrar.said = {};  // the master is away
  open_slave();
  take_topic("T");
  const auto arrive = [this] {
    Message message;
    message.topic = "T";
    ASSERT_TRUE(store.append(message)) << "as replication does it: nobody tells the kernel";
  };
  arrive();
  PullRequest ahead = pull_request("g", "T", 2);
  const auto& at_once = outcome(start_pull(ahead));
  EXPECT_EQ(at_once->status, PullStatus::not_found) << "the master may have it";
  EXPECT_EQ(at_once->read.next_queue_offset, QueueOffset{2});
  ahead.suspend_timeout = std::chrono::seconds(15);
  const std::uint64_t waiting = start_pull(ahead);
  arrive();
  time.advance(std::chrono::milliseconds(100));
  host.run();
  EXPECT_FALSE(consumer->outcomes.contains(waiting)) << "that was number 1";
  arrive();
  time.advance(std::chrono::milliseconds(100));
  host.run();
  EXPECT_EQ(outcome(waiting)->status, PullStatus::found);
}

TEST_F(SlaveTest, ServesNoReadsWhenItIsACopyOnly) {
  config.slave_read = false;
  open_slave();
  take_topic("T");
  const auto& refused = outcome(start_pull(pull_request("g", "T", 0)));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::busy));
}

TEST_F(SlaveTest, BecomesTheMaster) {
  open_slave();
  take_topic("T");
  int begun = 0;
  of<BrokerRole>().when_master([&] { ++begun; });
  EXPECT_EQ(begun, 0);
  const auto epoch = of<BrokerRole>().promote(5);
  ASSERT_TRUE(epoch);
  EXPECT_EQ(*epoch, 6);
  EXPECT_EQ(begun, 1);
  EXPECT_TRUE(of<BrokerRole>().is_master());
  EXPECT_EQ(of<BrokerIdentity>().broker_id(), 0);
  EXPECT_EQ(registrar.registered.back().registration.broker_id, 0);
  EXPECT_TRUE(send("T"));
  EXPECT_TRUE(of<MetadataCopy>().take_topics({}, {}, {}).has_error());
  of<BrokerRole>().when_master([&] { ++begun; });
  EXPECT_EQ(begun, 2) << "at once";
}

TEST_F(SlaveTest, AReaderOfWhatTheOldMasterSentIsWokenWhenItIsConfirmed) {
  open_slave();
  take_topic("T");
  receive_unconfirmed();
  ASSERT_TRUE(of<BrokerRole>().promote(0));
  const std::uint64_t token = wait_at(0);
  EXPECT_FALSE(answered(token));
  listener.shown.clear();
  confirm_everything();
  ASSERT_TRUE(answered(token));
  EXPECT_EQ(outcome(token)->status, PullStatus::found);
  EXPECT_EQ(listener.shown, std::vector{QueueOffset{0}});
  ASSERT_TRUE(send("T"));
  confirm_everything();
  EXPECT_EQ(listener.shown, (std::vector{QueueOffset{0}, QueueOffset{1}})) << "nothing else is inherited";
}

TEST_F(SlaveTest, AReaderOfWhatAMasterHadBeforeItsStartIsWokenWhenItIsConfirmed) {
  config.id = 0;
  open_slave();
  ASSERT_TRUE(send("T"));
  receive_unconfirmed();
  reopen();
  const std::uint64_t token = wait_at(1);
  EXPECT_FALSE(answered(token));
  listener.shown.clear();
  confirm_everything();
  ASSERT_TRUE(answered(token));
  EXPECT_EQ(outcome(token)->status, PullStatus::found);
  EXPECT_EQ(listener.shown, std::vector{QueueOffset{1}});
}

TEST_F(SlaveTest, APromotionByHandLasts) {
  open_slave();
  ASSERT_TRUE(of<BrokerRole>().promote_for_good());
  EXPECT_TRUE(std::filesystem::exists(directory.path() / "config/promoted"));
  reopen();
  EXPECT_TRUE(of<BrokerRole>().is_master());
  EXPECT_EQ(of<BrokerIdentity>().broker_id(), 0);
  EXPECT_TRUE(send("T"));
}

TEST_F(SlaveTest, AnotherIdMakesASlaveOfWhoWasPromotedByHand) {
  open_slave();
  ASSERT_TRUE(of<BrokerRole>().promote_for_good());
  config.id = 2;
  reopen();
  EXPECT_FALSE(of<BrokerRole>().is_master());
  config.id = 1;
  reopen();
  EXPECT_FALSE(of<BrokerRole>().is_master()) << "that is over";
}

TEST_F(SlaveTest, AnyOtherPromotionEndsWithTheProcess) {
  open_slave();
  ASSERT_TRUE(of<BrokerRole>().promote(0));
  reopen();
  EXPECT_FALSE(of<BrokerRole>().is_master());
}

TEST_F(SlaveTest, NobodyPromotesByHandWhereAnElectionDecides) {
  open_slave();
  of<BrokerRole>().hold_until(LeaseClock::now());
  const auto refused = of<BrokerRole>().promote_for_good();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(Errc::illegal_operation));
  EXPECT_EQ(of<BrokerIdentity>().broker_id(), 1);
  ASSERT_TRUE(of<BrokerRole>().promote(0));
  EXPECT_FALSE(send("T")) << "without the right";
}

TEST_F(SlaveTest, OneThatIsBeingDrainedIsNotPromoted) {
  open_slave();
  for (const char* action : {"begin", "leave"}) {
    ASSERT_TRUE(of<AdminCommand>().run(text(R"({"action":")", action, R"("})")));
    EXPECT_TRUE(of<BrokerRole>().promote(0).error().is(Errc::illegal_operation));
  }
  const auto unwritable = directory.path() / "config/promoted/x";  // refused before anything is kept
  std::filesystem::create_directories(unwritable);
  EXPECT_TRUE(of<BrokerRole>().promote_for_good().error().is(Errc::illegal_operation)) << "nobody would hear of it";
  std::filesystem::remove_all(unwritable.parent_path());
  reopen();
  EXPECT_FALSE(of<BrokerRole>().is_master());
  EXPECT_TRUE(of<BrokerRole>().promote_for_good());
}

TEST_F(SlaveTest, APromotionThatFailsIsForgotten) {
  open_slave();
  replication.refuse = true;
  EXPECT_FALSE(of<BrokerRole>().promote_for_good());
  reopen();
  EXPECT_FALSE(of<BrokerRole>().is_master());
}

TEST_F(SlaveTest, AMasterBeginsOnceNobodyElseIsFoundToBeOne) {
  config.id = 0;
  services.provide<Replication>(replication);
  load();
  bool begun = false;
  of<BrokerRole>().when_master([&] {
    begun = true;
    EXPECT_EQ(replication.epochs.size(), 1U) << "what it stores belongs to an epoch";
  });
  EXPECT_FALSE(begun);
  EXPECT_TRUE(replication.epochs.empty());
  broker->start();
  EXPECT_TRUE(begun);
  EXPECT_TRUE(send("T"));
  EXPECT_TRUE(registrar.registered.empty()) << "it serves nobody yet";
  broker->serve();
  EXPECT_FALSE(registrar.registered.empty());
}

TEST_F(SlaveTest, AMasterDoesNotStartBesideAnother) {
  config.id = 0;
  registrar.known_master = std::string("10.0.0.1:10911");
  EXPECT_THROW(open_slave(), Failure);
  EXPECT_TRUE(registrar.registered.empty());
  EXPECT_TRUE(replication.epochs.empty()) << "it never was the master";
  EXPECT_FALSE(send("T")) << "nothing is acknowledged meanwhile";
  registrar.known_master = std::string("127.0.0.1:10911");
  reopen();
  EXPECT_TRUE(send("T")) << "that was this one, before";
}

TEST_F(SlaveTest, AMasterThatFindsAnotherEnds) {
  config.id = 0;
  open_slave();
  ASSERT_TRUE(send("T"));
  registrar.registered.clear();
  registrar.known_master = std::string("10.0.0.1:10911");
  time.advance(std::chrono::seconds(30));
  EXPECT_TRUE(registrar.registered.empty()) << "it would hide the other";
  const auto refused = send("T");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("another master of broker-a, at 10.0.0.1:10911"), std::string::npos)
      << refused.error().message();
}

TEST_F(SlaveTest, OneThatWasPromotedLooksForNobody) {
  open_slave();
  ASSERT_TRUE(of<BrokerRole>().promote_for_good());
  registrar.known_master = std::string("10.0.0.1:10911");
  time.advance(std::chrono::seconds(30));
  EXPECT_TRUE(send("T")) << "the other one is older, and ends";
}

TEST_F(SlaveTest, OneThatWasPromotedTakesItsPlaceBack) {
  open_slave();
  ASSERT_TRUE(of<BrokerRole>().promote(0));
  registrar.registered.clear();
  registrar.known_master = std::string("127.0.0.1:10911");
  time.advance(std::chrono::seconds(5));
  EXPECT_TRUE(registrar.registered.empty());
  registrar.known_master = std::string("10.0.0.1:10911");  // what the old master had said before came late
  time.advance(std::chrono::seconds(5));
  ASSERT_FALSE(registrar.registered.empty());
  EXPECT_EQ(registrar.registered[0].registration.broker_id, 0);
}

TEST_F(SlaveTest, WhetherANameServerAnswersIsKnown) {
  registrar.answer = Status(Error(Errc::timed_out, "away"));
  open_slave();
  EXPECT_FALSE(of<BrokerRole>().master().heard);
  registrar.answer = Status{};
  time.advance(std::chrono::seconds(5));
  EXPECT_TRUE(of<BrokerRole>().master().heard);
}

TEST_F(SlaveTest, StaysASlaveWhenReplicationCannotBegin) {
  open_slave();
  replication.refuse = true;
  EXPECT_TRUE(of<BrokerRole>().promote(0).has_error());
  EXPECT_FALSE(of<BrokerRole>().is_master());
  replication.refuse = false;
  EXPECT_TRUE(of<BrokerRole>().promote(0));
}

TEST_F(SlaveTest, AMasterDoesNotStartWhenSomethingCannotBegin) {
  config.id = 0;
  services.provide<Replication>(replication);
  load();
  of<BrokerRole>().when_master([] { throw Failure(Error(Errc::io, "no file")); });
  EXPECT_THROW(broker->start(), Failure);
  EXPECT_FALSE(send("T"));
}

TEST_F(SlaveTest, TakesNothingWhenSomethingCannotBegin) {
  open_slave();
  of<BrokerRole>().when_master([] { throw Failure(Error(Errc::io, "no file")); });
  EXPECT_TRUE(of<BrokerRole>().promote(0).has_error());
  EXPECT_FALSE(of<BrokerRole>().is_master());
  EXPECT_FALSE(send("T"));
}

TEST_F(SlaveTest, AMasterThatIsFencedOrRunsOutAcknowledgesNothing) {
  config.id = 0;
  open_slave();
  ASSERT_TRUE(send("T"));
  of<BrokerRole>().hold_until(LeaseClock::now() + std::chrono::hours(1));
  ASSERT_TRUE(send("T"));
  of<BrokerRole>().hold_until(LeaseClock::now());
  EXPECT_FALSE(send("T"));
  of<BrokerRole>().hold_until(LeaseClock::now() + std::chrono::hours(1));
  ASSERT_TRUE(send("T"));
  of<BrokerRole>().fence("the election was lost");
  const auto refused = send("T");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("the election was lost"), std::string::npos);
}

TEST_F(SlaveTest, IsNotPromotedWhileItEnds) {
  open_slave();
  bool began = false;
  of<BrokerRole>().when_master([&] { began = true; });
  broker->drain(std::chrono::steady_clock::now());
  EXPECT_TRUE(of<BrokerRole>().promote(1).error().is(Errc::shutting_down));
  EXPECT_FALSE(began);
  EXPECT_FALSE(of<BrokerRole>().is_master());
}

}  // namespace
}  // namespace tenon::kernel
