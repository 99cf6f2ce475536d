// SPDX-License-Identifier: Apache-2.0
// MQTT over TCP, TLS, client certificates and WebSockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "message_requests.hpp"
#include "mqtt_listeners.hpp"

namespace tenon::e2e {
namespace {

using mqtt::PacketType;
using mqtt::Publish;
using mqtt::ReasonCode;
using testing::HasSubstr;

std::string name_of(Way way) { return text("way ", static_cast<int>(way)); }

TEST(MqttTransports, EachCarriesSmallAndLargePackets) {
  ManyListeners server;
  const std::string large(300'000, 'x');
  for (const Way way : kWays) {
    for (const std::size_t frame_size : {SIZE_MAX, std::size_t{1'000}}) {
      MqttClient client(server.open(way, frame_size), kV5);
      ASSERT_EQ(client.connect(name_of(way), true).code, 0) << name_of(way);
      ASSERT_EQ(client.subscribe(name_of(way), 0), ReasonCode::success);
      for (const std::string& payload : {std::string("small"), large, std::string("last")}) {
        ASSERT_TRUE(client.publish(name_of(way), payload, 0));
        const auto packet = client.receive();
        ASSERT_TRUE(packet.has_value()) << name_of(way);
        ASSERT_EQ(packet->type(), PacketType::publish);
        EXPECT_TRUE(packet->as<Publish>().payload == payload) << name_of(way);
      }
    }
  }
}

TEST(MqttTransports, PacketsAndWebSocketFramesNeedNotBeAligned) {
  ManyListeners server;
  for (const Way way : {Way::ws, Way::wss}) {
    for (const std::size_t frame_size : {std::size_t{1}, SIZE_MAX}) {
      MqttClient client(server.open(way, frame_size), kV5);
      ASSERT_EQ(client.connect("frames", true).code, 0);
      ASSERT_EQ(client.subscribe("frames", 0), ReasonCode::success);
      std::string packets;
      for (int i = 0; i < 50; ++i) {
        Publish publish;
        publish.topic = "frames";
        publish.payload = "x";
        mqtt::encode(publish, kV5, packets);
      }
      ASSERT_TRUE(client.send_bytes(packets));
      for (int i = 0; i < 50; ++i) ASSERT_TRUE(client.receive().has_value()) << i;
    }
  }
}

TEST(MqttTransports, TheCertificateIsTheUser) {
  ManyListeners server;
  MqttClient client(server.open(Way::certificate), kV5);
  ASSERT_EQ(client.connect("device", true).code, 0);
  ASSERT_TRUE(client.publish("from", "hello", 1));
  ASSERT_TRUE(client.receive().has_value());
  protocol_native::RawClient native(server.broker.address());
  const auto stored = all_messages(native, "MQTT_DEFAULT");
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_THAT(stored[0].properties, HasSubstr(std::string("mqttUser\x01meter-7\x02")));

  TlsClientFiles without;
  without.authority = server.certificates.authority->certificate_file();
  EXPECT_THROW(MqttClient(open_tls(server.address(Way::certificate), without), kV5).connect("stranger", true),
               std::runtime_error);
}

/// Whether a client that trusts only this authority gets in.
bool trusted(const HostAddress& address, const std::string& authority) {
  try {
    TlsClientFiles files;
    files.authority = authority;
    return MqttClient(open_tls(address, files), kV5).connect("new", true).code == 0;
  } catch (const std::runtime_error&) {
    return false;
  }
}

TEST(MqttTransports, SighupTakesNewCertificatesAndKeepsOpenConnections) {
  ManyListeners server;
  MqttClient old(server.open(Way::tls), kV5);
  ASSERT_EQ(old.connect("old", true).code, 0);
  ASSERT_EQ(old.subscribe("t", 0), ReasonCode::success);

  TestCertificates fresh;
  ASSERT_FALSE(trusted(server.address(Way::tls), fresh.authority->certificate_file()));
  std::ofstream(server.certificates.server.key) << "no key";
  server.broker.signal(SIGHUP);  // is refused: the certificate of before stays
  EXPECT_TRUE(trusted(server.address(Way::tls), server.certificates.authority->certificate_file()));
  std::filesystem::copy_file(fresh.server.certificate, server.certificates.server.certificate,
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::copy_file(fresh.server.key, server.certificates.server.key,
                             std::filesystem::copy_options::overwrite_existing);
  server.broker.signal(SIGHUP);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool taken = false;
  while (!taken && std::chrono::steady_clock::now() < deadline) {
    taken = trusted(server.address(Way::tls), fresh.authority->certificate_file());
  }
  EXPECT_TRUE(taken);
  ASSERT_TRUE(old.publish("t", "still here", 0));
  EXPECT_TRUE(old.receive().has_value());
}

/// A line of a password file, in the form of mosquitto_passwd with SHA-512.
std::string password_line(std::string_view name, std::string_view password) {
  const std::string salt = "saltsaltsalt";
  const std::string salted = std::string(password) + salt;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned size = 0;
  EVP_Digest(salted.data(), salted.size(), hash.data(), &size, EVP_sha512(), nullptr);
  const auto base64 = [](const void* bytes, std::size_t count) {
    std::string out(4 * count, '\0');
    out.resize(
        static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                 static_cast<const unsigned char*>(bytes), static_cast<int>(count))));
    return out;
  };
  return text(name, ":$6$", base64(salt.data(), salt.size()), "$", base64(hash.data(), size), "\n");
}

bool admitted(ManyListeners& server, std::string_view name, std::string_view password) {
  MqttClient client(server.open(Way::tls), kV5);
  mqtt::Connect connect;
  connect.client_id = name;
  connect.clean_start = true;
  connect.user_name = name;
  connect.password = password;
  return client.connect(connect).code == 0;
}

TEST(MqttTransports, SighupTakesNewPasswordsAndKeepsTheOldOnesIfTheyCannotBeRead) {
  TestCertificates directory;
  const std::string file = directory.directory / "passwords";
  std::ofstream(file) << password_line("alice", "one");
  ManyListeners server(text("password_file = \"", file, "\"\n"));
  EXPECT_TRUE(admitted(server, "alice", "one"));
  EXPECT_FALSE(admitted(server, "alice", "two"));
  std::ofstream(file) << password_line("alice", "two");
  server.broker.signal(SIGHUP);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  bool taken = false;
  while (!taken && std::chrono::steady_clock::now() < deadline) taken = admitted(server, "alice", "two");
  EXPECT_TRUE(taken);
  EXPECT_FALSE(admitted(server, "alice", "one"));
  std::ofstream(file) << "alice:$9$what\n";
  server.broker.signal(SIGHUP);
  EXPECT_TRUE(admitted(server, "alice", "two"));
}

TEST(MqttTransports, MistakesInListenersAreNamedAllAtOnce) {
  BrokerSetup setup;
  setup.config = text(kStandalone, R"(
[plugins.mqtt]
type = "protocol-mqtt"
[[plugins.mqtt.listeners]]
transport = "wss"
address = "127.0.0.1:0"
path = "mqtt"
[[plugins.mqtt.listeners]]
address = "127.0.0.1:0"
require_certificate = true
adress = "x"
)");
  try {
    BrokerProcess broker(setup);
    FAIL() << "it came up";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("unknown key 'adress' in [plugins.mqtt.listeners[1]]"));
    EXPECT_THAT(error.what(), HasSubstr("plugins.mqtt.listeners[0].path = \"mqtt\": must begin with '/'"));
    EXPECT_THAT(error.what(), HasSubstr("listeners[0].certificate_file"));
    EXPECT_THAT(error.what(), HasSubstr("listeners[1].require_certificate = true: is for transport"));
  }
}

}  // namespace
}  // namespace tenon::e2e
