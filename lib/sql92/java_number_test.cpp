// SPDX-License-Identifier: Apache-2.0
#include "sql92/java_number.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace tenon::sql92 {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(JavaInteger, TakesOneSignAndDigits) {
  EXPECT_EQ(parse_java_int("+007"), 7);
  EXPECT_EQ(parse_java_int("-2147483648"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(parse_java_int("2147483648"), std::nullopt);
  EXPECT_EQ(parse_java_int("-2147483649"), std::nullopt);
  EXPECT_EQ(parse_java_long("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_java_long("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_java_long("9223372036854775808"), std::nullopt);
  for (const char* wrong : {"", "+", "-", "--1", " 1", "1 ", "1.0", "1e3", "0x10", "1L", "1_000"}) {
    EXPECT_EQ(parse_java_int(wrong), std::nullopt) << wrong;
  }
}

TEST(JavaInteger, TakesDigitsOfAnyScriptOfTheFirstPlane) {
  EXPECT_EQ(parse_java_int("\xEF\xBC\x91\xEF\xBC\x92"), 12) << "fullwidth";
  EXPECT_EQ(parse_java_int("\xD9\xA1"), 1) << "Arabic-Indic";
  EXPECT_EQ(parse_java_int("1\xE0\xA5\xA8"), 12) << "Latin and Devanagari";
  EXPECT_EQ(parse_java_int("\xF0\x9D\x9F\x8F"), std::nullopt) << "U+1D7CF";
  EXPECT_EQ(parse_java_int("\xC2\xB2"), std::nullopt) << "superscript two";
  EXPECT_EQ(parse_java_int("\xEF\xBC"), std::nullopt) << "cut off";
}

TEST(JavaDouble, TakesDecimalsWithSuffix) {
  EXPECT_EQ(parse_java_double(" \t1. \x01"), 1.0);
  EXPECT_EQ(parse_java_double("-.5d"), -0.5);
  EXPECT_EQ(parse_java_double("1e3F"), 1000.0);
  EXPECT_EQ(parse_java_double("0.1"), 0.1);
  EXPECT_EQ(parse_java_double("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(parse_java_double("4.9e-324"), std::numeric_limits<double>::denorm_min());
  for (const char* wrong :
       {"", " ", ".", "1e", "1L", "0x10", "nan", "inf", "1_0", "1 0", "+-1", "1dd", "\u00A01", "e5"}) {
    EXPECT_EQ(parse_java_double(wrong), std::nullopt) << wrong;
  }
}

TEST(JavaDouble, TakesHexadecimalsWithTheirExponent) {
  EXPECT_EQ(parse_java_double("0x1p3"), 8.0);
  EXPECT_EQ(parse_java_double("-0X.8P1f"), -1.0);
  EXPECT_EQ(parse_java_double("0x1.8p+1"), 3.0);
  EXPECT_EQ(parse_java_double("0x1.p-1"), 0.5);
  EXPECT_EQ(parse_java_double("0x1p99999999999"), kInfinity);
  EXPECT_EQ(parse_java_double("0x1p-99999999999"), 0.0);
  for (const char* wrong : {"0x", "0x1", "0x1p", "0x.p1", "0xg p1"})
    EXPECT_EQ(parse_java_double(wrong), std::nullopt) << wrong;
}

TEST(JavaDouble, GoesToInfinityOrZeroBeyondItsRange) {
  EXPECT_EQ(parse_java_double("1e309"), kInfinity);
  EXPECT_EQ(parse_java_double("-1e99999999999"), -kInfinity);
  EXPECT_EQ(parse_java_double("1e-400"), 0.0);
  EXPECT_EQ(parse_java_double("2.4e-324"), 0.0);
  EXPECT_EQ(parse_java_double("0e99999999999"), 0.0);
  EXPECT_EQ(parse_java_double(std::string(400, '9')), kInfinity);
  EXPECT_EQ(parse_java_double("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(parse_java_double("0." + std::string(400, '0') + "1e401"), 1.0);
  EXPECT_EQ(parse_java_double("1" + std::string(400, '0') + "e-400"), 1.0);
}

TEST(JavaDouble, KnowsItsWords) {
  EXPECT_EQ(parse_java_double("+Infinity"), kInfinity);
  EXPECT_EQ(parse_java_double("-Infinity"), -kInfinity);
  EXPECT_TRUE(std::isnan(*parse_java_double("NaN")));
  EXPECT_TRUE(std::signbit(*parse_java_double("-0")));
  EXPECT_EQ(parse_java_double("Infinityd"), std::nullopt);
}

TEST(JavaBoolean, IsTrueInAnyCase) {
  EXPECT_TRUE(parse_java_boolean("tRuE"));
  for (const char* other : {"", "true ", "yes", "1"}) EXPECT_FALSE(parse_java_boolean(other));
}

}  // namespace
}  // namespace tenon::sql92
