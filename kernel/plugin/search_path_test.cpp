// SPDX-License-Identifier: Apache-2.0
#include "plugin/search_path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenon::kernel {
namespace {

using testing::ElementsAre;

TEST(SearchPath, StartsBesideTheProgramAndLeavesRelativeEntriesOfTheEnvironmentOut) {
  const SearchPath path("/opt/tenon/bin/tenon", ":relative:/env/a:.:/env/b", {"/configured"});
  EXPECT_THAT(path.directories(), ElementsAre("/opt/tenon/lib/tenon/plugins", "/env/a", "/env/b", "/configured"));
}

TEST(SearchPath, FindsFilesByTypeOnlyInItsDirectories) {
  const SearchPath path("/opt/tenon/bin/tenon", TENON_TEST_PLUGINS, {});
  ASSERT_TRUE(path.find("probe-first"));
  EXPECT_EQ(path.find("probe-first")->filename(), "probe-first.so");
  EXPECT_FALSE(path.find("../plugins/probe-first"));
  EXPECT_FALSE(path.find(""));
  EXPECT_FALSE(path.find("nothing"));
  EXPECT_GE(path.all().size(), 5u);
}

}  // namespace
}  // namespace tenon::kernel
