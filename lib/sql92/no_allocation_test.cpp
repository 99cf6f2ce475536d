// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "sql92/compile.hpp"

namespace {
long allocations = 0;
}  // namespace

// Not inlined: GCC would see malloc meet delete and new meet free.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

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
  const long before = allocations;
  for (int round = 0; round < 100; ++round) ASSERT_NE(program->evaluate(properties), Verdict::error);
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace tenon::sql92
