// SPDX-License-Identifier: Apache-2.0
#include "bench/response.hpp"

#include <gtest/gtest.h>

#include "bench/request_frame.hpp"

namespace tenon::bench {
namespace {

using Outcome = ResponseReader::Outcome;

TEST(ResponseReader, ReadsCodeOpaqueFieldsAndBodyOfAJsonAnswer) {
  const std::string frame = frame_of(
      R"({"code":19,"extFields":{"nextBeginOffset":"7","maxOffset":"8"},"flag":1,"language":"JAVA","opaque":1000000012,"remark":"none","version":493})",
      "body");
  std::string_view stream = frame;
  Response response;
  ASSERT_EQ(ResponseReader{}.next(stream, response), Outcome::complete);
  EXPECT_EQ(response.code, 19);
  EXPECT_EQ(response.opaque, 1000000012);
  EXPECT_FALSE(response.is_request);
  EXPECT_EQ(response.field("nextBeginOffset"), 7);
  EXPECT_EQ(response.field("absent"), std::nullopt);
  EXPECT_EQ(response.remark(), "none");
  EXPECT_EQ(response.body, "body");
  EXPECT_TRUE(stream.empty());
}

TEST(ResponseReader, KeepsFindingTheOpaqueWhenItsPlaceChanges) {
  ResponseReader reader;
  Response response;
  for (const char* header :
       {R"({"code":0,"flag":1,"opaque":1000000001,"version":1})", R"({"opaque":1000000002,"flag":1,"code":0})",
        R"({"code":0,"flag":1,"opaque":1000000003,"version":1})"}) {
    const std::string frame = frame_of(header);
    std::string_view stream = frame;
    ASSERT_EQ(reader.next(stream, response), Outcome::complete) << header;
    EXPECT_NE(std::string_view(header).find(std::to_string(response.opaque)), std::string_view::npos);
  }
}

TEST(ResponseReader, ReadsABinaryHeader) {
  std::string header("\x00\x00\x00\x01\xed\x3b\x9a\xca\x05\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00", 21);
  std::string frame = frame_of(header);
  frame[4] = 1;
  std::string_view stream = frame;
  Response response;
  ASSERT_EQ(ResponseReader{}.next(stream, response), Outcome::complete);
  EXPECT_EQ(response.code, 0);
  EXPECT_EQ(response.opaque, 1000000005);
  EXPECT_FALSE(response.is_request);
}

TEST(ResponseReader, WaitsForTheRestAndRefusesNonsense) {
  const std::string frame = frame_of(R"({"code":0,"flag":1,"opaque":1000000001})");
  Response response;
  for (std::size_t length = 0; length < frame.size(); ++length) {
    std::string_view part(frame.data(), length);
    EXPECT_EQ(ResponseReader{}.next(part, response), Outcome::incomplete);
  }
  std::string_view oversized("\x7f\xff\xff\xff\0\0\0\0", 8), short_length("\0\0\0\4\0\0\0\5", 8);
  EXPECT_EQ(ResponseReader{}.next(oversized, response), Outcome::malformed);
  EXPECT_EQ(ResponseReader{}.next(short_length, response), Outcome::malformed);
  const std::string no_opaque = frame_of(R"({"code":0})");
  std::string_view stream = no_opaque;
  EXPECT_EQ(ResponseReader{}.next(stream, response), Outcome::malformed);
}

TEST(SendFrame, HasTheHeaderSizeOfTheRecordedJavaRequestAndCountsItsKeys) {
  SendFrame frame(MessageShape{}, 3);
  EXPECT_EQ(frame.header_bytes(), 418U);
  EXPECT_EQ(frame.bytes().size(), 8U + 418U + 128U);
  frame.number(0xABCDEF01);
  frame.address(2000000007);
  EXPECT_NE(frame.bytes().find("\"opaque\":2000000007,"), std::string_view::npos);
  EXPECT_NE(frame.bytes().find("69ACABCDEF01"), std::string_view::npos);
}

TEST(SendFrame, NumbersEveryMessageOfABatch) {
  MessageShape shape;
  shape.batch = 3;
  SendFrame frame(shape, 0);
  frame.number(16);
  for (const char* key : {"69AC00000010", "69AC00000011", "69AC00000012", "69AC00000013"}) {
    EXPECT_NE(frame.bytes().find(key), std::string_view::npos) << key;
  }
}

TEST(SendFrames, GoRoundAllQueuesAsFramesOfTheirOwnWould) {
  constexpr int kQueues = 1012;
  SendFrames frames(MessageShape{}, kQueues);
  for (int request = 0; request < 2 * kQueues; ++request) {
    const std::string_view sent = frames.of(static_cast<std::uint64_t>(request)).bytes();
    const std::string wanted = "\"d\":\"4\",\"e\":\"" + std::to_string(request % kQueues) + "\",\"f\":\"0\"";
    ASSERT_NE(sent.find(wanted), std::string_view::npos) << request << ": " << sent;
    ASSERT_EQ(sent.size(), SendFrame(MessageShape{}, request % kQueues).bytes().size());
  }
}

}  // namespace
}  // namespace tenon::bench
