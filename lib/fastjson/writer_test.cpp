// SPDX-License-Identifier: Apache-2.0
#include "fastjson/writer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "fastjson/reader.hpp"

namespace tenon::fastjson {
namespace {

std::string offsets(Style style) {
  std::string text;
  Writer json(text, style);
  json.begin_object()
      .key("dataVersion")
      .begin_object()
      .member("counter", 3)
      .member("timestamp", std::int64_t{1795266790253});
  json.end_object()
      .key("offsetTable")
      .begin_object()
      .key("T@g")
      .begin_object()
      .key(0)
      .value(12)
      .key(1)
      .value(5)
      .end_object();
  json.end_object()
      .key("topics")
      .begin_array()
      .value("a")
      .value("b")
      .end_array()
      .key("none")
      .begin_object()
      .end_object();
  json.end_object();
  return text;
}

TEST(Writer, Compact) {
  EXPECT_EQ(offsets({}), R"({"dataVersion":{"counter":3,"timestamp":1795266790253},"offsetTable":{"T@g":{0:12,1:5}},)"
                         R"("topics":["a","b"],"none":{}})");
  EXPECT_NE(offsets({Layout::compact, IntegerKeys::quoted}).find(R"({"0":12,"1":5})"), std::string::npos);
}

TEST(Writer, PrettyAsTheConfigFilesOf497) {
  EXPECT_EQ(offsets({Layout::pretty, IntegerKeys::bare}),
            "{\n\t\"dataVersion\":{\n\t\t\"counter\":3,\n\t\t\"timestamp\":1795266790253\n\t},\n"
            "\t\"offsetTable\":{\n\t\t\"T@g\":{\n\t\t\t0:12,\n\t\t\t1:5\n\t\t}\n\t},\n"
            "\t\"topics\":[\n\t\t\"a\",\n\t\t\"b\"\n\t],\n\t\"none\":{}\n}");
}

TEST(Writer, RawObjectKeys) {
  for (const Layout layout : {Layout::compact, Layout::pretty}) {
    std::string text;
    Writer json(text, {layout, IntegerKeys::bare});
    json.begin_object();
    for (int queue = 0; queue < 2; ++queue) {
      json.begin_key()
          .begin_object()
          .member("brokerName", "b")
          .member("queueId", queue)
          .end_object()
          .end_key()
          .value(7 + queue);
    }
    json.end_object();
    if (layout == Layout::compact) {
      EXPECT_EQ(text, R"({{"brokerName":"b","queueId":0}:7,{"brokerName":"b","queueId":1}:8})");
    }
    const auto tree = parse(text);
    ASSERT_TRUE(tree.has_value()) << text;
    EXPECT_EQ(tree->members()[1].key.i64_or("queueId", -1), 1);
  }
}

TEST(Writer, RealNumbersLikeJava) {
  const auto text = [](double number) {
    std::string out;
    Writer(out).value(number);
    return out;
  };
  EXPECT_EQ(text(0), "0.0");
  EXPECT_EQ(text(-2.5), "-2.5");
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(1234567), "1234567.0");
  EXPECT_EQ(text(1e7), "1.0E7");
  EXPECT_EQ(text(0.0001), "1.0E-4");
  EXPECT_EQ(text(1.5e20), "1.5E20");
  EXPECT_EQ(text(std::nan("")), "null");
}

TEST(Writer, EscapesWhatJsonNeeds) {
  std::string text;
  Writer(text).value("q\"b\\n\n/\x01<\xc3\xa9");
  EXPECT_EQ(text, "\"q\\\"b\\\\n\\n/\\u0001<\xc3\xa9\"");
}

TEST(Writer, OptionalMembersAreLeftOut) {
  std::string text;
  Writer json(text);
  json.begin_object()
      .member("a", std::optional<int>())
      .member("b", std::optional<int>(1))
      .member("c", true)
      .end_object();
  EXPECT_EQ(text, R"({"b":1,"c":true})");
}

TEST(ToJson, WritesATreeBack) {
  const std::string text = R"({"a":[1,-2.5,true,null,"x"],{"k":0}:{},0:"zero","e":[]})";
  EXPECT_EQ(to_json(parse(text).value()), text);
}

}  // namespace
}  // namespace tenon::fastjson
