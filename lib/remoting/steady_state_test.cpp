// SPDX-License-Identifier: Apache-2.0
// The hot path allocates nothing once its memory has grown.
#include <gtest/gtest.h>

#include <string>

#include "allocation_count/allocation_count.hpp"
#include "remoting/batch_body.hpp"
#include "remoting/hot_responses.hpp"
#include "remoting/send_fields.hpp"
#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

constexpr std::string_view kSend =
    R"({"code":310,"extFields":{"a":"wire_producer","b":"WireProducer","c":"TBW102","d":"4","e":"3","f":"0",)"
    R"("g":"1795264120926","h":"0","i":"KEYS\u0001key0\u0002UNIQ_KEY\u00017F00000143AD4E0E2F2A69ACA05D0000\u0002","j":"0",)"
    R"("k":"false","m":"false","n":"broker-a"},"flag":0,"language":"JAVA","opaque":5,"version":493})";

void serve_once(Command& command, OutputBuffer& out, HeaderType type, std::string_view header) {
  ASSERT_TRUE(command.decode(frame_of(type, header)));
  const auto fields = decode_send_fields(command);
  ASSERT_TRUE(fields.has_value());
  out.clear();
  SendResponse response;
  response.opaque = command.opaque;
  response.msg_id = "7F00000100004EF2000000000000202A";
  response.queue_id = fields->queue_id;
  write_send_response(out, type, response);
  PullResponse pull;
  pull.remark = "FOUND";
  write_pull_response(out, type, pull, 100);
}

TEST(SteadyState, ServingASendAllocatesNothing) {
  OutputBuffer request;
  CommandWriter writer(request, request_start(HeaderType::binary, RequestCode::send_message_v2, 1));
  Command command;
  ASSERT_TRUE(command.decode(frame_of(HeaderType::json, kSend)));
  writer.fields(command.fields).finish();
  const std::string binary(text_of(only_frame(request).header));

  OutputBuffer out;
  serve_once(command, out, HeaderType::json, kSend);
  serve_once(command, out, HeaderType::binary, binary);
  const std::int64_t before = allocation_count();
  for (int round = 0; round < 100; ++round) {
    serve_once(command, out, HeaderType::json, kSend);
    serve_once(command, out, HeaderType::binary, binary);
  }
  EXPECT_EQ(allocation_count(), before);
}

TEST(SteadyState, OneHugeHeaderIsForgotten) {
  const std::string huge = R"({"extFields":{"a":"\n)" + std::string(1024 * 1024, 'x') + R"("}})";
  Command command;
  ASSERT_TRUE(command.decode(frame_of(HeaderType::json, huge)));
  EXPECT_EQ(command.field("a")->size(), 1024u * 1024 + 1);
  ASSERT_TRUE(command.decode(frame_of(HeaderType::json, kSend)));
  EXPECT_EQ(command.field("b"), "WireProducer");
}

}  // namespace
}  // namespace tenon::remoting
