// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "fastjson/reader.hpp"
#include "fastjson/writer.hpp"

namespace tenon::fastjson {
namespace {

std::string resolved(std::string_view text) { return to_json(parse(text).value()); }

TEST(References, AreReplacedByCopies) {
  EXPECT_EQ(resolved(R"({"a":{"b":[1,{"c":2}]},"d":{"$ref":"$.a.b[1]"}})"), R"({"a":{"b":[1,{"c":2}]},"d":{"c":2}})");
  EXPECT_EQ(resolved(R"({"a":{"x y":[7]},"d":{"$ref":"$.a['x y']"}})"), R"({"a":{"x y":[7]},"d":[7]})");
  EXPECT_EQ(resolved(R"({"t":{0:{"o":1}},"d":[{"$ref":"$.t[0]"}]})"), R"({"t":{0:{"o":1}},"d":[{"o":1}]})");
}

TEST(References, ThatNameNothingOrTheirParentsAreNull) {
  for (const char* text : {R"({"a":{"$ref":"$.x"}})", R"({"a":{"$ref":"$"}})", R"({"a":{"$ref":".."}})",
                           R"({"a":{"$ref":"@"}})", R"({"a":{"$ref":"nonsense"}})", R"({"a":{"$ref":"$.a"}})",
                           R"({"a":{"$ref":"$["}})", R"({"a":{"$ref":"$."}})", R"({"a":{"$ref":""}})"}) {
    EXPECT_EQ(resolved(text), R"({"a":null})") << text;
  }
}

TEST(References, ForwardAreResolvedToo) {
  EXPECT_EQ(resolved(R"({"a":{"$ref":"$.b"},"b":[{"$ref":"$.c"}],"c":1})"), R"({"a":[1],"b":[1],"c":1})");
  EXPECT_EQ(resolved(R"({"a":{"$ref":"$.b"},"b":{"$ref":"$.a"}})"), R"({"a":null,"b":null})");
}

TEST(References, ThatNameEachOtherAreRefused) {
  EXPECT_TRUE(parse(R"({"a":[{"$ref":"$.b"}],"b":[{"$ref":"$.c"}],"c":[{"$ref":"$.b"}]})").has_error());
}

TEST(References, ObjectsWithMoreMembersAreNone) {
  const std::string text = R"({"a":{"$ref":"$.b","x":1},"b":{"$ref":5}})";
  EXPECT_EQ(resolved(text), text);
}

TEST(References, AreMembersLikeOthersWhereNoneAreExpected) {
  const std::string text = R"({"a":{"$ref":"$.b"},"b":1})";
  EXPECT_EQ(to_json(parse(text, kOwnFile, References::none).value()), text);
}

TEST(References, CannotMultiplyWithoutBound) {
  // Each line names the one before ten times: 10^20 values if it were followed.
  std::string text = R"({"a0":[1,1,1,1,1,1,1,1,1,1])";
  for (int line = 1; line <= 20; ++line) {
    text += ",\"a" + std::to_string(line) + "\":[";
    for (int column = 0; column < 10; ++column) {
      text += (column == 0 ? "" : ",") + std::string(R"({"$ref":"$.a)") + std::to_string(line - 1) + "\"}";
    }
    text += "]";
  }
  EXPECT_TRUE(parse(text + "}", Limits{1 << 20, 100000, 64}).has_error());
}

}  // namespace
}  // namespace tenon::fastjson
