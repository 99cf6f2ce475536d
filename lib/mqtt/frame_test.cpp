// SPDX-License-Identifier: Apache-2.0
#include "mqtt/frame.hpp"

#include <gtest/gtest.h>

#include "mqtt/test_bytes.hpp"

namespace tenon::mqtt {
namespace {

TEST(MqttFrame, WaitsForEachMissingByte) {
  const std::string whole = packet("30", "00 01 'a' 'payload'");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto frame = next_frame(std::string_view(whole).substr(0, size), 1000, kV4);
    ASSERT_TRUE(frame.has_value()) << size;
    EXPECT_FALSE(frame->has_value()) << size;
  }
  const auto frame = next_frame(whole + "more", 1000, kV4);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->size, whole.size());
  EXPECT_EQ((*frame)->body.size(), 10U);
}

TEST(MqttFrame, ChecksTheFlagsOfEachType) {
  for (unsigned type = 1; type <= 15; ++type) {
    for (unsigned flags = 0; flags <= 15; ++flags) {
      const std::string input{static_cast<char>(type << 4 | flags), 0};
      const bool publish = type == 3;
      const bool two = type == 6 || type == 8 || type == 10;
      const bool right = publish ? (flags & 6) != 6 && (flags & 0x0E) != 8 : flags == (two ? 2U : 0U);
      EXPECT_EQ(next_frame(input, 1000, kV5).has_value(), right) << type << " " << flags;
    }
  }
  EXPECT_FALSE(next_frame(bytes("00 00"), 1000, kV5).has_value());
}

TEST(MqttFrame, ReadsLengthsAtTheirLimits) {
  struct Case {
    const char* length;
    std::size_t value;
  };
  for (const Case& c : {Case{"00", 0}, Case{"7F", 127}, Case{"80 01", 128}, Case{"FF 7F", 16383},
                        Case{"80 80 01", 16384}, Case{"FF FF 7F", 2097151}, Case{"FF FF FF 7F", 268435455}}) {
    const auto header = read_fixed_header(bytes(std::string("30 ") + c.length), 1U << 30, kV5);
    ASSERT_TRUE(header && *header) << c.length;
    EXPECT_EQ((*header)->packet_bytes - (*header)->header_bytes, c.value);
  }
}

TEST(MqttFrame, RefusesLengthsThatAreNone) {
  EXPECT_EQ(next_frame(bytes("30 FF FF FF FF"), 1000, kV4).error().code, ReasonCode::malformed_packet);
  EXPECT_EQ(next_frame(bytes("30 80 80 80 80 01"), 1000, kV4).error().code, ReasonCode::malformed_packet);
  EXPECT_EQ(next_frame(bytes("C0 80 00"), 1000, kV5).error().code, ReasonCode::malformed_packet);
  EXPECT_TRUE(next_frame(bytes("C0 80 00"), 1000, kV4).has_value()) << "3.1.1 does not ask for the shortest form";
}

TEST(MqttFrame, DecidesTheSizeLimitBeforeTheBody) {
  EXPECT_EQ(next_frame(bytes("30 62"), 99, kV5).error().code, ReasonCode::packet_too_large);
  EXPECT_TRUE(next_frame(bytes("30 61"), 99, kV5).has_value());
}

}  // namespace
}  // namespace tenon::mqtt
