// SPDX-License-Identifier: Apache-2.0
#include "size_filter.hpp"

#include "tenon/testing/filter_contract.hpp"

namespace tenon::testing {
namespace {

// The suite's messages are 200 bytes; see FilterContract.
FilterCase size_case(std::string expression_type) {
  return {std::move(expression_type),
          [] { return std::make_shared<example::SizeFilterCompiler>(); },
          {},
          {"", "200", ">= ", ">= x", "< -1", "< 1 "}};
}

TEST(SizeFilter, ComparesTheSizeOfTheRecord) {
  const auto large = example::SizeFilterCompiler().compile(">= 1024").value();
  const auto small = example::SizeFilterCompiler().compile("< 1024").value();
  IndexEntry entry;
  for (const std::int32_t bytes : {1, 1023, 1024, 4096}) {
    entry.size_bytes = bytes;
    EXPECT_EQ(large->match_index(entry), bytes >= 1024);
    EXPECT_EQ(small->match_index(entry), bytes < 1024);
  }
}

INSTANTIATE_TEST_SUITE_P(Size, FilterContract, ::testing::Values(size_case("SIZE")));

}  // namespace
}  // namespace tenon::testing
