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

/// Bytes above 127 are Latin-1 to it, and what comes of them is UTF-8 always.
TEST(PropertiesFile, CharactersAreThoseThatJavaSees) {
  EXPECT_THAT(read_properties("latin=\xE4\nutf8=\xC3\xA4\npair=\\ud83d\\ude00!\nhalf=\\ud83d\nwrong=\\ude00\\ud83d\n"),
              ElementsAre(Pair("latin", "\u00e4"), Pair("utf8", "\u00c3\u00a4"), Pair("pair", "\xF0\x9F\x98\x80!"),
                          Pair("half", "?"), Pair("wrong", "??")));
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
