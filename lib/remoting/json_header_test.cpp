// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "remoting/request_code.hpp"
#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

using namespace std::string_literals;

Status decode_json(Command& command, std::string_view header) {
  return command.decode(frame_of(HeaderType::json, header));
}

TEST(JsonHeader, ReadsWhatJavaSends) {
  Command command;
  ASSERT_TRUE(decode_json(command,
                          R"({"code":105,"extFields":{"topic":"TopicTest"},"flag":0,"language":"JAVA","opaque":3,)"
                          R"("serializeTypeCurrentRPC":"JSON","version":479})"));
  EXPECT_EQ(command.code, static_cast<std::int32_t>(RequestCode::get_routeinfo_by_topic));
  EXPECT_EQ(command.opaque, 3);
  EXPECT_EQ(command.version, 479);
  EXPECT_EQ(command.language, Language::java);
  EXPECT_FALSE(command.is_response());
  EXPECT_FALSE(command.remark);
  EXPECT_EQ(command.field("topic"), "TopicTest");
  EXPECT_FALSE(command.field("group"));
}

TEST(JsonHeader, ReadsWhatCppSends) {
  Command command;
  ASSERT_TRUE(decode_json(command,
                          "{\n \"code\" : 310,\t\"extFields\":{\"d\":4,\"e\":-1,\"m\":true,\"i\":null,\"x\":1.5},"
                          "\"flag\":2,\"language\":\"CPP\",\"opaque\":\"7\",\"version\":333}\n \r\n"));
  EXPECT_EQ(command.language, Language::cpp);
  EXPECT_TRUE(command.is_oneway());
  EXPECT_EQ(command.opaque, 7);
  EXPECT_EQ(command.field("d"), "4");
  EXPECT_EQ(command.field("e"), "-1");
  EXPECT_EQ(command.field("m"), "true");
  EXPECT_EQ(command.field("x"), "1.5");
  EXPECT_FALSE(command.field("i"));
  EXPECT_EQ(command.fields.size(), 4u);
}

TEST(JsonHeader, ToleratesUnknownNullAndMissingMembers) {
  Command command;
  ASSERT_TRUE(decode_json(command,
                          R"({"new":{"a":[1,{"b":"]}\""}]},"remark":null,"extFields":null,"language":9,"code":null})"));
  EXPECT_EQ(command.code, 0);
  EXPECT_FALSE(command.remark);
  EXPECT_FALSE(command.has_fields);
  EXPECT_EQ(command.language, Language::go);
  ASSERT_TRUE(decode_json(command, "{}"));
  ASSERT_TRUE(decode_json(command, R"({"extFields":{}, "language":"COBOL"})"));
  EXPECT_TRUE(command.has_fields);
  EXPECT_EQ(command.language, Language::other);
}

TEST(JsonHeader, KeepsTheTextOfNestedFieldValues) {
  Command command;
  ASSERT_TRUE(decode_json(command, R"({"extFields":{"o":{"k":[1,2]},"a":"b"}})"));
  EXPECT_EQ(command.field("o"), R"({"k":[1,2]})");
  EXPECT_EQ(command.field("a"), "b");
}

TEST(JsonHeader, Unescapes) {
  Command command;
  ASSERT_TRUE(decode_json(
      command, R"({"remark":"a\"b\\c\/d\n\t\r\b\f","extFields":{"i":"KEYS\u0001k\u0002TAGS\u0001a long value )"
               R"(without any escape\u0002","u":"\u00e9\u20AC\ud83d\ude00","lone":"\ud83dx","\u0061":"2"}})"));
  EXPECT_EQ(command.remark, "a\"b\\c/d\n\t\r\b\f");
  EXPECT_EQ(command.field("i"),
            "KEYS\x01k\x02TAGS\x01"
            "a long value without any escape\x02");
  EXPECT_EQ(command.field("u"), "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(command.field("lone"), "\xef\xbf\xbdx");
  EXPECT_EQ(command.field("a"), "2");
}

TEST(JsonHeader, FindsStringEndsAtEveryDistance) {
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string plain(length, 'x');
    const std::string header = R"({"extFields":{"a":")" + plain + R"(","b":")" + plain + R"(\n)" + plain + "\"}}";
    Command command;
    ASSERT_TRUE(decode_json(command, header));
    EXPECT_EQ(command.field("a"), plain);
    EXPECT_EQ(command.field("b"), plain + "\n" + plain);
  }
}

TEST(JsonHeader, TheLastOfEqualNamesCounts) {
  Command command;
  ASSERT_TRUE(decode_json(command, R"({"code":1,"extFields":{"a":"1","a":"2"},"code":2})"));
  EXPECT_EQ(command.field("a"), "2");
  EXPECT_EQ(command.code, 2);
}

TEST(JsonHeader, RefusesMalformedText) {
  const std::string cases[] = {
      "",
      " ",
      "[]",
      "null",
      "{",
      "{\"code\"",
      "{\"code\":",
      "{\"code\":1",
      "{\"code\":1,}",
      "{\"code\":1}}",
      "{\"code\":1} x",
      "{\"code\":x}",
      "{\"code\":1.5}",
      "{\"code\":2147483648}",
      "{\"code\":1e3}",
      "{\"code\":\"a\"}",
      "{code:1}",
      "{\"extFields\":[]}",
      "{\"extFields\":{\"a\"}}",
      "{\"extFields\":{\"a\":}}",
      "{\"extFields\":{\"a\":\"b}}",
      "{\"extFields\":{\"a\":\"\\q\"}}",
      "{\"extFields\":{\"a\":\"\\u12g4\"}}",
      "{\"extFields\":{\"a\":\"\\u12",
      "{\"a\":\"\\",
      "{\"x\":[}}",
      "{\"x\":" + std::string(100, '[') + std::string(100, ']') + "}",
      "{\"remark\":tru e}",
      "{\"extFields\":nul}",
  };
  for (const std::string& header : cases) {
    Command command;
    const Status outcome = decode_json(command, header);
    ASSERT_TRUE(outcome.has_error()) << header;
    EXPECT_TRUE(outcome.error().is(Errc::invalid_parameter));
    EXPECT_EQ(command.code, 0) << "a refused command must be empty";
  }
}

TEST(JsonHeader, EveryPrefixOfAHeaderIsRefused) {
  const std::string header =
      R"({"code":310,"extFields":{"i":"KEYS\u0001k\u0002","d":4},"flag":0,"language":"JAVA","opaque":3,"remark":"x","version":479})";
  for (std::size_t size = 0; size < header.size(); ++size) {
    // A copy of exactly that size, so that a sanitizer sees a read beyond it.
    const std::string prefix(header.substr(0, size));
    Command command;
    EXPECT_TRUE(decode_json(command, prefix).has_error()) << prefix;
  }
}

TEST(JsonHeader, BoundsTheNumberOfFields) {
  std::string header = "{\"extFields\":{\"a\":\"\"";
  for (int count = 0; count < 5000; ++count) header += ",\"\":\"\"";
  Command command;
  EXPECT_TRUE(decode_json(command, header + "}}").has_error());
}

}  // namespace
}  // namespace tenon::remoting
