// SPDX-License-Identifier: Apache-2.0
#include "fastjson/value.hpp"

#include <gtest/gtest.h>

namespace tenon::fastjson {
namespace {

TEST(Value, ConvertsBetweenNumbersAndStrings) {
  EXPECT_EQ(Value("12").as_i64(), 12);
  EXPECT_EQ(Value(12.0).as_i64(), 12);
  EXPECT_FALSE(Value(12.5).as_i64());
  EXPECT_FALSE(Value(1e300).as_i64());
  EXPECT_FALSE(Value("x").as_i64());
  EXPECT_FALSE(Value(std::int64_t{1} << 40).as_i32());
  EXPECT_EQ(Value(3).as_double(), 3.0);
  EXPECT_EQ(Value("true").as_bool(), true);
  EXPECT_EQ(Value(0).as_bool(), false);
  EXPECT_EQ(Value(7).as_text(), "7");
  EXPECT_EQ(Value(true).as_text(), "true");
  EXPECT_FALSE(Value().as_text());
  EXPECT_FALSE(Value(7).as_string());
}

TEST(Value, FindsMembersByStringAndIntegerKeys) {
  Value object;
  object.add("a", 1);
  object.add(0, "zero");
  object.add("a", 2);
  EXPECT_EQ(object.i64_or("a", 0), 2) << "the last counts";
  EXPECT_EQ(object.text_or("0", ""), "zero");
  EXPECT_EQ(object.find("b"), nullptr);
  EXPECT_EQ(Value(5).find("a"), nullptr);
  EXPECT_EQ(object.i32_or("b", 9), 9);
  EXPECT_TRUE(object.bool_or("b", true));
}

TEST(Value, CopiesAreIndependent) {
  Value first;
  first.push_back(1);
  Value second = first;
  second.push_back("two");
  EXPECT_EQ(first.elements().size(), 1u);
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace tenon::fastjson
