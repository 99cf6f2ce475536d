// SPDX-License-Identifier: Apache-2.0
#include "tenon/properties.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace tenon {
namespace {

TEST(PropertiesView, FindsWithAndWithoutTheLastSeparator) {
  for (const std::string wire : {"KEYS\1k1 k2\2TAGS\1TagA", "KEYS\1k1 k2\2TAGS\1TagA\2"}) {
    EXPECT_EQ(PropertiesView(wire).find("KEYS"), "k1 k2");
    EXPECT_EQ(PropertiesView(wire).find("TAGS"), "TagA");
    EXPECT_EQ(PropertiesView(wire).find("TAG"), std::nullopt);
    EXPECT_EQ(PropertiesView(wire).find("AGS"), std::nullopt);
  }
}

TEST(PropertiesView, TheLastOfSeveralCountsAndMalformedEntriesDoNot) {
  EXPECT_EQ(PropertiesView("a\1one\2a\1two\2").find("a"), "two");
  EXPECT_EQ(PropertiesView("a\1\2").find("a"), std::nullopt);
  EXPECT_EQ(PropertiesView("\2\2a\2\1b\2c\1d").find("c"), "d");
  std::string seen;
  PropertiesView("\2\2a\2\1b\2c\1d").for_each([&](auto name, auto value) { seen.append(name).append(value); });
  EXPECT_EQ(seen, "cd");
}

TEST(PropertiesView, OneWalkServesSeveralNames) {
  std::string_view keys, tags;
  PropertiesView("\2KEYS\1one\2TAGS\2KEYSX\1no\2KEYS\1two\2TAGS\1\2x").for_each_entry([&](std::string_view entry) {
    EXPECT_FALSE(entry.empty());
    if (const auto value = PropertiesView::value_if(entry, "KEYS"); !value.empty()) keys = value;
    if (const auto value = PropertiesView::value_if(entry, "TAGS"); !value.empty()) tags = value;
  });
  EXPECT_EQ(keys, "two");
  EXPECT_EQ(tags, "");
}

TEST(PropertiesView, AWalkOfAnyLengthGivesWhatStandsBetweenTheSeparators) {
  std::string wire;
  for (int length = 0; length < 100; ++length) {
    std::vector<std::string> expected;
    std::istringstream text(wire);
    for (std::string entry; std::getline(text, entry, '\2');) {
      if (!entry.empty()) expected.push_back(entry);
    }
    std::vector<std::string> seen;
    PropertiesView(wire).for_each_entry([&](std::string_view entry) { seen.emplace_back(entry); });
    ASSERT_EQ(seen, expected) << testing::PrintToString(wire);
    wire.push_back("\2ab\1"[length * length % 7 % 4]);
  }
}

TEST(Properties, AppendSetAndRemoveKeepTheOthers) {
  std::string wire = "KEYS\1k";  // as a 4.9 client writes it
  append_property(wire, "TAGS", "t");
  EXPECT_EQ(wire, "KEYS\1k\2TAGS\1t\2");
  set_property(wire, "KEYS", "other");
  EXPECT_EQ(wire, "TAGS\1t\2KEYS\1other\2");
  remove_property(wire, "TAGS");
  EXPECT_EQ(wire, "KEYS\1other\2");
  append_property(wire, "EMPTY", "");
  EXPECT_EQ(wire, "KEYS\1other\2");
}

// Vectors: java.lang.String.hashCode(); TagA as in ../shared/reference/remoting-protocol.md 3.6.
TEST(JavaStringHash, IsTheSumOfPowersAtEveryLength) {
  std::string text;
  std::uint32_t hash = 0;
  for (int length = 0; length < 100; ++length) {
    ASSERT_EQ(java_string_hash(text), static_cast<std::int32_t>(hash)) << text;
    const char next = static_cast<char>(1 + (length * 89 + 50) % 127);  // all of ASCII, in no order
    text.push_back(next);
    hash = hash * 31 + static_cast<unsigned char>(next);
  }
}

TEST(JavaStringHash, IsThatOfJava) {
  EXPECT_EQ(java_string_hash(""), 0);
  EXPECT_EQ(java_string_hash("TagA"), 2598919);
  EXPECT_EQ(java_string_hash("polygenelubricants"), INT32_MIN);
  EXPECT_EQ(java_string_hash("\xE4\xBD\xA0\xE5\xA5\xBD"), 652829);        // two BMP characters
  EXPECT_EQ(java_string_hash("\xF0\x9F\x98\x80"), 0xD83D * 31 + 0xDE00);  // a surrogate pair
  EXPECT_EQ(java_string_hash("\xFF"), 0xFFFD);
  EXPECT_EQ(java_string_hash("genelubricants", java_string_hash("poly")), INT32_MIN);
  EXPECT_EQ(java_string_hash("g\xE4\xBD\xA0", java_string_hash("a")), java_string_hash("ag\xE4\xBD\xA0"));
}

TEST(JavaStringHash, TakesOtherCharactersAnywhere) {
  const std::string letters = "The quick brown fox jumps over the lazy dog", other = "\xE4\xBD\xA0";
  for (std::size_t at = 0; at <= letters.size(); ++at) {
    const std::string before = letters.substr(0, at), after = letters.substr(at);
    const std::int32_t parts = java_string_hash(after, java_string_hash(other, java_string_hash(before)));
    EXPECT_EQ(java_string_hash(before + other + after), parts) << at;
  }
}

}  // namespace
}  // namespace tenon
