// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "sql92/compile.hpp"

namespace tenon::sql92 {
namespace {

std::string_view result(std::string_view expression, std::string_view properties = "") {
  const auto program = compile(expression);
  if (!program) return "parse-error";
  return name_of(program->evaluate(PropertiesView(properties)));
}

constexpr std::string_view kA1 =
    "a\1"
    "1\2";

TEST(Sql92, APropertyIsReadAsWhatItIsComparedWith) {
  EXPECT_EQ(result("a = 1", kA1), "true");
  EXPECT_EQ(result("a = '1'", kA1), "true");
  EXPECT_EQ(result("a = '1.0'", kA1), "false");
  EXPECT_EQ(result("a = 1.0", kA1), "true");
  EXPECT_EQ(result("1 < a",
                   "a\1"
                   "10\2"),
            "true");
  EXPECT_EQ(result("a = TRUE", "a\1TRUE\2"), "true");
  EXPECT_EQ(result("a = 1", "a\1x\2"), "eval-error");
  EXPECT_EQ(result("a > 1",
                   "a\1"
                   "2.5\2"),
            "eval-error");
  EXPECT_EQ(result("TRUE = a", "a\1true\2"), "eval-error");
}

TEST(Sql92, MissingPropertiesAreNull) {
  EXPECT_EQ(result("a = 1"), "null");
  EXPECT_EQ(result("a = b"), "true");
  EXPECT_EQ(result("'x' <> a"), "true");
  EXPECT_EQ(result("a > 1"), "null");
  EXPECT_EQ(result("a IS NULL"), "true");
  EXPECT_EQ(result("a IS NOT NULL", kA1), "true");
  EXPECT_EQ(result("a IN ('x')"), "null");
  EXPECT_EQ(result("a NOT CONTAINS 'x'"), "false");
  EXPECT_EQ(result("a IS NULL", "a\1\2"), "true") << "an empty value does not exist";
}

TEST(Sql92, LogicIsThreeValuedAndStopsEarly) {
  EXPECT_EQ(result("FALSE AND NULL"), "false");
  EXPECT_EQ(result("NULL AND FALSE"), "false");
  EXPECT_EQ(result("NULL AND TRUE"), "null");
  EXPECT_EQ(result("NULL OR TRUE"), "true");
  EXPECT_EQ(result("NOT NULL"), "null");
  EXPECT_EQ(result("TRUE OR a = 1", "a\1x\2"), "true");
  EXPECT_EQ(result("NULL OR a = 1", "a\1x\2"), "eval-error");
  EXPECT_EQ(result("FALSE AND a = 1 OR TRUE", "a\1x\2"), "true");
}

TEST(Sql92, BetweenStopsAtTheBoundThatDecides) {
  EXPECT_EQ(result("a BETWEEN 1 AND 3",
                   "a\1"
                   "2\2"),
            "true");
  EXPECT_EQ(result("a NOT BETWEEN 1 AND 3",
                   "a\1"
                   "2\2"),
            "false");
  EXPECT_EQ(result("a NOT BETWEEN 3 AND 1",
                   "a\1"
                   "2\2"),
            "true");
  EXPECT_EQ(result("a BETWEEN 1 AND b",
                   "a\1"
                   "0\2b\1x\2"),
            "false");
  EXPECT_EQ(result("a BETWEEN 1 AND b",
                   "a\1"
                   "1\2b\1x\2"),
            "eval-error");
  EXPECT_EQ(result("TRUE AND a BETWEEN 1 AND 3 AND TRUE",
                   "a\1"
                   "4\2"),
            "false");
}

TEST(Sql92, DoublesHaveATotalOrder) {
  EXPECT_EQ(result("a > 1.0", "a\1NaN\2"), "true");
  EXPECT_EQ(result("a = b", "a\1NaN\2b\1NaN\2"), "true");
  EXPECT_EQ(result("a < b",
                   "a\1-0.0\2b\1"
                   "0.0\2"),
            "true");
  EXPECT_EQ(result("a > b", "a\1NaN\2b\1Infinity\2"), "true");
}

TEST(Sql92, LooksAtABoundedAmountOfText) {
  const std::string large(30'000, 'z');
  const auto terms = [](int count) {
    std::string expression = "a CONTAINS 'x'";
    while (--count > 0) expression += " OR a CONTAINS 'x'";
    return expression;
  };
  EXPECT_EQ(result(terms(30), "a\1" + large + "\2"), "false");
  EXPECT_EQ(result(terms(40), "a\1" + large + "\2"), "eval-error") << "more than 1 MiB";
  EXPECT_EQ(result(terms(3'000), "a\1zzz\2"), "false");
}

TEST(Sql92, TheLastOfSeveralEntriesCounts) {
  EXPECT_EQ(result("a = '2'",
                   "a\1"
                   "1\2a\1"
                   "2\2"),
            "true");
}

TEST(Sql92, MorePropertiesThanAreBoundTogether) {
  std::string expression = "p0 = 0", properties;
  for (int index = 1; index < 40; ++index) {
    expression += " AND p" + std::to_string(index) + " = " + std::to_string(index);
  }
  for (int index = 0; index < 40; ++index) {
    append_property(properties, "p" + std::to_string(index), std::to_string(index));
  }
  EXPECT_EQ(result(expression, properties), "true");
  EXPECT_EQ(result(expression + " AND p39 = 38", properties), "false");
}

}  // namespace
}  // namespace tenon::sql92
