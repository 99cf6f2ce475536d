// SPDX-License-Identifier: Apache-2.0
#include "bench/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace tenon::bench {
namespace {

TEST(Histogram, IsZeroWhenEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.percentile_ns(0.5), 0);
  EXPECT_EQ(histogram.max_ns(), 0);
}

TEST(Histogram, IsExactBelowSixtyFour) {
  Histogram histogram;
  for (int value = 1; value <= 50; ++value) histogram.record(value);
  EXPECT_EQ(histogram.percentile_ns(0.5), 25);
  EXPECT_EQ(histogram.percentile_ns(1.0), 50);
}

TEST(Histogram, PercentilesOfRandomValuesAreWithinOneStep) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> latency(11.0, 2.0);
  Histogram histogram;
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20000; ++i) {
    values.push_back(static_cast<std::int64_t>(latency(random)));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double fraction : {0.5, 0.9, 0.99, 0.999}) {
    const auto exact = values[static_cast<std::size_t>(fraction * static_cast<double>(values.size())) - 1];
    const auto found = histogram.percentile_ns(fraction);
    EXPECT_GE(found, exact);
    EXPECT_LE(static_cast<double>(found), static_cast<double>(exact) * 1.02 + 2) << fraction;
  }
}

TEST(Histogram, TakesAnythingAndStaysInBounds) {
  Histogram histogram;
  histogram.record(-5);
  histogram.record(INT64_MAX);
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.percentile_ns(0.5), 0);
  EXPECT_GT(histogram.percentile_ns(1.0), std::int64_t{1} << 41);
}

}  // namespace
}  // namespace tenon::bench
