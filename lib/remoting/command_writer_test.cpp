// SPDX-License-Identifier: Apache-2.0
#include "remoting/command_writer.hpp"

#include <gtest/gtest.h>

#include <string>

#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

using namespace std::string_literals;

TEST(CommandWriter, WritesTheWorkedFrames) {
  HeaderStart start = request_start(HeaderType::json, RequestCode::get_routeinfo_by_topic, 3);
  start.version = mq_version::v5_3_3;
  OutputBuffer json;
  CommandWriter(json, start).field("topic", "TopicTest").finish();
  EXPECT_EQ(json.text(), "\x00\x00\x00\x87\x00\x00\x00\x83"s +
                             R"({"code":105,"extFields":{"topic":"TopicTest"},"flag":0,"language":"JAVA","opaque":3,)" +
                             R"("serializeTypeCurrentRPC":"JSON","version":479})");
}

TEST(CommandWriter, WritesBinaryHeaders) {
  HeaderStart start = request_start(HeaderType::binary, RequestCode::get_routeinfo_by_topic, 3);
  start.version = mq_version::v5_3_3;
  OutputBuffer out;
  CommandWriter(out, start).field("topic", "TopicTest").finish();
  EXPECT_EQ(out.text(),
            "\x00\x00\x00\x2d\x01\x00\x00\x29\x00\x69\x00\x01\xdf\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"
            "\x00\x00\x14"
            "\x00\x05topic\x00\x00\x00\x09TopicTest"s);
}

TEST(CommandWriter, WritesResponsesAsJavaDoes) {
  OutputBuffer out;
  write_response(out, HeaderType::json, ResponseCode::topic_not_exist, 36, "no \"T\\\"\nhere\x01");
  EXPECT_EQ(text_of(only_frame(out).header),
            R"({"code":17,"flag":1,"language":"JAVA","opaque":36,"remark":"no \"T\\\"\nhere\u0001",)"
            R"("serializeTypeCurrentRPC":"JSON","version":493})");
}

TEST(CommandWriter, WritesValuesOfEveryType) {
  OutputBuffer out;
  CommandWriter writer(out, response_start(HeaderType::json, ResponseCode::success, 1));
  writer.field("i", -5).field("l", INT64_MIN).field("b", true).field("none", std::optional<std::int32_t>());
  writer.field("some", std::optional<std::int32_t>(4)).finish("body");
  const FrameView frame = only_frame(out);
  EXPECT_EQ(text_of(frame.body), "body");
  Command command;
  ASSERT_TRUE(command.decode(frame));
  EXPECT_EQ(command.field("i"), "-5");
  EXPECT_EQ(command.field("l"), "-9223372036854775808");
  EXPECT_EQ(command.field("b"), "true");
  EXPECT_EQ(command.field("some"), "4");
  EXPECT_EQ(command.fields.size(), 4u);
}

TEST(CommandWriter, ShowsAnEmptyMapOnDemand) {
  OutputBuffer out;
  CommandWriter(out, response_start(HeaderType::json, ResponseCode::success, 1)).fields().finish();
  EXPECT_NE(out.text().find(R"("extFields":{},)"), std::string_view::npos);
}

TEST(CommandWriter, AppendsBehindEarlierFrames) {
  OutputBuffer out;
  write_response(out, HeaderType::json, ResponseCode::success, 1);
  const std::size_t first = out.size();
  write_response(out, HeaderType::binary, ResponseCode::success, 2);
  const auto second = next_frame(out.bytes().subspan(first)).value();
  ASSERT_TRUE(second);
  Command command;
  ASSERT_TRUE(command.decode(*second));
  EXPECT_EQ(command.opaque, 2);
}

TEST(CommandWriter, TurnsToJsonForCodesBeyond16Bits) {
  OutputBuffer out;
  CommandWriter(out, request_start(HeaderType::binary, RequestCode::pop_message, 1)).field("a", "b").finish();
  const FrameView frame = only_frame(out);
  EXPECT_EQ(frame.type, HeaderType::json);
  Command command;
  ASSERT_TRUE(command.decode(frame));
  EXPECT_EQ(command.code, 200050);
}

TEST(CommandWriter, RoundTripsAnyText) {
  std::string every_byte;
  for (int byte = 0; byte < 128; ++byte) every_byte += static_cast<char>(byte);
  every_byte += "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  for (const HeaderType type : {HeaderType::json, HeaderType::binary}) {
    for (std::size_t repeat = 0; repeat < 40; ++repeat) {
      std::string value(repeat, 'p');
      for (std::size_t count = 0; count < repeat; ++count) value += every_byte;
      OutputBuffer out;
      CommandWriter(out, response_start(type, ResponseCode::success, 1)).field(every_byte, value).finish();
      Command command;
      ASSERT_TRUE(command.decode(only_frame(out)));
      ASSERT_EQ(command.field(every_byte), value);
    }
  }
}

TEST(CommandWriter, ReplacesFramesThatAreTooLong) {
  const std::string value(9 * 1024 * 1024, '\x01');  // Six times that when escaped.
  OutputBuffer out;
  CommandWriter writer(out, response_start(HeaderType::json, ResponseCode::success, 8));
  EXPECT_FALSE(writer.field("x", value).finish());
  Command command;
  ASSERT_TRUE(command.decode(only_frame(out)));
  EXPECT_EQ(command.code, static_cast<std::int32_t>(ResponseCode::system_error));
  EXPECT_EQ(command.opaque, 8);
  EXPECT_TRUE(command.remark);
  OutputBuffer long_body;
  CommandWriter pull(long_body, response_start(HeaderType::binary, ResponseCode::success, 9));
  EXPECT_FALSE(pull.finish(kMaxFrameBytes));
  EXPECT_TRUE(only_frame(long_body).body.empty());
}

}  // namespace
}  // namespace tenon::remoting
