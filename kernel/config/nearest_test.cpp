// SPDX-License-Identifier: Apache-2.0
#include "config/nearest.hpp"

#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

const std::vector<std::string_view> kTypes{"filter-sql", "filter-tag", "protocol-native", "store-mmap"};

TEST(Nearest, FindsWhatIsSpelledAlike) {
  EXPECT_EQ(nearest_word("store-mmapp", kTypes), "store-mmap");
  EXPECT_EQ(nearest_word("Store_mmap", kTypes), "store-mmap");
  EXPECT_EQ(nearest_word("protocol-ntaive", kTypes), "protocol-native");
}

TEST(Nearest, FindsTheOnlyOneThatHasTheWord) {
  EXPECT_EQ(nearest_word("native", kTypes), "protocol-native");
  EXPECT_EQ(nearest_word("mmap", kTypes), "store-mmap");
  EXPECT_EQ(nearest_word("filter", kTypes), "");
  EXPECT_EQ(nearest_word("nativ", kTypes), "");
  EXPECT_EQ(nearest_word("", kTypes), "");
}

TEST(Nearest, SaysSoOnlyWhenThereIsOne) {
  EXPECT_EQ(did_you_mean("native", kTypes), " (did you mean 'protocol-native'?)");
  EXPECT_EQ(did_you_mean("kafka", kTypes), "");
}

}  // namespace
}  // namespace tenon::kernel
