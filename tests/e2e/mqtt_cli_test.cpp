// SPDX-License-Identifier: Apache-2.0
// `tenon mqtt` against the composition that has MQTT and nothing of RocketMQ's wire.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker_process.hpp"
#include "command_run.hpp"
#include "mqtt_client.hpp"
#include "mqtt_listeners.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(MqttCommand, LooksAtClientsAndKicksThem) {
  const std::string address = HostAddress::v4({127, 0, 0, 1}, free_port()).to_string();
  BrokerSetup setup;
  setup.config = text(kStandalone, "\n[plugins.mqtt]\ntype = \"protocol-mqtt\"\nlisten = \"", address, "\"\n");
  const BrokerProcess broker(setup);
  MqttClient device(HostAddress::parse(address).value(), mqtt::ProtocolVersion::v5);
  ASSERT_EQ(device.connect("device-7", true, 3600).code, 0);
  device.subscribe("commands/device-7", 1);
  device.publish("state/device-7", "on", 0, 0, true);
  const auto mqtt = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "mqtt");
    words.insert(words.end(), {"-a", address});
    return run_tenon(words);
  };
  EXPECT_THAT(mqtt({"clients"}).output, AllOf(HasSubstr("CLIENT"), HasSubstr("device-7"), HasSubstr("5.0")));
  EXPECT_THAT(mqtt({"sessions", "-o", "json"}).output, HasSubstr("\"client\":\"device-7\",\"connected\":true"));
  EXPECT_THAT(mqtt({"subscriptions"}).output, HasSubstr("commands/device-7"));
  EXPECT_THAT(mqtt({"retained"}).output, HasSubstr("state/device-7"));
  EXPECT_EQ(mqtt({"kick", "device-7"}).code, 0);
  EXPECT_THAT(mqtt({"clients"}).output, Not(HasSubstr("device-7")));
  EXPECT_EQ(mqtt({"kick", "device-7"}).code, 1);
  EXPECT_EQ(run_tenon({"mqtt", "clients", "-a", "127.0.0.1:1"}).code, 1);
}

TEST(MqttCommand, SpeaksTlsAsMosquittosToolsDo) {
  ManyListeners server;
  const auto clients = [&](Way way, std::vector<std::string> options) {
    options.insert(options.begin(), {"mqtt", "clients", "-a", server.address(way).to_string()});
    return run_tenon(options);
  };
  const std::string authority = server.certificates.authority->certificate_file();
  EXPECT_EQ(clients(Way::tls, {"--cafile", authority}).code, 0);
  EXPECT_EQ(clients(Way::tls, {}).code, 1) << "no TLS";
  const protocol_mqtt::TestAuthority stranger(server.certificates.directory, "stranger");
  const auto distrusted = clients(Way::tls, {"--cafile", stranger.certificate_file()});
  EXPECT_EQ(distrusted.code, 1);
  EXPECT_THAT(distrusted.errors, HasSubstr("the broker's certificate"));
  const auto mine = server.certificates.authority->sign("admin", "admin");
  EXPECT_EQ(clients(Way::certificate, {"--cafile", authority, "--cert", mine.certificate, "--key", mine.key}).code, 0);
  EXPECT_EQ(clients(Way::certificate, {"--cafile", authority}).code, 1) << "the broker wants one";
  EXPECT_EQ(clients(Way::certificate, {"--cert", mine.certificate, "--key", mine.key}).code, 1) << "whom to trust?";
  EXPECT_EQ(clients(Way::tcp, {"--key", mine.key}).code, 1) << "who names files of TLS sends no password without it";
}

}  // namespace
}  // namespace tenon::e2e
