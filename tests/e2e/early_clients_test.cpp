// SPDX-License-Identifier: Apache-2.0
// Clients that connect while the broker is starting: they wait, and nobody is told that it is not ready yet.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>
#include <optional>
#include <thread>

#include "broker_process.hpp"
#include "message_requests.hpp"
#include "mqtt_client.hpp"
#include "protocol-native/testing/sample_requests.hpp"
#include "replicated_brokers.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using protocol_native::RawClient;
using remoting::RequestCode;

HostAddress loopback(std::uint16_t port) { return HostAddress::v4({127, 0, 0, 1}, port); }

/// A name server that takes a question and says nothing.
class MuteNameServer {
 public:
  MuteNameServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::abort();
    ::listen(listener_, 8);
  }
  MuteNameServer(const MuteNameServer&) = delete;
  MuteNameServer& operator=(const MuteNameServer&) = delete;
  ~MuteNameServer() { end(); }

  /// Returns when somebody has asked; false if nobody does within a minute.
  bool await_question() {
    pollfd connection{listener_, POLLIN, 0};
    if (::poll(&connection, 1, 60'000) <= 0) return false;
    asking_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    pollfd question{asking_, POLLIN, 0};
    return ::poll(&question, 1, 60'000) > 0;
  }
  void end() {
    for (const int socket : {std::exchange(asking_, -1), std::exchange(listener_, -1)}) {
      if (socket >= 0) ::close(socket);
    }
  }

  const std::uint16_t port = free_port();

 private:
  int listener_, asking_ = -1;
};

struct Ports {
  const HostAddress native = loopback(free_port()), mqtt = loopback(free_port());

  BrokerSetup setup(std::vector<std::string> settings = {}) const {
    BrokerSetup setup;
    setup.config = text(kStandalone, "\n[plugins.delay]\n[plugins.transaction]\n[plugins.mqtt]\n",
                        "type = \"protocol-mqtt\"\nlisten = \"", mqtt, "\"\n");
    setup.settings = std::move(settings);
    setup.settings.push_back(text("plugins.native.listen=", native));
    return setup;
  }
};

mqtt::Connect connect_of(std::string_view client_id) {
  mqtt::Connect connect;
  connect.version = mqtt::ProtocolVersion::v5;
  connect.client_id = client_id;
  connect.clean_start = true;
  return connect;
}

// The broker listens when it asks whether another one is the master, and serves when it knows.
TEST(EarlyClients, WaitUntilTheBrokerServes) {
  MuteNameServer name_server;
  const Ports ports;
  const auto setup = ports.setup({text("broker.name_servers=127.0.0.1:", name_server.port)});
  auto starting = std::async(std::launch::async, [&setup] { return std::make_unique<BrokerProcess>(setup); });
  ASSERT_TRUE(name_server.await_question());

  RawClient producer(ports.native);
  const auto sent = producer.send(RequestCode::send_message_v2, fields_of(protocol_native::SampleSend{}), "early");
  MqttClient device(ports.mqtt, mqtt::ProtocolVersion::v5);
  ASSERT_TRUE(device.send(connect_of("early")));
  ASSERT_TRUE(device.publish("sensors/1", "early", 1, 7));
  name_server.end();

  const auto answer = producer.next_answer(sent);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, 0) << answer->remark.value_or("");
  const auto connack = device.receive();
  ASSERT_TRUE(connack);
  EXPECT_EQ(connack->as<mqtt::Connack>().code, 0);
  const auto puback = device.receive();
  ASSERT_TRUE(puback);
  EXPECT_FALSE(mqtt::is_error(puback->as<mqtt::PublishAnswer>().reason));
  const auto broker = starting.get();
  EXPECT_EQ(all_messages(producer, "T").size(), 1U);
  EXPECT_EQ(broker->end(SIGTERM), 0);
}

/// What somebody is answered who connects and sends again and again.
class Knocking {
 public:
  explicit Knocking(const HostAddress& address) : address_(address) {}
  Knocking(const Knocking&) = delete;
  Knocking& operator=(const Knocking&) = delete;
  ~Knocking() { ending_ = true; }

  int stored() const { return stored_; }
  int refused() const { return refused_; }

 private:
  void knock() {
    while (!ending_) {
      if (const auto code = answer_of_a_new_connection()) {
        ++(*code == 0 ? stored_ : refused_);
      } else {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
  }
  /// Nothing: there was no connection, or it was closed.
  std::optional<int> answer_of_a_new_connection() const {
    try {
      RawClient client(address_);
      const int code = send_message(client, "T", "knock").code;
      return code < 0 ? std::nullopt : std::optional(code);
    } catch (const std::exception&) {
      return std::nullopt;
    }
  }

  const HostAddress address_;
  std::atomic<bool> ending_{false};
  std::atomic<int> stored_{0}, refused_{0};
  std::jthread thread_{[this] { knock(); }};
};

TEST(EarlyClients, AreAnsweredNoErrorHoweverEarlyTheyCome) {
  const Ports ports;
  Knocking knocking(ports.native);
  BrokerProcess broker(ports.setup());
  for (int round = 0; round < 3; ++round) {
    broker.start_again();
    ASSERT_TRUE(becomes_true([&, before = knocking.stored()] { return knocking.stored() > before; }));
  }
  EXPECT_EQ(knocking.refused(), 0);
}

}  // namespace
}  // namespace tenon::e2e
