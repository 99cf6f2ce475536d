// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mqtt/test_bytes.hpp"

namespace tenon::mqtt {
namespace {

/// Decodes and encodes: the shortest right form must come back byte for byte.
void expect_same(std::string_view whole, ProtocolVersion version) {
  const auto frame = next_frame(whole, 1 << 20, version);
  ASSERT_TRUE(frame && *frame);
  const auto decoded = decode(**frame, version);
  ASSERT_TRUE(decoded.has_value()) << decoded.error().what;
  std::string again;
  encode(*decoded, version, again);
  EXPECT_EQ(again, whole);
}

TEST(MqttRoundTrip, V311) {
  for (const auto& [first, body] :
       {std::pair{"10", "00 04 'MQTT' 04 EE 003C 0001 'c' 0001 'w' 0002 'hi' 0001 'u' 0001 'p'"},
        {"10", "00 06 'MQIsdp' 03 02 003C 0001 'c'"},
        {"10", "00 04 'MQTT' 84 02 003C 0001 'c'"},
        {"20", "01 00"},
        {"20", "00 05"},
        {"3D", "0003 'a/b' 0007 'payload'"},
        {"31", "0001 'a'"},
        {"40", "0001"},
        {"50", "0001"},
        {"62", "0001"},
        {"70", "FFFF"},
        {"82", "0001 0001 'a' 01 0003 'b/#' 02"},
        {"90", "0001 01 80"},
        {"A2", "0001 0001 'a' 0001 'b'"},
        {"B0", "0001"},
        {"C0", ""},
        {"D0", ""},
        {"E0", ""}}) {
    expect_same(packet(first, body), kV4);
  }
}

TEST(MqttRoundTrip, V5) {
  for (const auto& [first, body] :
       {std::pair{"10", "00 04 'MQTT' 05 C6 003C 05 11 0000000A 0002 'id' 05 18 00000003 0001 'w' 0000 0001 'u' 0000"},
        {"20", "00 00 08 12 0002 'id' 21 0014"},
        {"30", "0000 05 23 0005 0B 01 'x'"},
        {"33", "0001 'a' 0001 05 26 0000 0000 'x'"},
        {"62", "0001 92"},
        {"82", "0001 02 0B 05 0001 'a' 2E"},
        {"90", "0001 00 01 8F"},
        {"A2", "0001 00 0001 'a'"},
        {"B0", "0001 00 11"},
        {"E0", "8E"},
        {"E0", "9D 04 1C 0001 'h'"},
        {"E0", ""},
        {"F0", "18 04 15 0001 'm'"}}) {
    SCOPED_TRACE(body);
    expect_same(packet(first, body), kV5);
  }
}

TEST(MqttRoundTrip, SizesAreToldBeforehand) {
  for (const std::size_t size : {0U, 1U, 120U, 130U, 16'380U, 70'000U}) {
    Publish publish;
    const std::string payload(size, 'x');
    publish.topic = "a/b";
    publish.qos = 1;
    publish.packet_id = 9;
    publish.payload = payload;
    publish.properties.set(PropertyId::message_expiry_interval, 5);
    for (const ProtocolVersion version : {kV4, kV5}) {
      std::string out;
      encode(publish, version, out);
      EXPECT_EQ(out.size(), encoded_size(publish, version));
    }
  }
}

}  // namespace
}  // namespace tenon::mqtt
