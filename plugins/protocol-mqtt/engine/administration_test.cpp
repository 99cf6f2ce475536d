// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/engine/administration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fastjson/reader.hpp"
#include "protocol-mqtt/engine/testing/test_server.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

using fastjson::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Value ask(TestServer& server, const std::string& request) {
  return fastjson::parse(administer(server.engine, request)).value();
}

/// The member `name` of all rows, page after page.
std::vector<std::string> rows(TestServer& server, std::string_view command, std::string_view name, int limit = 2) {
  std::vector<std::string> found;
  std::string after;
  while (true) {
    const Value answer =
        ask(server, text("{\"command\":\"", command, "\",\"limit\":", limit, ",\"after\":\"", after, "\"}"));
    for (const Value& row : answer.find("rows")->elements()) found.push_back(row.text_or(name, ""));
    if (answer.find("next") == nullptr) return found;
    after = answer.text_or("next", "");
  }
}

TEST(MqttAdministration, ListsPageByPage) {
  Pair pair;
  for (const char* topic : {"a", "a/b", "a-b", "c/d/e", "c"}) pair.from.publish(topic, "x", 0, true);
  pair.server.engine.announce("$SYS/broker/version", "1");
  {
    TestClient sleeper(pair.server, kV5);
    sleeper.connect("sleeper", true, 100);
    for (const char* filter : {"x", "y", "$share/g/z"}) sleeper.subscribe(filter, {.qos = 1});
  }
  pair.to.subscribe("t");
  EXPECT_THAT(rows(pair.server, "clients", "client"), ElementsAre("from", "to"));
  EXPECT_THAT(rows(pair.server, "sessions", "client"), ElementsAre("from", "sleeper", "to"));
  EXPECT_THAT(rows(pair.server, "subscriptions", "filter"), ElementsAre("$share/g/z", "x", "y", "t"));
  for (const int limit : {1, 2, 100}) {
    EXPECT_THAT(rows(pair.server, "retained", "topic", limit), ElementsAre("a", "a/b", "a-b", "c", "c/d/e"));
  }
}

TEST(MqttAdministration, KicksAndRefusesNonsense) {
  Pair pair;
  EXPECT_TRUE(ask(pair.server, R"({"command":"kick","client":"to"})").bool_or("kicked", false));
  EXPECT_TRUE(pair.to.closed());
  EXPECT_FALSE(ask(pair.server, R"({"command":"kick","client":"to"})").bool_or("kicked", true));
  for (const char* bad : {"", "[]", "{", "{\"command\":\"x\"}", "{\"command\":\"kick\"}", "17"}) {
    EXPECT_NE(ask(pair.server, bad).find("error"), nullptr) << bad;
  }
}

TEST(MqttAdministration, IsForClientsOfThisMachineOnly) {
  TestServer server;
  TestClient remote(server, kV5);
  remote.connect("remote");
  remote.subscribe(kControlAnswerTopic);
  remote.publish(kControlTopic, R"({"command":"clients"})", 1);
  EXPECT_EQ(remote.last().as<mqtt::PublishAnswer>().reason, mqtt::ReasonCode::not_authorized);
  TestClient local(server, kV5, "127.0.0.1:5000");
  local.connect("local");
  local.publish(kControlTopic, R"({"command":"clients"})");
  EXPECT_THAT(local.take(), IsEmpty()) << "nobody is sent what he has not subscribed";
  local.subscribe(kControlAnswerTopic);
  mqtt::Publish publish;
  publish.topic = kControlTopic;
  publish.payload = R"({"command":"clients"})";
  publish.properties.set(mqtt::PropertyId::correlation_data, "7");
  local.send(publish);
  const auto answer = local.last();
  EXPECT_THAT(std::string(answer.as<mqtt::Publish>().payload), HasSubstr("\"client\":\"remote\""));
  EXPECT_EQ(answer.as<mqtt::Publish>().properties.text(mqtt::PropertyId::correlation_data), "7");
  server.forbidden_topic = kControlTopic;
  local.publish(kControlTopic, R"({"command":"clients"})", 1);
  EXPECT_EQ(local.last().as<mqtt::PublishAnswer>().reason, mqtt::ReasonCode::not_authorized);
  EXPECT_TRUE(server.log.empty());
}

TEST(MqttAdministration, KickingOneselfIsSurvived) {
  TestServer server;
  TestClient local(server, kV5, "127.0.0.1:5000");
  local.connect("local");
  local.subscribe(kControlAnswerTopic);
  local.publish(kControlTopic, R"({"command":"kick","client":"local"})");
  EXPECT_TRUE(local.closed());
}

}  // namespace
}  // namespace tenon::protocol_mqtt
