// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "allocation_count/allocation_count.hpp"
#include "sql92/compile.hpp"

namespace tenon::sql92 {
namespace {

TEST(Sql92, EvaluationAllocatesNothing) {
  const auto program = compile(
      "a BETWEEN 1 AND 10 AND (b IN ('x', 'y', 'a string that is longer than others') OR c CONTAINS 'bc') AND d = 1.5 "
      "AND "
      "e = TRUE AND NOT (f IS NULL) AND g < h AND i = 0.1");
  ASSERT_TRUE(program);
  const PropertiesView properties(
      "a\1"
      "5\2b\1y\2c\1"
      "abcd\2d\1"
      "1.5\2e\1true\2f\1f\2g\1"
      "0x1.8p3\2h\1"
      "1e400\2i\1"
      "0.1000000000000000055511151231257827021181583404541015625000000000000000000000000000000000001\2");
  const std::int64_t before = allocation_count();
  for (int round = 0; round < 100; ++round) ASSERT_NE(program->evaluate(properties), Verdict::error);
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace tenon::sql92
