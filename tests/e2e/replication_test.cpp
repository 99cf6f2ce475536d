// SPDX-License-Identifier: Apache-2.0
// A name server, a master and a slave as processes of their own.
#include <gmock/gmock.h>

#include <csignal>

#include "message_requests.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "replicated_brokers.hpp"
#include "tenon/text.hpp"

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

TEST_F(ReplicationTest, ADrainedBrokerLeaves) {
  send(master_, 0, 1);
  EXPECT_TRUE(admin_command(master_.address(), "broker.drain", R"({"action":"begin"})").bool_or("draining", false));
  RawClient client(master_.address());
  EXPECT_EQ(send_message(client, "T", "no").code, 16);
  EXPECT_TRUE(admin_command(master_.address(), "broker.drain", R"({"action":"leave"})").bool_or("left", false));
  EXPECT_EQ(RawClient(name_server_.address()).call(RequestCode::get_routeinfo_by_topic, {{"topic", "T"}}).code, 17);
}

}  // namespace
}  // namespace tenon::e2e
