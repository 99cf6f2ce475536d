// SPDX-License-Identifier: Apache-2.0
#include "storetools/properties_file.hpp"

#include <gmock/gmock.h>

namespace tenon::storetools {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(PropertiesFile, IsReadAsJavaReadsIt) {
  EXPECT_THAT(
      read_properties("# comment\n! too\n\n a = 1 \nb:2\r\nc 3\nlong=one,\\\n   two\npath=/a\\:b\nuni=\\u00e4\n"),
      ElementsAre(Pair("a", "1 "), Pair("b", "2"), Pair("c", "3"), Pair("long", "one,two"), Pair("path", "/a:b"),
                  Pair("uni", "\u00e4")));
}

TEST(PropertiesFile, TheLastOfSeveralCounts) {
  EXPECT_THAT(read_properties("a=1\nb=2\na=3"), ElementsAre(Pair("b", "2"), Pair("a", "3")));
}

TEST(PropertiesFile, OddEndsDoNoHarm) {
  EXPECT_TRUE(read_properties("").empty());
  EXPECT_THAT(read_properties("\\"), ElementsAre());
  EXPECT_THAT(read_properties("key"), ElementsAre(Pair("key", "")));
  EXPECT_THAT(read_properties("=value"), ElementsAre(Pair("", "value")));
  EXPECT_THAT(read_properties("a=\\u12"), ElementsAre(Pair("a", "u12")));
}

}  // namespace
}  // namespace tenon::storetools
