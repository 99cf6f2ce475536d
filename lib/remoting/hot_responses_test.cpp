// SPDX-License-Identifier: Apache-2.0
#include "remoting/hot_responses.hpp"

#include <gtest/gtest.h>

#include <string>

#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

SendResponse recorded_send() {
  SendResponse response;
  response.opaque = 32;
  response.msg_id = "7F00000100004EF2000000000000202A";
  response.queue_id = 3;
  response.transaction_id = "7F00000147F64E0E2F2A69AD1EC60000";
  return response;
}

TEST(SendResponse, IsByteForByteWhatJavaAnswers) {
  OutputBuffer out;
  write_send_response(out, HeaderType::json, recorded_send());
  EXPECT_EQ(
      text_of(only_frame(out).header),
      R"({"code":0,"extFields":{"queueId":"3","transactionId":"7F00000147F64E0E2F2A69AD1EC60000",)"
      R"("msgId":"7F00000100004EF2000000000000202A","TRACE_ON":"true","MSG_REGION":"DefaultRegion",)"
      R"("queueOffset":"0"},"flag":1,"language":"JAVA","opaque":32,"serializeTypeCurrentRPC":"JSON","version":493})");
}

TEST(SendResponse, LeavesOutAndEscapes) {
  SendResponse response = recorded_send();
  response.transaction_id = {};
  response.code = ResponseCode::flush_disk_timeout;
  response.remark = "slow \"disk\"";
  response.msg_id = "A,B";
  response.trace_on = false;
  for (const HeaderType type : {HeaderType::json, HeaderType::binary}) {
    OutputBuffer out;
    write_send_response(out, type, response);
    Command command;
    ASSERT_TRUE(command.decode(only_frame(out)));
    EXPECT_EQ(command.code, 10);
    EXPECT_EQ(command.remark, "slow \"disk\"");
    EXPECT_FALSE(command.field("transactionId"));
    EXPECT_EQ(command.field("msgId"), "A,B");
    EXPECT_EQ(command.field("TRACE_ON"), "false");
  }
}

TEST(SendResponse, CarriesTheIdsOfALargeBatch) {
  std::string ids;
  for (int index = 0; index < 5000; ++index) ids += "7F00000100004EF2000000000000202A,";
  SendResponse response = recorded_send();
  response.msg_id = ids;
  OutputBuffer out;
  write_send_response(out, HeaderType::json, response);
  Command command;
  ASSERT_TRUE(command.decode(only_frame(out)));
  EXPECT_EQ(command.field("msgId"), ids);
}

TEST(PullResponse, IsByteForByteWhatJavaAnswers) {
  PullResponse response;
  response.opaque = 27;
  response.remark = "FOUND";
  response.next_begin_offset = 1;
  response.max_offset = 1;
  OutputBuffer out;
  write_pull_response(out, HeaderType::json, response, 5);
  out.append("bytes");
  const FrameView frame = only_frame(out);
  EXPECT_EQ(text_of(frame.body), "bytes");
  EXPECT_EQ(
      text_of(frame.header),
      R"({"code":0,"extFields":{"suggestWhichBrokerId":"0","groupSysFlag":"0","nextBeginOffset":"1","maxOffset":"1",)"
      R"("minOffset":"0","topicSysFlag":"0"},"flag":1,"language":"JAVA","opaque":27,"remark":"FOUND",)"
      R"("serializeTypeCurrentRPC":"JSON","version":493})");
}

TEST(PullResponse, HoldsTheLargestNumbers) {
  PullResponse response{INT32_MIN,
                        ResponseCode::rpc_time_out,
                        "OFFSET_OVERFLOW_BADLY",
                        INT64_MIN,
                        INT64_MIN,
                        INT64_MIN,
                        INT64_MIN,
                        INT32_MIN,
                        INT32_MIN};
  for (const HeaderType type : {HeaderType::json, HeaderType::binary}) {
    OutputBuffer out;
    write_pull_response(out, type, response, 0);
    Command command;
    ASSERT_TRUE(command.decode(only_frame(out)));
    EXPECT_EQ(command.field("maxOffset"), "-9223372036854775808");
    EXPECT_EQ(command.opaque, INT32_MIN);
  }
}

}  // namespace
}  // namespace tenon::remoting
