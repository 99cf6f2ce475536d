// SPDX-License-Identifier: Apache-2.0
#include "sql_filter.hpp"
#include "tenon/testing/filter_contract.hpp"

namespace tenon::filter_sql {
namespace {

testing::FilterCase sql_case() {
  return {"SQL92",
          [] { return std::make_shared<SqlFilterCompiler>(); },
          {{"TAGS = 'TagA'", "TAGS\1TagA\2", "TAGS\1TagB\2"},
           {"price BETWEEN 10 AND 20 AND region IN ('east', 'west')",
            "price\1"
            "15\2region\1west\2",
            "price\1"
            "15\2"},
           {"a IS NULL OR a > 1.5",
            "a\1"
            "2\2",
            "a\1x\2"}},
          {"", "a = ", "1", "a > 'x'", "a = 1 #", "(a LIKE 'x')", "a IN ()"}};
}

}  // namespace
}  // namespace tenon::filter_sql

namespace tenon::testing {
INSTANTIATE_TEST_SUITE_P(Sql92, FilterContract, ::testing::Values(filter_sql::sql_case()));
}
