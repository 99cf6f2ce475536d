// SPDX-License-Identifier: Apache-2.0
#include "remoting/field_reader.hpp"

#include <gtest/gtest.h>

namespace tenon::remoting {
namespace {

TEST(FieldReader, ReadsTypedValues) {
  const Fields fields{{"topic", "T"}, {"queueId", "-3"}, {"offset", "9223372036854775807"}, {"force", "TRUE"}};
  FieldReader read(fields);
  EXPECT_EQ(read.text("topic"), "T");
  EXPECT_EQ(read.i32("queueId"), -3);
  EXPECT_EQ(read.i64("offset"), INT64_MAX);
  EXPECT_TRUE(read.boolean("force"));
  EXPECT_EQ(read.i32_or("absent", 7), 7);
  EXPECT_EQ(read.i64_or("absent", 8), 8);
  EXPECT_EQ(read.text_or("absent", "x"), "x");
  EXPECT_TRUE(read.boolean_or("absent", true));
  EXPECT_TRUE(read.ok());
  EXPECT_TRUE(read.status());
}

TEST(FieldReader, RemembersTheFirstProblemAndNamesTheField) {
  const Fields fields{{"queueId", "2147483648"}, {"empty", ""}};
  FieldReader read(fields);
  EXPECT_EQ(read.i32("queueId"), 0);
  EXPECT_EQ(read.text("topic"), "");
  ASSERT_FALSE(read.ok());
  EXPECT_TRUE(read.error().is(Errc::invalid_parameter));
  EXPECT_NE(read.error().message().find("queueId"), std::string::npos);
  FieldReader missing(fields);
  missing.text("empty");
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().message().find("empty"), std::string::npos);
}

TEST(ParseNumber, TakesWholeDecimalNumbersOnly) {
  EXPECT_EQ(parse_i32("+5"), 5);
  EXPECT_EQ(parse_i64("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse_i64("0999999999999999999"), 999'999'999'999'999'999);
  EXPECT_EQ(parse_i32("2147483647"), INT32_MAX);
  EXPECT_FALSE(parse_i32("2147483648"));
  for (const char* text : {"", "+", "-", "+-1", "1 ", " 1", "0x1", "1.0", "9223372036854775808"}) {
    EXPECT_FALSE(parse_i64(text)) << text;
  }
  EXPECT_FALSE(parse_boolean("1"));
  EXPECT_FALSE(parse_boolean("false"));
}

}  // namespace
}  // namespace tenon::remoting
