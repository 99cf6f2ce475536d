// SPDX-License-Identifier: Apache-2.0
// The requests of a name server over a socket. Golden bodies: broker-4.9.7-register and broker-5.4.0-register.
#include <gmock/gmock.h>

#include "protocol-native/namesrv/fake_route_table.hpp"
#include "protocol-native/testing/server_fixture.hpp"
#include "remoting/zlib_stream.hpp"

namespace tenon::protocol_native {
namespace {

using remoting::RequestCode;

constexpr std::string_view kBody540 =
    R"({"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"stateVersion":0,"timestamp":1795264110355},"mappingDataVersion":{"counter":0,"stateVersion":0,"timestamp":1795264110370},"topicConfigTable":{"WireProducer_Register":{"attributes":{},"order":false,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"WireProducer_Register","topicSysFlag":0,"writeQueueNums":4}},"topicQueueMappingDetailMap":{},"topicQueueMappingInfoMap":{}}})";
constexpr std::string_view kCrc540 = "1296128601";

class NameServerRequests : public ServerFixture {
 protected:
  void SetUp() override {
    services.routes = &routes;
    services.key_values = &key_values;
    TopicRoute route;
    route.queues.push_back({"broker-a", 4, 4, 6, 0});
    route.brokers.push_back({"DefaultCluster", "broker-a", {{0, "127.0.0.1:20210"}}, false, "z1"});
    routes.routes["T"] = route;
    routes.info.brokers["broker-a"] = route.brokers[0];
    routes.info.clusters["DefaultCluster"] = {"broker-a"};
    open();
  }

  ReceivedFrame register_with(std::string_view crc, std::string_view body) {
    RawClient broker(address());
    return broker.call(RequestCode::register_broker,
                       {{"brokerId", "0"},
                        {"bodyCrc32", crc},
                        {"clusterName", "DefaultCluster"},
                        {"brokerAddr", "127.0.0.1:20210"},
                        {"enableActingMaster", "false"},
                        {"haServerAddr", "127.0.0.1:20211"},
                        {"compressed", "false"},
                        {"brokerName", "broker-a"}},
                       body);
  }

  FakeRouteTable routes;
  FakeKeyValues key_values;
};

TEST_F(NameServerRequests, RegistrationOfAJavaBrokerArrivesWhole) {
  const auto answer = register_with(kCrc540, kBody540);
  EXPECT_EQ(answer.code, 0) << answer.remark.value_or("");
  ASSERT_EQ(routes.registrations.size(), 1u);
  const auto& got = routes.registrations[0];
  EXPECT_EQ(got.broker_address_text, "127.0.0.1:20210");
  EXPECT_EQ(got.ha_address_text, "127.0.0.1:20211");
  EXPECT_EQ(got.registration.broker_name, "broker-a");
  EXPECT_EQ(got.registration.version.counter, 1);
  EXPECT_EQ(got.enable_acting_master, false);
  EXPECT_FALSE(got.registration.complete);
  ASSERT_EQ(got.registration.topics.size(), 1u);
  EXPECT_EQ(got.registration.topics[0]->name, "WireProducer_Register");
  EXPECT_NE(got.channel, nullptr);
}

TEST_F(NameServerRequests, WrongChecksumAndBrokenBodiesAreRefused) {
  EXPECT_EQ(register_with("1", kBody540).remark, "crc32 not match");
  EXPECT_EQ(register_with("0", kBody540.substr(0, 60)).code, 1);
  EXPECT_EQ(register_with("0", "").code, 0);
  ASSERT_EQ(routes.registrations.size(), 1u);
  EXPECT_TRUE(routes.registrations[0].registration.topics.empty());
}

TEST_F(NameServerRequests, RefusalIsCode1WithItsText) {
  routes.refuse_registrations = true;
  const auto answer = register_with(kCrc540, kBody540);
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.remark, "register broker failed");
}

TEST_F(NameServerRequests, SlaveLearnsMasterAndOrderTopics) {
  routes.answer = {"127.0.0.1:20210", "127.0.0.1:20211", {{"WireVerbFifo", "broker-a:2"}}};
  const auto answer = register_with(kCrc540, kBody540);
  EXPECT_EQ(answer.field("masterAddr"), "127.0.0.1:20210");
  EXPECT_EQ(answer.field("haServerAddr"), "127.0.0.1:20211");
  EXPECT_EQ(answer.body, R"({"table":{"WireVerbFifo":"broker-a:2"}})");
}

TEST_F(NameServerRequests, MissingFieldIsAnErrorNotACrash) {
  RawClient client(address());
  for (const auto code : {RequestCode::register_broker, RequestCode::unregister_broker, RequestCode::query_data_version,
                          RequestCode::broker_heartbeat, RequestCode::get_routeinfo_by_topic,
                          RequestCode::get_broker_member_group, RequestCode::wipe_write_perm_of_broker,
                          RequestCode::delete_topic_in_namesrv, RequestCode::get_topics_by_cluster}) {
    EXPECT_EQ(client.call(code, {}).code, 29) << static_cast<int>(code);
  }
  EXPECT_EQ(client.call(RequestCode::put_kv_config, {{"namespace", "n"}}).code, 1);
}

TEST_F(NameServerRequests, Unregister) {
  RawClient client(address());
  EXPECT_EQ(client
                .call(RequestCode::unregister_broker, {{"brokerId", "0"},
                                                       {"clusterName", "DefaultCluster"},
                                                       {"brokerAddr", "127.0.0.1:20210"},
                                                       {"brokerName", "broker-a"}})
                .code,
            0);
  EXPECT_THAT(routes.unregistered, testing::ElementsAre("DefaultCluster broker-a 0 127.0.0.1:20210"));
}

TEST_F(NameServerRequests, DataVersionIsComparedAndShown) {
  RawClient client(address());
  const auto ask = [&] {
    return client.call(RequestCode::query_data_version,
                       {{"brokerId", "0"}, {"clusterName", "C"}, {"brokerAddr", "a:1"}, {"brokerName", "b"}},
                       R"({"counter":0,"stateVersion":0,"timestamp":1795266586870})");
  };
  const auto unknown = ask();
  EXPECT_EQ(unknown.field("changed"), "true");
  EXPECT_EQ(unknown.body, "");
  routes.stored_version = DataVersion{0, 1795266586870, 0};
  const auto same = ask();
  EXPECT_EQ(same.field("changed"), "false");
  EXPECT_EQ(same.body, R"({"counter":0,"stateVersion":0,"timestamp":1795266586870})");
}

TEST_F(NameServerRequests, RoutesAndTheirAbsence) {
  RawClient client(address());
  EXPECT_EQ(
      client.call(RequestCode::get_routeinfo_by_topic, {{"topic", "T"}}).body,
      R"({"brokerDatas":[{"brokerAddrs":{"0":"127.0.0.1:20210"},"brokerName":"broker-a","cluster":"DefaultCluster","enableActingMaster":false,"zoneName":"z1"}],"filterServerTable":{},"queueDatas":[{"brokerName":"broker-a","perm":6,"readQueueNums":4,"topicSysFlag":0,"writeQueueNums":4}]})");
  const auto none = client.call(RequestCode::get_routeinfo_by_topic, {{"topic", "N"}});
  EXPECT_EQ(none.code, 17);
  EXPECT_EQ(none.remark, "No topic route info in name server for the topic: N");
  EXPECT_EQ(
      client.call(RequestCode::get_routeinfo_by_topic, {{"topic", "T"}, {"__ZONE_MODE", "true"}, {"__ZONE_NAME", "z2"}})
          .body,
      R"({"brokerDatas":[],"filterServerTable":{},"queueDatas":[]})");
  EXPECT_EQ(
      client.call(RequestCode::get_broker_member_group, {{"clusterName", "DefaultCluster"}, {"brokerName", "broker-a"}})
          .body,
      R"({"brokerMemberGroup":{"brokerAddrs":{"0":"127.0.0.1:20210"},"brokerName":"broker-a","cluster":"DefaultCluster"}})");
}

TEST_F(NameServerRequests, TopicLists) {
  RawClient client(address());
  EXPECT_EQ(client.call(RequestCode::get_all_topic_list_from_nameserver, {}).body, R"({"topicList":["T"]})");
  EXPECT_EQ(client.call(RequestCode::get_topics_by_cluster, {{"cluster", "other"}}).body, R"({"topicList":[]})");
  EXPECT_EQ(client.call(RequestCode::get_system_topic_list_from_ns, {}).body,
            R"({"brokerAddr":"127.0.0.1:20210","topicList":["DefaultCluster","broker-a"]})");
  EXPECT_EQ(client.call(RequestCode::get_unit_topic_list, {}).body, R"({"topicList":[]})");
  routes.routes["T"].queues[0].topic_sys_flag = 2;
  EXPECT_EQ(client.call(RequestCode::get_has_unit_sub_topic_list, {}).body, R"({"topicList":["T"]})");
  EXPECT_EQ(client.call(RequestCode::get_has_unit_sub_ununit_topic_list, {}).body, R"({"topicList":["T"]})");
}

TEST_F(NameServerRequests, Edits) {
  RawClient client(address());
  EXPECT_EQ(client.call(RequestCode::wipe_write_perm_of_broker, {{"brokerName", "b"}}).field("wipeTopicCount"), "2");
  EXPECT_EQ(client.call(RequestCode::add_write_perm_of_broker, {{"brokerName", "b"}}).field("addTopicCount"), "3");
  EXPECT_EQ(client.call(RequestCode::delete_topic_in_namesrv, {{"topic", "T"}, {"clusterName", "C"}}).code, 0);
  EXPECT_THAT(routes.removed, testing::ElementsAre("T C"));
}

TEST_F(NameServerRequests, KeyValues) {
  RawClient client(address());
  EXPECT_EQ(client.call(RequestCode::put_kv_config, {{"namespace", "wire"}, {"key", "k"}, {"value", "v"}}).code, 0);
  EXPECT_EQ(client.call(RequestCode::get_kv_config, {{"namespace", "wire"}, {"key", "k"}}).field("value"), "v");
  EXPECT_EQ(client.call(RequestCode::get_kvlist_by_namespace, {{"namespace", "wire"}}).body, R"({"table":{"k":"v"}})");
  EXPECT_EQ(client.call(RequestCode::delete_kv_config, {{"namespace", "wire"}, {"key", "k"}}).code, 0);
  const auto gone = client.call(RequestCode::get_kv_config, {{"namespace", "none"}, {"key", "none"}});
  EXPECT_EQ(gone.code, 22);
  EXPECT_EQ(gone.remark, "No config item, Namespace: none Key: none");
  EXPECT_EQ(client.call(RequestCode::get_kvlist_by_namespace, {{"namespace", "none"}}).code, 22);
}

TEST_F(NameServerRequests, AChangeThatThrowsIsAnswered) {
  key_values.throws = true;
  RawClient client(address());
  const auto answer = client.call(RequestCode::put_kv_config, {{"namespace", "n"}, {"key", "k"}, {"value", "v"}});
  EXPECT_EQ(answer.code, 1);
  EXPECT_EQ(answer.remark, "no memory left");
}

TEST_F(NameServerRequests, ConfigurationIsShownAndNotChanged) {
  RawClient client(address());
  EXPECT_EQ(client.call(RequestCode::update_namesrv_config, {}, "orderMessageEnable=false\n").code, 16);
  EXPECT_THAT(client.call(RequestCode::get_namesrv_config, {}).body, testing::HasSubstr("kvConfigPath="));
}

}  // namespace
}  // namespace tenon::protocol_native
