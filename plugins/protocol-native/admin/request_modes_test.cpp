// SPDX-License-Identifier: Apache-2.0
// How a group's consumers get the messages of a topic: 400, 401 and 402 over a socket. Bodies of 400 and 401:
// golden/wire/broker-5.4.0/java-5.4.0-pop.
#include <gmock/gmock.h>

#include "protocol-native/admin/admin_fixture.hpp"
#include "protocol-native/namesrv/fake_route_table.hpp"
#include "protocol-native/testing/fake_pop.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

constexpr std::string_view kSetPop =
    R"({"consumerGroup":"wire_pop_J540","mode":"POP","popShareQueueNum":0,"topic":"WirePop_J540"})";

class RequestModesTest : public AdminFixture {
 protected:
  void SetUp() override {
    AdminFixture::SetUp();
    services.routes = &routes;
    services.key_values = &key_values;
    services.pop = &pop;
    for (const auto& [topic, queues] : {std::pair("WirePop_J540", 4), std::pair("%RETRY%wire_pop_J540", 1)}) {
      routes.routes[topic].queues.push_back({"broker-a", queues, queues, 6, 0});
    }
    registry.consumers["wire_pop_J540"]["127.0.0.1@consumer"] = nullptr;
  }
  void TearDown() override {
    registry.consumers.clear();
    AdminFixture::TearDown();
  }
  ReceivedFrame call(RequestCode code, std::string_view body) {
    if (!server) open();
    RawClient client(address());
    return client.call(code, {}, body);
  }
  ReceivedFrame query(std::string_view topic, std::string_view model = "CLUSTERING") {
    return call(RequestCode::query_assignment,
                text(R"({"clientId":"127.0.0.1@consumer","consumerGroup":"wire_pop_J540","messageModel":")", model,
                     R"(","strategyName":"AVG","topic":")", topic, R"("})"));
  }
  static std::string assignment(std::string_view topic, std::string_view queues, std::string_view mode) {
    std::string body;
    for (const char id : queues) {
      body += text(body.empty() ? "" : ",", R"({"messageQueue":{"brokerName":"broker-a","queueId":)",
                   id == '*' ? "-1" : std::string(1, id), R"(,"topic":")", topic, R"("},"mode":")", mode, R"("})");
    }
    return text(R"({"messageQueueAssignments":[)", body, "]}");
  }

  FakeRouteTable routes;
  FakeKeyValues key_values;
  FakePop pop;
};

TEST_F(RequestModesTest, TheRecordedSessionHasTheRecordedAnswers) {
  const auto set = call(RequestCode::set_message_request_mode, kSetPop);
  EXPECT_EQ(set.code, 0);
  EXPECT_FALSE(set.has_fields);
  EXPECT_EQ(query("WirePop_J540").body, assignment("WirePop_J540", "*", "POP"));
  EXPECT_EQ(query("%RETRY%wire_pop_J540").body, assignment("%RETRY%wire_pop_J540", "0", "PULL"));
}

TEST_F(RequestModesTest, ABrokerWithoutRoutesAsksANameServer) {
  services.routes = nullptr;
  services.ask_queues = [this](std::string_view topic, const QueuesFound& found) {
    const auto route = routes.route_of(topic);
    if (!route) return found(route.error());
    found(route->queues);
  };
  routes.routes["WirePop_J540"].queues.push_back({"broker-b", 2, 2, 6, 0});
  EXPECT_EQ(query("WirePop_J540", "BROADCASTING").code, 0);
  EXPECT_THAT(query("WirePop_J540").body, ::testing::HasSubstr(R"("brokerName":"broker-b","queueId":1)"));
  call(RequestCode::set_message_request_mode, kSetPop);
  EXPECT_THAT(query("WirePop_J540").body, ::testing::HasSubstr(R"("brokerName":"broker-b","queueId":-1)"));
  EXPECT_EQ(query("Nowhere").code, 17);
}

TEST_F(RequestModesTest, AModeIsStoredWhole) {
  call(RequestCode::set_message_request_mode,
       R"({"consumerGroup":"wire_pop_J540","mode":"POP","popShareQueueNum":3,"topic":"WirePop_J540"})");
  ASSERT_EQ(pop.modes.size(), 1u);
  EXPECT_EQ(pop.modes[0].topic, "WirePop_J540");
  EXPECT_EQ(pop.modes[0].group, "wire_pop_J540");
  EXPECT_EQ(pop.modes[0].mode, MessageRequestMode::pop);
  EXPECT_EQ(pop.modes[0].pop_share_queue_num, 3);
}

TEST_F(RequestModesTest, PullingIsStoredToo) {
  EXPECT_EQ(call(RequestCode::set_message_request_mode, R"({"consumerGroup":"g","mode":"PULL","topic":"T"})").code, 0);
  ASSERT_EQ(pop.modes.size(), 1u);
  EXPECT_EQ(pop.modes[0].mode, MessageRequestMode::pull);
}

TEST_F(RequestModesTest, AModeIsStoredOnAThreadThatMayBlock) {
  boost::asio::io_context disk;
  const auto guard = boost::asio::make_work_guard(disk);
  host.disk_ = disk.get_executor();
  std::thread thread([&disk] { disk.run(); });
  const auto disk_thread = thread.get_id();
  EXPECT_EQ(call(RequestCode::set_message_request_mode, kSetPop).code, 0);
  EXPECT_EQ(pop.set_on, disk_thread);
  disk.stop();
  thread.join();
}

TEST_F(RequestModesTest, ErrorsAreMapped) {
  const std::pair<Errc, int> cases[] = {
      {Errc::topic_not_exist, 17}, {Errc::subscription_group_not_exist, 26}, {Errc::io, 1}};
  for (const auto& [error, code] : cases) {
    pop.refuse_with = Error(error, "why");
    const auto answer = call(RequestCode::set_message_request_mode, kSetPop);
    EXPECT_EQ(answer.code, code);
    EXPECT_EQ(answer.remark, "why");
  }
}

TEST_F(RequestModesTest, WhatCannotBeIsRefused) {
  EXPECT_EQ(call(RequestCode::set_message_request_mode,
                 R"({"consumerGroup":"wire_pop_J540","mode":"POP","topic":"%RETRY%wire_pop_J540"})")
                .code,
            16);
  EXPECT_EQ(call(RequestCode::set_message_request_mode, R"({"consumerGroup":"g","mode":"PUSH","topic":"T"})").code, 29);
  EXPECT_EQ(call(RequestCode::set_message_request_mode, "{").code, 13);
  EXPECT_TRUE(pop.modes.empty());
}

TEST_F(RequestModesTest, AllModesAreListedByTopicAndGroup) {
  pop.modes = {{"T", "g", MessageRequestMode::pop, 3},
               {"T", "a", MessageRequestMode::pull, 0},
               {"A", "g", MessageRequestMode::pop, -1}};
  EXPECT_EQ(
      call(RequestCode::get_all_message_request_mode, "").body,
      R"({"messageRequestModeMap":{"A":{"g":{"consumerGroup":"g","mode":"POP","popShareQueueNum":-1,"topic":"A"}},)"
      R"("T":{"a":{"consumerGroup":"a","mode":"PULL","popShareQueueNum":0,"topic":"T"},)"
      R"("g":{"consumerGroup":"g","mode":"POP","popShareQueueNum":3,"topic":"T"}}}})");
}

TEST_F(RequestModesTest, NeighboursShareTheirQueues) {
  for (const char* id : {"127.0.0.2@x", "127.0.0.3@x", "127.0.0.4@x"}) {
    registry.consumers["wire_pop_J540"][id] = nullptr;
  }
  pop.modes = {{"WirePop_J540", "wire_pop_J540", MessageRequestMode::pop, 1}};
  EXPECT_EQ(query("WirePop_J540").body, assignment("WirePop_J540", "01", "POP"));
}

TEST_F(RequestModesTest, OthersPull) {
  EXPECT_EQ(query("WirePop_J540").body, assignment("WirePop_J540", "0123", "PULL"));  // nothing was set
  pop.modes = {{"WirePop_J540", "wire_pop_J540", MessageRequestMode::pop, 0},
               {"%RETRY%wire_pop_J540", "wire_pop_J540", MessageRequestMode::pop, 0}};
  EXPECT_EQ(query("WirePop_J540", "BROADCASTING").body, assignment("WirePop_J540", "0123", "PULL"));
  EXPECT_EQ(query("%RETRY%wire_pop_J540").body, assignment("%RETRY%wire_pop_J540", "0", "PULL"));
}

TEST_F(RequestModesTest, ModesNeedNoNameServer) {
  services.routes = nullptr;
  EXPECT_EQ(call(RequestCode::set_message_request_mode, kSetPop).code, 0);
  EXPECT_EQ(call(RequestCode::get_all_message_request_mode, "").code, 0);
  EXPECT_EQ(query("WirePop_J540").code, 3);
}

TEST_F(RequestModesTest, WithoutThePlugInEverybodyPulls) {
  services.pop = nullptr;
  const auto refused = call(RequestCode::set_message_request_mode, kSetPop);
  EXPECT_EQ(refused.code, 3);
  EXPECT_EQ(refused.remark, "POP consumption is not supported by this broker");
  EXPECT_EQ(call(RequestCode::set_message_request_mode, R"({"consumerGroup":"g","mode":"PULL","topic":"T"})").code, 0);
  EXPECT_EQ(call(RequestCode::get_all_message_request_mode, "").body, R"({"messageRequestModeMap":{}})");
  EXPECT_EQ(query("WirePop_J540").body, assignment("WirePop_J540", "0123", "PULL"));
}

}  // namespace
}  // namespace tenon::protocol_native
