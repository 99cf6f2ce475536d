// SPDX-License-Identifier: Apache-2.0
#include "tag_filter.hpp"
#include "tenon/testing/filter_contract.hpp"

namespace tenon::filter_tag {
namespace {

testing::FilterCase tag_case() {
  return {"TAG",
          [] { return std::make_shared<TagFilterCompiler>(); },
          {{"TagA", "TAGS\1TagA\2", "TAGS\1TagB\2"}, {"TagA || TagB", "TAGS\1TagB\2", "KEYS\1TagB\2"}},
          {"||"}};
}

}  // namespace
}  // namespace tenon::filter_tag

namespace tenon::testing {
INSTANTIATE_TEST_SUITE_P(Tag, FilterContract, ::testing::Values(filter_tag::tag_case()));
}
