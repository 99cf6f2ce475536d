// SPDX-License-Identifier: Apache-2.0
#include "config/units.hpp"

#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

TEST(Sizes, HaveBinaryAndDecimalUnits) {
  EXPECT_EQ(parse_size_bytes("64MiB"), 64LL << 20);
  EXPECT_EQ(parse_size_bytes("1 GiB"), 1LL << 30);
  EXPECT_EQ(parse_size_bytes("500kB"), 500'000);
  EXPECT_EQ(parse_size_bytes("4096"), 4096);
  EXPECT_EQ(parse_size_bytes("1GX"), std::nullopt);
  EXPECT_EQ(parse_size_bytes("-1MiB"), std::nullopt);
  EXPECT_EQ(parse_size_bytes("9999999999TiB"), std::nullopt);
  EXPECT_EQ(parse_size_bytes(""), std::nullopt);
}

TEST(Durations, NeedAUnit) {
  EXPECT_EQ(parse_duration_ms("500ms"), 500);
  EXPECT_EQ(parse_duration_ms("30s"), 30'000);
  EXPECT_EQ(parse_duration_ms("72h"), 72LL * 3'600'000);
  EXPECT_EQ(parse_duration_ms("30"), std::nullopt);
  EXPECT_EQ(parse_duration_ms("5x"), std::nullopt);
}

TEST(Durations, AreInMicrosecondsOnlyWhereTheyAreShort) {
  EXPECT_EQ(parse_duration_us("100us"), 100);
  EXPECT_EQ(parse_duration_us("5ms"), 5'000);
  EXPECT_EQ(parse_duration_us("1s"), 1'000'000);
  EXPECT_EQ(parse_duration_us("100"), std::nullopt);
  EXPECT_EQ(parse_duration_us("1m"), std::nullopt);
  EXPECT_EQ(parse_duration_ms("100us"), std::nullopt);
}

TEST(Addresses, AreHostAndPort) {
  EXPECT_TRUE(is_address("127.0.0.1:10911"));
  EXPECT_TRUE(is_address("broker.example:0"));
  EXPECT_TRUE(is_address("[::1]:9876"));
  EXPECT_FALSE(is_address("::1:9876"));
  EXPECT_FALSE(is_address("127.0.0.1"));
  EXPECT_FALSE(is_address(":9876"));
  EXPECT_FALSE(is_address("host:99999"));
  EXPECT_FALSE(is_address("ho st:1"));
}

TEST(Units, AreShownInTheLargestThatDivides) {
  EXPECT_EQ(size_to_string(1LL << 30), "1GiB");
  EXPECT_EQ(size_to_string(1536), "1536B");
  EXPECT_EQ(duration_ms_to_string(90'000), "90s");
  EXPECT_EQ(duration_ms_to_string(0), "0ms");
  EXPECT_EQ(duration_us_to_string(0), "0us");
  EXPECT_EQ(duration_us_to_string(100), "100us");
  EXPECT_EQ(duration_us_to_string(2'000), "2ms");
}

}  // namespace
}  // namespace tenon::kernel
