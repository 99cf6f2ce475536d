// SPDX-License-Identifier: Apache-2.0
#include "fastjson/reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenon::fastjson {
namespace {

TEST(Parse, ReadsTheDialect) {
  const auto tree = parse(
      "{ 0 : \"a\" , \"1\":\"b\",{\"topic\":\"t\",\"queueId\":3}:{\"offset\":9007199254740993},'s':'q',"
      "bare:[true,false,null,-1.5e3]}\n");
  ASSERT_TRUE(tree.has_value()) << tree.error().message();
  EXPECT_EQ(tree->text_or("0", ""), "a");
  EXPECT_EQ(tree->text_or("1", ""), "b");
  EXPECT_EQ(tree->text_or("s", ""), "q");
  const Member& with_object_key = tree->members()[2];
  EXPECT_EQ(with_object_key.key.i64_or("queueId", 0), 3);
  EXPECT_EQ(with_object_key.value.i64_or("offset", 0), 9007199254740993) << "64 bits stay exact";
  EXPECT_EQ(tree->find("bare")->elements()[3].as_double(), -1500.0);
}

TEST(Parse, KeepsNumbersBeyond64BitsAsReals) {
  EXPECT_TRUE(parse("18446744073709551616").value().is_real());
  EXPECT_TRUE(parse("9223372036854775807").value().is_integer());
  EXPECT_TRUE(parse("1e400").has_error());
}

TEST(Parse, DecodesEscapes) {
  EXPECT_EQ(parse(R"("\u00e9\ud83d\ude00\ud83d\/\"\n")").value().as_string(),
            "\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd/\"\n");
}

TEST(Parse, RefusesMalformedTextWithItsPlace) {
  const std::string cases[] = {"",           "{",         "{\"a\"}", "{\"a\":}",  "[1,]",      "[1 2]",
                               "{\"a\":1,}", "\"a",       "\"\\x\"", "\"\\u12\"", "tru",       "{}{}",
                               "]",          "nan",       "inf",     "--1",       "{:1}",      "{,}",
                               "1 2",        "{\"a\" 1}", "'a\"",    "{\"a\":1",  "[\"a\":1]", "\"\\"};
  for (const std::string& text : cases) {
    const auto tree = parse(text);
    ASSERT_TRUE(tree.has_error()) << text;
    EXPECT_TRUE(tree.error().is(Errc::message_illegal));
  }
  EXPECT_NE(parse("{\n  \"a\": x\n}").error().message().find("line 2, column 8"), std::string::npos)
      << parse("{\n  \"a\": x\n}").error().message();
}

TEST(Parse, EveryPrefixIsRefused) {
  const std::string text = R"({"a":[1,"x\u0041"],{"k":0}:{"b":true}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string prefix = text.substr(0, size);
    EXPECT_TRUE(parse(prefix).has_error()) << prefix;
  }
}

TEST(Parse, IsBounded) {
  EXPECT_TRUE(parse(std::string(100000, '[')).has_error());
  EXPECT_TRUE(parse(std::string(100000, '{')).has_error());
  EXPECT_TRUE(parse("[[[1]]]", Limits{1000, 1000, 3}).has_value());
  EXPECT_TRUE(parse("[[[1]]]", Limits{1000, 1000, 2}).has_error());
  EXPECT_TRUE(parse("[1,2,3]", Limits{1000, 3, 8}).has_error());
  EXPECT_TRUE(parse("[1,2,3]", Limits{6, 1000, 8}).has_error());
}

}  // namespace
}  // namespace tenon::fastjson
