// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "protocol-mqtt/conformance/sequence.hpp"
#include "protocol-mqtt/engine/testing/test_server.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

class EngineWire final : public conformance::Wire {
 public:
  explicit EngineWire(TestServer& server) : client_(server, kV5) {}
  void send(std::string_view bytes) override { client_.send_raw(bytes); }
  std::optional<std::string> receive() override {
    std::string& output = client_.link().output();
    const auto header = mqtt::read_fixed_header(output, SIZE_MAX, std::nullopt);
    if (!header || !*header) return std::nullopt;
    std::string packet = output.substr(0, (*header)->packet_bytes);
    output.erase(0, packet.size());
    return packet;
  }
  bool ended() override { return client_.closed() && client_.link().output().empty(); }

 private:
  TestClient client_;
};

class EngineWorld final : public conformance::World {
 public:
  std::unique_ptr<conformance::Wire> open() override { return std::make_unique<EngineWire>(server_); }
  void wait(int seconds) override { server_.pass_seconds(seconds); }

 private:
  TestServer server_;
};

TEST(MqttConformance, OfTheEngine) {
  const auto sequences = conformance::load_sequences(TENON_MQTT_SEQUENCES);
  EXPECT_GT(sequences.size(), 130U);
  for (const auto& sequence : sequences) {
    EngineWorld world;
    EXPECT_EQ(conformance::run(sequence, world, "x-"), "") << sequence.title;
  }
}

}  // namespace
}  // namespace tenon::protocol_mqtt
