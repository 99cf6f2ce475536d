// SPDX-License-Identifier: Apache-2.0
// A name server, a master and a slave as processes of their own.
#include <gmock/gmock.h>

#include <csignal>

#include "command_run.hpp"
#include "fastjson/reader.hpp"
#include "message_requests.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "replicated_brokers.hpp"
#include "tenon/text.hpp"
#include "text_file.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using protocol_native::SamplePull;
using remoting::RequestCode;

class ReplicationTest : public ::testing::Test {
 protected:
  void send(const BrokerProcess& broker, int from, int to) {
    RawClient client(broker.address());
    for (int number = from; number < to; ++number) {
      const auto sent = send_message(client, "T", std::to_string(number));
      ASSERT_EQ(sent.code, 0) << sent.remark.value_or("");
    }
  }
  static std::vector<std::string> bodies(const BrokerProcess& broker) {
    RawClient client(broker.address());
    std::vector<std::string> all;
    for (const PulledMessage& message : all_messages(client, "T")) all.push_back(message.body);
    return all;
  }
  static std::vector<std::string> numbers(int to) {
    std::vector<std::string> all;
    for (int number = 0; number < to; ++number) all.push_back(std::to_string(number));
    return all;
  }
  static bool may_be_promoted(const BrokerProcess& slave) {
    const auto answer = admin_command(slave.address(), "ha.promote", R"({"check":true})");
    for (const auto& check : answer.find("checks")->elements()) {
      if (!check.bool_or("passed", false)) return false;
    }
    return true;
  }

  BrokerProcess name_server_{{.config = kNameServer}};
  BrokerProcess master_{replicated_broker(name_server_.address(), 0)};
};

TEST_F(ReplicationTest, ASlaveServesReadsRefusesWritesAndTakesOver) {
  send(master_, 0, 20);
  BrokerProcess slave(replicated_broker(name_server_.address(), 1));
  ASSERT_TRUE(becomes_true([&] { return has_everything(slave.address()); }));
  EXPECT_EQ(bodies(slave), numbers(20));
  {
    RawClient client(slave.address());
    const auto refused = send_message(client, "T", "no");
    EXPECT_EQ(refused.code, 14);
    EXPECT_THAT(refused.remark.value_or(""), ::testing::HasSubstr("is a slave"));
    EXPECT_EQ(pull_messages(client, "T", 100).field("nextBeginOffset"), "100") << "never back";
    EXPECT_THROW(admin_command(master_.address(), "ha.promote"), std::runtime_error);
  }
  EXPECT_FALSE(may_be_promoted(slave)) << "the master lives";
  master_.end(SIGKILL);
  EXPECT_EQ(bodies(slave), numbers(20));
  ASSERT_TRUE(becomes_true([&] { return may_be_promoted(slave); }));
  EXPECT_TRUE(admin_command(slave.address(), "ha.promote").bool_or("promoted", false));
  send(slave, 20, 30);
  EXPECT_THROW(master_.start_again(), std::runtime_error) << "there is another master";
  slave.start_again();
  send(slave, 30, 40);
  EXPECT_EQ(bodies(slave), numbers(40));

  master_.set("broker.id=2");
  master_.start_again();
  ASSERT_TRUE(becomes_true([&] { return has_everything(master_.address()) && has_a_slave_in_sync(slave.address()); }));
  EXPECT_EQ(bodies(master_), numbers(40));
}

TEST_F(ReplicationTest, WhatIsSetAndCommittedIsAtTheSlaveToo) {
  send(master_, 0, 5);
  BrokerProcess slave(replicated_broker(name_server_.address(), 1));
  ASSERT_TRUE(becomes_true([&] { return has_everything(slave.address()); }));
  RawClient at_master(master_.address()), at_slave(slave.address());
  ASSERT_EQ(pull_messages(at_master, "T", 0).code, 0);  // makes the group
  for (int round = 1; round <= 3; ++round) {            // each after the slave has taken what was there before
    const std::string queues = std::to_string(4 + round), offset = std::to_string(round);
    ASSERT_EQ(put_topic(at_master, "T", {.queues = queues, .order = "true"}).code, 0);
    ASSERT_EQ(at_master
                  .call(RequestCode::update_consumer_offset,
                        {{"consumerGroup", "readers"}, {"topic", "T"}, {"queueId", "0"}, {"commitOffset", offset}})
                  .code,
              0);
    EXPECT_TRUE(becomes_true([&] {
      const auto known = at_slave.call(
          RequestCode::query_consumer_offset,
          {{"consumerGroup", "readers"}, {"topic", "T"}, {"queueId", "0"}, {"setZeroIfNotFound", "false"}});
      const auto topic = fastjson::parse(at_slave.call(RequestCode::get_topic_config, {{"topic", "T"}}).body);
      return known.field("offset") == offset && topic && topic->bool_or("order", false) &&
             topic->i64_or("readQueueNums", 0) == 4 + round;
    }));
  }
}

TEST_F(ReplicationTest, AReaderThatWaitsAtASlaveIsWoken) {
  send(master_, 0, 1);
  BrokerProcess slave(replicated_broker(name_server_.address(), 1));
  ASSERT_TRUE(becomes_true([&] { return has_everything(slave.address()); }));
  RawClient client(slave.address());
  const SamplePull pull{.offset = "1", .sys_flag = "6", .hold_ms = "15000"};
  const auto opaque = client.send(RequestCode::pull_message, fields_of(pull));
  send(master_, 1, 2);
  const auto answer = client.next_answer(opaque);
  ASSERT_TRUE(answer);
  // Found, or told to ask the master when it came too late for the second that a slave holds a reader.
  EXPECT_THAT(answer->code, ::testing::AnyOf(0, 19));
}

TEST_F(ReplicationTest, TwoThatWerePromotedSayThatTheyAreTwoAndNothingIsCutSilently) {
  send(master_, 0, 5);
  BrokerProcess first(replicated_broker(name_server_.address(), 1));
  // Soon sure that the other one has gone.
  BrokerProcess second(replicated_broker(name_server_.address(), 2, {"broker.register_name_server_period=5s"}));
  ASSERT_TRUE(becomes_true([&] { return has_everything(first.address()) && has_everything(second.address()); }));
  master_.end(SIGKILL);
  for (const BrokerProcess* promoted : {&first, &second})
    EXPECT_TRUE(admin_command(promoted->address(), "ha.promote", R"({"force":true})").bool_or("promoted", false));
  send(first, 50, 53);
  send(second, 5, 7);

  const auto other_of = [](const BrokerProcess& broker) {
    return admin_command(broker.address(), "broker.other-master").text_or("address", "");
  };
  EXPECT_TRUE(becomes_true([&] { return other_of(first) == second.address().to_string(); }));
  EXPECT_TRUE(becomes_true([&] { return other_of(second) == first.address().to_string(); }));
  const CommandRun status = run_tenon({"ha", "status", "-n", name_server_.address().to_string()});
  EXPECT_THAT(status.output, ::testing::HasSubstr("ANOTHER MASTER"));
  for (const BrokerProcess* one : {&first, &second})
    EXPECT_THAT(status.output, ::testing::HasSubstr(text(" at ", one->address()))) << "both, with their epochs";

  first.end(SIGTERM);  // it was promoted first: its epoch is the lower one
  first.set("broker.id=3");
  first.start_again();
  ASSERT_TRUE(becomes_true([&] { return has_everything(first.address()); }));
  EXPECT_EQ(bodies(first), numbers(7));
  const fastjson::Value cut = ha_status(first.address());
  ASSERT_NE(cut.find("lastDivergence"), nullptr);
  EXPECT_NE(cut.find("lastDivergence")->text_or("savedAs", ""), "");
  EXPECT_TRUE(becomes_true([&] { return other_of(second).empty(); }));
}

TEST_F(ReplicationTest, ADrainedSlaveIsNotPromoted) {
  BrokerProcess slave(replicated_broker(name_server_.address(), 1));
  ASSERT_TRUE(becomes_true([&] { return has_everything(slave.address()); }));
  const std::string address = slave.address().to_string();
  EXPECT_EQ(run_tenon({"ha", "drain", "-b", address, "--now"}).code, 0);
  const CommandRun refused = run_tenon({"ha", "promote", "-b", address, "--force"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.errors, ::testing::HasSubstr("restart it"));
  EXPECT_THROW(admin_command(slave.address(), "ha.promote", R"({"force":true})"), std::runtime_error);
}

TEST_F(ReplicationTest, ItsLogNamesSlavesAndTwoOfOneId) {
  BrokerProcess one(replicated_broker(name_server_.address(), 1)), twin(replicated_broker(name_server_.address(), 1));
  ASSERT_TRUE(becomes_true([&] { return has_everything(one.address()) && has_everything(twin.address()); }));
  const std::string log = text_of_file(master_.directory() / "log");
  EXPECT_THAT(log, ::testing::HasSubstr("slave 1 at "));
  EXPECT_THAT(log, ::testing::HasSubstr("another slave with broker id 1 is connected"));
}

TEST_F(ReplicationTest, TheStatusSaysWhatAnElectionWaitsForAndNobodyElsePromotes) {
  const BrokerProcess slave(replicated_broker(
      name_server_.address(), 1,
      {"plugins.ha.replication=sync", "plugins.election-etcd.endpoints=http://127.0.0.1:1"}));  // nobody is there
  const std::string address = slave.address().to_string();
  EXPECT_TRUE(becomes_true([&] {
    const CommandRun status = run_tenon({"ha", "status", "-b", address});
    return status.output.find("waiting for etcd: http://127.0.0.1:1") != std::string::npos;
  }));
  const CommandRun refused = run_tenon({"ha", "promote", "-b", address, "--force"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.errors, ::testing::HasSubstr("an election decides"));
}

TEST_F(ReplicationTest, TheStatusSaysThatOnlyTheLogIsCopied) {
  BrokerProcess slave(replicated_broker(name_server_.address(), 1));
  slave.set("broker.name_servers=");  // who the master is for clients, it cannot know then
  slave.set(text("plugins.ha.master=", master_.replication_address()));
  slave.start_again();
  EXPECT_TRUE(becomes_true([&] {
    const CommandRun status = run_tenon({"ha", "status", "-b", slave.address().to_string()});
    return status.output.find("follows") != std::string::npos &&
           status.output.find("not taken from the master: no master is registered") != std::string::npos;
  }));
}

TEST_F(ReplicationTest, AnElectionThatCouldLoseWhatIsAcknowledgedDoesNotStart) {
  const auto why_not = [&](int id, std::vector<std::string> settings) -> std::string {
    settings.emplace_back("plugins.election-etcd.endpoints=http://127.0.0.1:1");
    try {
      const BrokerProcess broker(replicated_broker(name_server_.address(), id, std::move(settings)));
      return "it started";
    } catch (const std::runtime_error& failed) {
      return failed.what();
    }
  };
  EXPECT_THAT(why_not(1, {}), ::testing::HasSubstr("replication is not \"sync\""));
  EXPECT_THAT(why_not(1, {"plugins.ha.replication=sync", "plugins.ha.in_sync_replicas=3"}),
              ::testing::HasSubstr("more than members"));
  EXPECT_THAT(why_not(0, {"plugins.ha.replication=sync"}), ::testing::HasSubstr("broker.id is 0"));
}

TEST_F(ReplicationTest, ASlaveDoesNotFollowItself) {
  BrokerProcess slave(replicated_broker(name_server_.address(), 1));
  const std::string own = slave.replication_address().to_string();
  slave.set(text("plugins.ha.listen=", own));
  slave.set(text("plugins.ha.master=", own));
  try {
    slave.start_again();
    ADD_FAILURE() << "it started";
  } catch (const std::runtime_error& failed) {
    EXPECT_THAT(failed.what(), ::testing::HasSubstr("which is this broker itself"));
  }
}

TEST_F(ReplicationTest, ASlaveDoesNotAskItselfForTheLogOfItsMaster) {
  BrokerProcess slave(replicated_broker(name_server_.address(), 1));
  const std::string own = slave.address().to_string();
  slave.set(text("plugins.native.listen=", own));
  slave.set("plugins.ha.master=127.0.0.1:1");
  slave.set(text("plugins.ha.master_broker=", own));
  try {
    slave.start_again();
    ADD_FAILURE() << "it started";
  } catch (const std::runtime_error& failed) {
    EXPECT_THAT(failed.what(), ::testing::HasSubstr("master_broker is " + own + ", which is this broker itself"));
  }
}

TEST_F(ReplicationTest, ToolsSayWhatIsNoBrokerOfTenon) {
  for (const char* command : {"status", "promote", "drain"}) {
    const CommandRun run = run_tenon({"ha", command, "-b", name_server_.address().to_string()});
    EXPECT_EQ(run.code, 1) << command;
    EXPECT_THAT(run.errors, ::testing::HasSubstr("name servers and brokers other than Tenon's")) << command;
    EXPECT_EQ(run_tenon({"ha", command, "-b", "nonsense"}).code, 2) << command;
  }
  EXPECT_EQ(run_tenon({"ha", "status", "-n", "127.0.0.1:9876;nonsense"}).code, 2);
  EXPECT_EQ(run_tenon({"ha", "drain", "-b", master_.address().to_string(), "--now", "--cancel"}).code, 2);
}

TEST(ReplicationSettings, WhatPromisesNothingIsRefused) {
  const std::string file = ::testing::TempDir() + "replication-settings.toml";
  std::ofstream(file) << replicated_broker({}, 0).config;
  const auto complaints = [&](const std::vector<std::string>& settings) {
    std::vector<std::string> words{"config", "check", "-c", file};
    for (const std::string& setting : settings) words.insert(words.end(), {"--set", "plugins.ha." + setting});
    const CommandRun run = run_tenon(words);
    EXPECT_EQ(run.code, run.errors.empty() ? 0 : 2);
    return run.errors;
  };
  const std::string sync = "replication=sync";
  EXPECT_EQ(complaints({sync, "in_sync_replicas=3", "acknowledge=flushed", "master=there:10912"}), "");
  EXPECT_THAT(complaints({sync, "in_sync_replicas=1"}), ::testing::HasSubstr("waits for nobody"));
  EXPECT_THAT(complaints({"in_sync_replicas=2"}), ::testing::HasSubstr("waits for nobody"));
  EXPECT_THAT(complaints({"acknowledge=flushed"}), ::testing::HasSubstr("waits for nobody"));
  EXPECT_THAT(complaints({sync, "in_sync_replicas=3", "max_connections=1"}), ::testing::HasSubstr("fewer slaves"));
  EXPECT_THAT(complaints({"heartbeat_interval=15s"}), ::testing::HasSubstr("twice heartbeat_interval"));
  EXPECT_THAT(complaints({sync, "max_gap_not_in_sync=1KiB"}), ::testing::HasSubstr("at least 1MiB"));
  for (const char* nowhere : {"advertise=0.0.0.0:10912", "advertise=[::]:10912", "advertise=10.0.0.5:0"})
    EXPECT_THAT(complaints({nowhere}), ::testing::HasSubstr("that slaves can dial")) << nowhere;
  for (const char* master : {"master=there", "master=:1", "master=there:x", "master=there:70000"})
    EXPECT_THAT(complaints({master}), ::testing::HasSubstr("expected host:port")) << master;
  std::filesystem::remove(file);
}

TEST_F(ReplicationTest, ADrainedBrokerLeaves) {
  send(master_, 0, 1);
  EXPECT_TRUE(admin_command(master_.address(), "broker.drain", R"({"action":"begin"})").bool_or("draining", false));
  RawClient client(master_.address());
  EXPECT_EQ(send_message(client, "T", "no").code, 16);
  EXPECT_TRUE(admin_command(master_.address(), "broker.drain", R"({"action":"leave"})").bool_or("left", false));
  EXPECT_EQ(RawClient(name_server_.address()).call(RequestCode::get_routeinfo_by_topic, {{"topic", "T"}}).code, 17);
}

/// Two brokers that both must have what is acknowledged.
class SynchronousReplicationTest : public ::testing::Test {
 protected:
  static protocol_native::ReceivedFrame put_fifo_topic(RawClient& client, std::string_view topic,
                                                       std::string_view queues) {
    return put_topic(client, topic, {.queues = queues, .attributes = "+message.type=FIFO"});
  }
  void SetUp() override {
    ASSERT_TRUE(
        becomes_true([&] { return has_everything(slave_.address()) && has_a_slave_in_sync(master_.address()); }));
  }

  static inline const std::vector<std::string> kSettings{"plugins.ha.replication=sync", "plugins.ha.in_sync_replicas=2",
                                                         "plugins.delay.type=delay"};
  BrokerProcess name_server_{{.config = kNameServer}};
  BrokerProcess master_{replicated_broker(name_server_.address(), 0, kSettings)};
  BrokerProcess slave_{replicated_broker(name_server_.address(), 1, kSettings)};
};

TEST_F(SynchronousReplicationTest, AHeldPullIsAnsweredWhenTheSlaveHasTheMessage) {
  RawClient producer(master_.address()), consumer(master_.address());
  ASSERT_EQ(send_message(producer, "T", "0").code, 0);
  for (int number = 1; number < 20; ++number) {
    const std::string offset = std::to_string(number);
    const SamplePull pull{.offset = offset, .sys_flag = "6", .hold_ms = "15000"};
    const auto opaque = consumer.send(RequestCode::pull_message, fields_of(pull));
    ASSERT_EQ(send_message(producer, "T", offset).code, 0);
    const auto answer = consumer.next_answer(opaque);
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->code, 0) << "when it was not woken, its time is over first";
    ASSERT_EQ(messages_of(*answer).at(0).body, offset);
  }
  ASSERT_EQ(send_message(producer, "T", "delayed", "1", "DELAY\0011\2").code, 0);
  EXPECT_TRUE(becomes_true([&] { return all_messages(consumer, "T", "1").size() == 1; }));
}

TEST_F(SynchronousReplicationTest, WithoutASlaveConsumersWaitAndTheStatusSaysWhy) {
  RawClient client(master_.address());
  ASSERT_EQ(send_message(client, "T", "safe").code, 0);
  slave_.end(SIGKILL);
  ASSERT_TRUE(becomes_true([&] { return !has_a_slave_in_sync(master_.address()); }));
  EXPECT_EQ(send_message(client, "T", "alone").code, 11) << "SLAVE_NOT_AVAILABLE";
  EXPECT_EQ(all_messages(client, "T").size(), 1U);
  EXPECT_EQ(client.call(RequestCode::get_max_offset, {{"topic", "T"}, {"queueId", "0"}}).field("offset"), "1");
  EXPECT_TRUE(becomes_true([&] { return !ha_status(master_.address()).text_or("consumersWaitBecause", "").empty(); }));
  slave_.start_again();
  EXPECT_TRUE(becomes_true([&] { return all_messages(client, "T").size() == 2; }));
  EXPECT_TRUE(becomes_true([&] { return ha_status(master_.address()).text_or("consumersWaitBecause", "-").empty(); }));
}

TEST_F(SynchronousReplicationTest, ProduceFailsWhereNoSlaveConfirms) {
  const std::vector<std::string> produce{"produce", "-n", name_server_.address().to_string(), "-t", "T", "-m", "x"};
  ASSERT_TRUE(becomes_true([&] { return run_tenon(produce).code == 0; }));
  slave_.end(SIGKILL);
  ASSERT_TRUE(becomes_true([&] { return !has_a_slave_in_sync(master_.address()); }));
  const CommandRun alone = run_tenon(produce);
  EXPECT_EQ(alone.code, 1);
  EXPECT_THAT(alone.output, ::testing::StartsWith("SLAVE_NOT_AVAILABLE "));
  EXPECT_THAT(alone.errors, ::testing::HasSubstr("1 of 1 messages are stored, but not as safe"));
}

TEST_F(SynchronousReplicationTest, AChangeThatIsAnsweredIsAtTheSlave) {
  RawClient at_master(master_.address()), at_slave(slave_.address());
  const auto topic_at_slave = [&](std::string_view topic) {
    return fastjson::parse(at_slave.call(RequestCode::get_topic_config, {{"topic", topic}}).body);
  };
  for (int round = 1; round <= 30; ++round) {
    const std::string queues = std::to_string(round);
    ASSERT_EQ(put_fifo_topic(at_master, "Changed", queues).code, 0);
    const auto topic = topic_at_slave("Changed");
    ASSERT_TRUE(topic);
    ASSERT_EQ(topic->i64_or("readQueueNums", 0), round);
    ASSERT_EQ(topic->find("attributes")->text_or("message.type", ""), "FIFO");
    const std::string group = text(R"({"groupName":"changed","retryMaxTimes":)", queues, "}");
    ASSERT_EQ(at_master.call(RequestCode::update_and_create_subscriptiongroup, {}, group).code, 0);
    const auto known = at_slave.call(RequestCode::get_subscriptiongroup_config, {{"group", "changed"}});
    ASSERT_EQ(fastjson::parse(known.body)->i64_or("retryMaxTimes", 0), round);
  }
  // A topic with messages is not made again of them.
  ASSERT_EQ(send_message(at_master, "Changed", "x").code, 0);
  ASSERT_EQ(at_master.call(RequestCode::delete_topic_in_broker, {{"topic", "Changed"}}).code, 0);
  ASSERT_EQ(at_master.call(RequestCode::delete_subscriptiongroup, {{"groupName", "changed"}}).code, 0);
  ASSERT_EQ(put_fifo_topic(at_master, "Last", "7").code, 0);
  master_.end(SIGKILL);
  admin_command(slave_.address(), "ha.promote", R"({"force":true})");
  EXPECT_FALSE(topic_at_slave("Changed"));
  EXPECT_NE(at_slave.call(RequestCode::get_subscriptiongroup_config, {{"group", "changed"}}).code, 0);
  EXPECT_EQ(topic_at_slave("Last")->i64_or("writeQueueNums", 0), 7);
  const auto alone = put_fifo_topic(at_slave, "Last", "8");
  EXPECT_EQ(alone.code, 11) << "SLAVE_NOT_AVAILABLE";
  EXPECT_THAT(alone.remark.value_or(""), ::testing::HasSubstr("the change is made here"));
  EXPECT_EQ(topic_at_slave("Last")->i64_or("writeQueueNums", 0), 8);
}

TEST_F(SynchronousReplicationTest, ATopicAsYoungAsItsFirstMessageIsThereAfterAFailover) {
  std::vector<std::string> topics;
  {
    RawClient client(master_.address());
    for (int number = 0; number < 5; ++number) {
      topics.push_back(text("Young", number));
      ASSERT_EQ(send_message(client, topics.back(), "first", "1").code, 0);
    }
  }
  master_.end(SIGKILL);
  admin_command(slave_.address(), "ha.promote", R"({"force":true})");
  RawClient client(slave_.address());
  for (const std::string& topic : topics) {
    EXPECT_EQ(all_messages(client, topic, "1").size(), 1U) << topic;
    EXPECT_EQ(send_message(client, topic, "second", "1").code, 11) << "stored, and no slave follows";
    EXPECT_TRUE(becomes_true([&] {
      return RawClient(name_server_.address()).call(RequestCode::get_routeinfo_by_topic, {{"topic", topic}}).code == 0;
    }));
  }
}

/// Both have crashed, and whoever comes back first becomes the master with what it has: its log, in which the messages
/// of a deleted topic lie, and its topics.
class AfterACrashOfBoth : public SynchronousReplicationTest {
 protected:
  void make_and_delete(std::string_view topic) {
    RawClient client(master_.address());
    ASSERT_EQ(send_message(client, topic, "deleted with it").code, 0);
    ASSERT_EQ(client.call(RequestCode::delete_topic_in_broker, {{"topic", topic}}).code, 0);
  }
  void send_to(std::string_view topic) {
    RawClient client(master_.address());
    ASSERT_EQ(send_message(client, topic, "first", "1").code, 0);
  }
  void crash() {
    master_.end(SIGKILL);
    slave_.end(SIGKILL);
  }
  static void lead_alone(BrokerProcess& broker) {
    broker.start_again();
    admin_command(broker.address(), "ha.promote", R"({"force":true})");
  }
  static bool has_topic(const BrokerProcess& broker, std::string_view topic) {
    return RawClient(broker.address()).call(RequestCode::get_topic_config, {{"topic", topic}}).code == 0;
  }
  static std::filesystem::path topics_of(const BrokerProcess& broker) {
    return broker.directory() / "data/config/topics.json";
  }
};

TEST_F(AfterACrashOfBoth, ADeletedTopicStaysDeleted) {
  send_to("Stays");
  make_and_delete("Gone");
  crash();
  lead_alone(slave_);
  EXPECT_TRUE(has_topic(slave_, "Stays"));
  EXPECT_FALSE(has_topic(slave_, "Gone"));
  slave_.end(SIGKILL);
  master_.set("broker.id=2");
  lead_alone(master_);
  EXPECT_TRUE(has_topic(master_, "Stays"));
  EXPECT_FALSE(has_topic(master_, "Gone"));
}

TEST_F(AfterACrashOfBoth, ATopicThatTheTableLacksIsMadeOfItsMessages) {
  make_and_delete("Gone");
  make_and_delete("Again");
  const std::string table = text_of_file(topics_of(slave_));
  send_to("Young");
  send_to("Again");
  crash();
  std::ofstream(topics_of(slave_)) << table;  // the crash came before the table with these two was there
  lead_alone(slave_);
  EXPECT_FALSE(has_topic(slave_, "Gone"));
  EXPECT_TRUE(has_topic(slave_, "Young"));
  EXPECT_TRUE(has_topic(slave_, "Again"));
}

TEST_F(AfterACrashOfBoth, AMasterSinceItsStartMakesATopicThatItsTableLacks) {
  make_and_delete("Gone");
  const std::string table = text_of_file(topics_of(slave_));
  send_to("Young");
  crash();
  std::ofstream(topics_of(slave_)) << table;
  slave_.set("broker.id=0");
  slave_.start_again();
  EXPECT_TRUE(has_topic(slave_, "Young"));
  EXPECT_FALSE(has_topic(slave_, "Gone"));
}

/// As RocketMQ writes it, and Tenon did: nothing that was acknowledged may be without its topic.
TEST_F(AfterACrashOfBoth, ATableThatDoesNotSayWhatItCoversMayLackAnyTopic) {
  const std::string before = text_of_file(topics_of(slave_));
  send_to("Young");
  crash();
  std::string table = before;
  const auto begin = table.find("\"tenonCoveredLog\""), end = table.find("},", begin) + 2;
  ASSERT_NE(begin, std::string::npos);
  std::ofstream(topics_of(slave_)) << table.erase(begin, end - begin);
  lead_alone(slave_);
  EXPECT_TRUE(has_topic(slave_, "Young"));
}

}  // namespace
}  // namespace tenon::e2e
