// SPDX-License-Identifier: Apache-2.0
#include "sql92/compile.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tenon::sql92 {
namespace {

std::string complaint(std::string_view expression) {
  const auto program = compile(expression);
  if (program) return "compiles";
  EXPECT_TRUE(program.error().is(Errc::subscription_parse_failed));
  return program.error().message();
}

TEST(Sql92Compile, SaysWhereAndWhy) {
  EXPECT_EQ(complaint(""), "line 1, column 1: expected a property, a literal or '(', found the end of the expression");
  EXPECT_EQ(complaint("a = "),
            "line 1, column 5: expected a property, a literal or '(', found the end of the expression");
  EXPECT_EQ(complaint("a IN (1)"), "line 1, column 7: expected a string in single quotes, found '1'");
  EXPECT_EQ(complaint("a = 1\r\nAND\nb = NULL"),
            "line 3, column 5: NULL cannot be compared: use IS NULL or IS NOT NULL");
  EXPECT_EQ(complaint("'\xE4\xB8\xAD' = ;"), "line 1, column 7: no token begins with this character");
  EXPECT_EQ(complaint("a = 'x"), "line 1, column 5: this string has no closing quote");
  EXPECT_EQ(complaint("a /* x"), "line 1, column 3: this comment has no end");
  EXPECT_EQ(complaint("a > 'x'"),
            "line 1, column 5: this cannot be compared as greater or less: expected a property or a number");
  EXPECT_EQ(complaint("1"), "line 1, column 1: expected a condition: this has a value, but is neither true nor false");
  EXPECT_EQ(complaint("a = 9223372036854775808"), "line 1, column 5: this number does not fit into 64 bits");
  EXPECT_EQ(
      complaint("a = 1 NOT"),
      "line 1, column 10: expected BETWEEN, IN, CONTAINS, STARTSWITH or ENDSWITH behind NOT, found the end of the "
      "expression");
}

TEST(Sql92Compile, IgnoresWhatCannotContinueTheExpression) {
  for (const char* expression : {"a = 1) #", "a = 1 b = 2", "a LIKE 'x'", "a = 01", "a IS NULL NOT", "a-b=1"}) {
    EXPECT_EQ(complaint(expression), "compiles") << expression;
  }
  EXPECT_NE(complaint("a = 1 #"), "compiles") << "one token is read ahead";
}

TEST(Sql92Compile, BoundsSizeAndDepth) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '(') + "a" + std::string(levels, ')'); };
  EXPECT_EQ(complaint(nested(kNestingMax - 1)), "compiles");
  EXPECT_EQ(complaint(nested(kNestingMax)), "line 1, column 513: nested deeper than 512 parentheses, signs and NOTs");
  EXPECT_THAT(complaint(std::string(60'000, '-') + "1 = a"), ::testing::HasSubstr("nested deeper"));
  EXPECT_THAT(complaint("a = '" + std::string(kExpressionBytesMax, 'x') + "'"),
              ::testing::HasSubstr("more than 65536"));
  std::string pending;
  for (int level = 0; level < 400; ++level) pending += "TRUE OR TRUE AND a = a = (";
  EXPECT_THAT(complaint(pending + "a" + std::string(400, ')')), ::testing::HasSubstr("too many operands"));
}

TEST(Sql92Compile, LongChainsNeedNoDepth) {
  std::string chain = "a = 1";
  while (chain.size() + 20 < kExpressionBytesMax) chain += " AND a = 1";
  const auto program = compile(chain);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->evaluate(PropertiesView("a\1"
                                             "1\2")),
            Verdict::yes);
}

TEST(Sql92Compile, NestedBetweenIsLinear) {
  // Evaluating the value once for either bound would take 2^100 steps.
  std::string nested = "a";
  for (int level = 0; level < 100; ++level) nested = "-(" + nested + " BETWEEN 1 AND 2)";
  EXPECT_EQ(compile(nested + " IS NULL")
                ->evaluate(PropertiesView("a\1"
                                          "1\2")),
            Verdict::yes);
}

TEST(Sql92Compile, NamesEachPropertyOnce) {
  const auto program = compile("a = b OR a = c AND b = 'x'");
  EXPECT_THAT(program->property_names(), ::testing::ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace tenon::sql92
