// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "tenon/filter.hpp"
#include "tenon/testing/odd_properties.hpp"

namespace tenon::testing {

/// One implementation of FilterCompiler and samples of its expression language.
struct FilterCase {
  struct Sample {
    std::string expression;
    std::string matching;      ///< Properties (wire form) of a message that must pass.
    std::string not_matching;  ///< Of one that must not.
  };
  std::string name;
  std::function<std::shared_ptr<FilterCompiler>()> make;
  std::vector<Sample> samples;
  std::vector<std::string> malformed;  ///< Expressions that must not compile.
};

inline std::ostream& operator<<(std::ostream& out, const FilterCase& filter) { return out << filter.name; }

/// What every filter must keep. Include this header in one file of a test program and instantiate the suite:
///     INSTANTIATE_TEST_SUITE_P(Mine, FilterContract, ::testing::Values(my_case()));
class FilterContract : public ::testing::TestWithParam<FilterCase> {
 protected:
  /// The verdict as the kernel takes it: index first, properties only if the filter needs them.
  static bool passes(const CompiledFilter& filter, const std::string& wire) {
    const PropertiesView properties(wire);
    IndexEntry entry;
    entry.size_bytes = 200;
    entry.tags_code = tags_code_of(properties);
    return filter.match_index(entry) && (!filter.needs_properties() || filter.match_properties(properties));
  }
  std::shared_ptr<FilterCompiler> compiler_ = GetParam().make();
};

TEST_P(FilterContract, SamplesPassAndDoNotPassAsSaid) {
  for (const auto& sample : GetParam().samples) {
    const auto filter = compiler_->compile(sample.expression);
    ASSERT_TRUE(filter) << sample.expression << ": " << filter.error().message();
    EXPECT_TRUE(passes(**filter, sample.matching)) << sample.expression;
    EXPECT_FALSE(passes(**filter, sample.not_matching)) << sample.expression;
  }
}

TEST_P(FilterContract, MalformedExpressionsAreRefusedWithAReason) {
  for (const std::string& expression : GetParam().malformed) {
    const auto filter = compiler_->compile(expression);
    ASSERT_FALSE(filter) << expression;
    EXPECT_TRUE(filter.error().is(Errc::subscription_parse_failed)) << expression;
    EXPECT_FALSE(filter.error().message().empty());
  }
}

TEST_P(FilterContract, OddMessagesDoNotHurt) {
  for (const auto& sample : GetParam().samples) {
    const auto filter = compiler_->compile(sample.expression).value();
    for (const std::string& wire : odd_properties()) static_cast<void>(passes(*filter, wire));
    EXPECT_TRUE(passes(*filter, sample.matching)) << "an odd message left something behind";
  }
}

TEST_P(FilterContract, AFilterOutlivesItsCompiler) {
  for (const auto& sample : GetParam().samples) {
    auto compiler = GetParam().make();
    const auto filter = compiler->compile(sample.expression).value();
    compiler.reset();
    EXPECT_TRUE(passes(*filter, sample.matching));
  }
}

TEST_P(FilterContract, ManyThreadsMayEvaluateOneFilter) {
  for (const auto& sample : GetParam().samples) {
    const auto filter = compiler_->compile(sample.expression).value();
    const auto evaluate = [&] {
      for (int round = 0; round < 1000; ++round) {
        ASSERT_TRUE(passes(*filter, sample.matching));
        ASSERT_FALSE(passes(*filter, sample.not_matching));
      }
    };
    std::thread other(evaluate);
    evaluate();
    other.join();
  }
}

}  // namespace tenon::testing
