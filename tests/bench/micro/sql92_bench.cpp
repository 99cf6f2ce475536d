// SPDX-License-Identifier: Apache-2.0
// What a filter costs for each message, and a subscription once. The goal for five terms on eight properties is 300 ns.
#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "allocation_count/allocation_count.hpp"
#include "sql92/compile.hpp"

namespace {

using namespace tenon;

constexpr std::string_view kFiveTerms =
    "price > 100 AND region IN ('east', 'west', 'north') AND level BETWEEN 1 AND 5 AND TAGS = 'TagA' AND active = TRUE";

/// Eight properties as a Java producer sends them, five of them its own.
std::string eight_properties(std::string_view price) {
  std::string wire;
  append_property(wire, "price", price);
  append_property(wire, "region", "west");
  append_property(wire, "level", "3");
  append_property(wire, "active", "true");
  append_property(wire, "KEYS", "order-20240607-000001");
  append_property(wire, "UNIQ_KEY", "7F0000010B5418B4AAC2123456780000");
  append_property(wire, "WAIT", "true");
  append_property(wire, "TAGS", "TagA");
  return wire;
}

void judge(benchmark::State& state, std::string_view expression, std::string_view price) {
  const auto program = sql92::compile(expression).value();
  const std::string wire = eight_properties(price);
  long evaluations = 0;
  const std::int64_t before = allocation_count();
  for (auto _ : state) {
    sql92::Verdict verdict = program.evaluate(PropertiesView(wire));
    benchmark::DoNotOptimize(verdict);
    ++evaluations;
  }
  state.counters["allocations"] = static_cast<double>(allocation_count() - before) / static_cast<double>(evaluations);
}

void five_terms_that_match(benchmark::State& state) { judge(state, kFiveTerms, "250"); }
void five_terms_the_first_refuses(benchmark::State& state) { judge(state, kFiveTerms, "50"); }
void one_term(benchmark::State& state) { judge(state, "TAGS = 'TagA'", "250"); }
void doubles(benchmark::State& state) { judge(state, "price > 99.5 AND price < 1000.25", "250"); }
void compile_five_terms(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(sql92::compile(kFiveTerms).has_value());
}
BENCHMARK(five_terms_that_match);
BENCHMARK(five_terms_the_first_refuses);
BENCHMARK(one_term);
BENCHMARK(doubles);
BENCHMARK(compile_five_terms);

}  // namespace

BENCHMARK_MAIN();
