// SPDX-License-Identifier: Apache-2.0
#include "sql_filter.hpp"

#include <gtest/gtest.h>

namespace tenon::filter_sql {
namespace {

std::shared_ptr<const CompiledFilter> filter(std::string_view expression) {
  return SqlFilterCompiler().compile(expression).value();
}

TEST(SqlFilter, OnlyTrueLetsAMessageThrough) {
  const PropertiesView message("a\1x\2");
  EXPECT_TRUE(filter("a = 'x'")->match_properties(message));
  EXPECT_FALSE(filter("a = 'y'")->match_properties(message)) << "false";
  EXPECT_FALSE(filter("b = 'x'")->match_properties(message)) << "unknown";
  EXPECT_FALSE(filter("a = 1")->match_properties(message)) << "RocketMQ throws";
}

TEST(SqlFilter, TheIndexDecidesNothing) {
  IndexEntry entry;
  entry.tags_code = 1;
  EXPECT_TRUE(filter("FALSE")->match_index(entry));
  EXPECT_TRUE(filter("TRUE")->needs_properties());
}

TEST(SqlFilter, SaysWhereAnExpressionIsWrong) {
  const auto compiled = SqlFilterCompiler().compile("a = 1 AND\nb = ");
  ASSERT_FALSE(compiled);
  EXPECT_TRUE(compiled.error().is(Errc::subscription_parse_failed));
  EXPECT_EQ(compiled.error().message(),
            "the SQL92 expression does not compile: line 2, column 5: expected a property, a literal or '(', found the "
            "end of the expression");
}

}  // namespace
}  // namespace tenon::filter_sql
