// SPDX-License-Identifier: Apache-2.0
// The sequences of plugins/protocol-mqtt/conformance through a socket, against the program. Those that let time pass
// run in mqtt_engine_test only.
#include <gtest/gtest.h>

#include "broker_process.hpp"
#include "mqtt_client.hpp"
#include "mqtt_stream.hpp"
#include "protocol-mqtt/conformance/sequence.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

using namespace protocol_mqtt;

class SocketWire final : public conformance::Wire {
 public:
  explicit SocketWire(const HostAddress& address) : stream_(open_tcp(address)) {}
  void send(std::string_view bytes) override { stream_->send(bytes); }
  std::optional<std::string> receive() override {
    while (true) {
      const auto header = mqtt::read_fixed_header(input_, SIZE_MAX, std::nullopt);
      if (header && *header && input_.size() >= (*header)->packet_bytes) {
        std::string packet = input_.substr(0, (*header)->packet_bytes);
        input_.erase(0, packet.size());
        return packet;
      }
      const auto begin = std::chrono::steady_clock::now();
      if (stream_->receive(input_, kPatience)) continue;
      ended_ = std::chrono::steady_clock::now() - begin < kPatience;
      return std::nullopt;
    }
  }
  bool ended() override { return ended_ && input_.empty(); }

 private:
  static constexpr std::chrono::seconds kPatience{10};
  const std::unique_ptr<Stream> stream_;
  std::string input_;
  bool ended_ = false;
};

class SocketWorld final : public conformance::World {
 public:
  explicit SocketWorld(const HostAddress& address) : address_(address) {}
  std::unique_ptr<conformance::Wire> open() override { return std::make_unique<SocketWire>(address_); }
  void wait(int) override {}

 private:
  const HostAddress address_;
};

TEST(MqttConformance, ThroughASocket) {
  const HostAddress address = HostAddress::v4({127, 0, 0, 1}, free_port());
  BrokerSetup setup;
  setup.config = text(kStandalone, "\n[plugins.mqtt]\ntype = \"protocol-mqtt\"\nlisten = \"", address, "\"\n");
  const BrokerProcess broker(setup);
  SocketWorld world(address);
  int number = 0;
  for (const auto& sequence : conformance::load_sequences(TENON_MQTT_SEQUENCES)) {
    if (sequence.needs_clock) continue;
    EXPECT_EQ(conformance::run(sequence, world, text("s", ++number, "-")), "") << sequence.title;
  }
  EXPECT_GT(number, 70);
}

}  // namespace
}  // namespace tenon::e2e
