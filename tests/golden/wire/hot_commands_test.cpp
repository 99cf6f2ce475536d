// SPDX-License-Identifier: Apache-2.0
// The typed fields of the recorded sends and pulls, their batches, and the answers that are written from a template.
#include <gtest/gtest.h>

#include <vector>

#include "golden_directory.hpp"
#include "recording.hpp"
#include "remoting/batch_body.hpp"
#include "remoting/field_reader.hpp"
#include "remoting/hot_responses.hpp"
#include "remoting/java_send_header.hpp"
#include "remoting/pull_fields.hpp"
#include "remoting/register_body.hpp"
#include "remoting/send_fields.hpp"

namespace tenon::golden {
namespace {

using remoting::Command;
using remoting::RequestCode;
using remoting::ResponseCode;

void decode(const RecordedFrame& recorded, Command& command) {
  const auto frame = remoting::next_frame(recorded.wire.bytes());
  ASSERT_TRUE(frame.has_value() && *frame) << recorded.place;
  ASSERT_TRUE(command.decode(**frame).has_value()) << recorded.place;
}

bool is_send(std::int32_t code) {
  switch (static_cast<RequestCode>(code)) {
    case RequestCode::send_message:
    case RequestCode::send_message_v2:
    case RequestCode::send_batch_message:
    case RequestCode::send_reply_message:
    case RequestCode::send_reply_message_v2:
      return true;
    default:
      return false;
  }
}
bool is_pull(std::int32_t code) {
  return code == static_cast<std::int32_t>(RequestCode::pull_message) ||
         code == static_cast<std::int32_t>(RequestCode::lite_pull_message);
}

TEST(RecordedSends, HaveTheirFieldsAndSplit) {
  TENON_NEED_GOLDEN();
  Command command;
  std::vector<remoting::BatchMessage> messages;
  int sends = 0, batches = 0, incomplete = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    if (!recorded.is_request() || !is_send(recorded.request_code())) return;
    decode(recorded, command);
    const auto fields = remoting::decode_send_fields(command);
    if (fields.has_error()) {
      // The probes send requests without any field on purpose.
      EXPECT_LT(command.fields.size(), 8u) << recorded.place << ": " << fields.error().message();
      ++incomplete;
      return;
    }
    ++sends;
    EXPECT_EQ(command.field("b").value_or(command.field("topic").value_or("")), fields->topic) << recorded.place;
    if (!fields->batch) return;
    ++batches;
    const Status split = remoting::split_batch_body(command.body, messages);
    ASSERT_TRUE(split.has_value()) << recorded.place << ": " << split.error().message();
    remoting::OutputBuffer joined;
    for (const auto& message : messages) append_batch_message(joined, message);
    EXPECT_EQ(joined.text(), recorded.body) << recorded.place;
  });
  EXPECT_GT(sends, 500);
  EXPECT_GE(batches, 10);
  EXPECT_LT(incomplete, 20);
}

TEST(RecordedSends, OfJavaAreReadTheShortWay) {
  TENON_NEED_GOLDEN();
  Command command, head;
  remoting::JavaSendHeader send;
  int sends = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    const bool with_letters = recorded.request_code() == 310 || recorded.request_code() == 320;
    if (!recorded.is_request() || !with_letters) return;
    decode(recorded, command);
    const auto fields = remoting::decode_send_fields(command);
    const auto frame = remoting::next_frame(recorded.wire.bytes());
    const bool is_javas = command.type == remoting::HeaderType::json && command.language == remoting::Language::java;
    const bool usual = is_javas && fields && fields->queue_id >= 0;
    ASSERT_EQ(send.decode(**frame, head), usual) << recorded.place;
    if (!usual) return;
    EXPECT_EQ(send.fields(), *fields) << recorded.place;
    EXPECT_EQ(head.opaque, command.opaque) << recorded.place;
    EXPECT_EQ(head.version, command.version) << recorded.place;
    ++sends;
  });
  EXPECT_GT(sends, 300);
}

TEST(RecordedPulls, HaveTheirFields) {
  TENON_NEED_GOLDEN();
  Command command;
  int pulls = 0, incomplete = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    if (!recorded.is_request() || !is_pull(recorded.request_code())) return;
    decode(recorded, command);
    const auto fields = remoting::decode_pull_fields(command);
    if (fields.has_error()) {
      EXPECT_LT(command.fields.size(), 9u) << recorded.place << ": " << fields.error().message();
      ++incomplete;
      return;
    }
    ++pulls;
    EXPECT_EQ(std::to_string(fields->queue_offset), *command.field("queueOffset")) << recorded.place;
    EXPECT_EQ(fields->subscription, command.field("subscription").value_or("")) << recorded.place;
  });
  EXPECT_GT(pulls, 500);
  EXPECT_LT(incomplete, 20);
}

/// What the 5.4.0 broker answered, said again through the template.
std::string from_template(const Command& command) {
  remoting::FieldReader read(command);
  remoting::SendResponse response;
  response.opaque = command.opaque;
  response.code = static_cast<ResponseCode>(command.code);
  response.remark = command.remark;
  response.msg_id = read.text("msgId");
  response.queue_id = read.i32("queueId");
  response.queue_offset = read.i64("queueOffset");
  response.transaction_id = read.text_or("transactionId", "");
  response.region = read.text("MSG_REGION");
  response.trace_on = read.boolean("TRACE_ON");
  EXPECT_TRUE(read.ok());
  remoting::OutputBuffer out;
  write_send_response(out, command.type, response);
  return std::string(out.text());
}

TEST(RecordedSendAnswers, OfJava540ComeOutOfTheTemplate) {
  TENON_NEED_GOLDEN();
  Command command;
  int answers = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    if (recorded.is_request() || !is_send(recorded.request_code())) return;
    decode(recorded, command);
    const bool has_other_fields = command.field("recallHandle").has_value();
    if (command.code != 0 || command.version != remoting::mq_version::ours || has_other_fields) return;
    // Two fields in one bucket of Java's hash map, batches: the order of insertion shows (replay-notes.md section 2).
    if (command.type == remoting::HeaderType::json && !command.field("transactionId")) return;
    EXPECT_EQ(from_template(command), recorded.wire.text()) << recorded.place;
    ++answers;
  });
  EXPECT_GT(answers, 100);
}

std::string from_template(const Command& command, std::string_view body) {
  remoting::FieldReader read(command);
  remoting::PullResponse response;
  response.opaque = command.opaque;
  response.code = static_cast<ResponseCode>(command.code);
  response.remark = command.remark.value_or("");
  response.suggest_which_broker_id = read.i64("suggestWhichBrokerId");
  response.next_begin_offset = read.i64("nextBeginOffset");
  response.min_offset = read.i64("minOffset");
  response.max_offset = read.i64("maxOffset");
  response.topic_sys_flag = read.i32("topicSysFlag");
  response.group_sys_flag = read.i32("groupSysFlag");
  EXPECT_TRUE(read.ok());
  remoting::OutputBuffer out;
  write_pull_response(out, command.type, response, body.size());
  out.append(body);
  return std::string(out.text());
}

TEST(RecordedPullAnswers, OfJava540ComeOutOfTheTemplate) {
  TENON_NEED_GOLDEN();
  Command command;
  int answers = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    if (recorded.is_request() || !is_pull(recorded.request_code())) return;
    decode(recorded, command);
    if (!command.field("groupSysFlag") || command.version != remoting::mq_version::ours) return;
    EXPECT_EQ(from_template(command, recorded.body), recorded.wire.text()) << recorded.place;
    ++answers;
  });
  EXPECT_GT(answers, 100);
}

TEST(RecordedRegistrations, InflateAndSplit) {
  TENON_NEED_GOLDEN();
  Command command;
  int registrations = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    if (!recorded.is_request() || recorded.request_code() != static_cast<std::int32_t>(RequestCode::register_broker))
      return;
    decode(recorded, command);
    if (!remoting::FieldReader(command).boolean_or("compressed", false)) return;
    const bool with_mappings = command.version >= remoting::mq_version::v5_0_0;
    const auto parts = remoting::decode_compressed_register_body(command.body, with_mappings);
    ASSERT_TRUE(parts.has_value()) << recorded.place << ": " << parts.error().message();
    EXPECT_FALSE(parts->topic_configs.empty()) << recorded.place;
    ++registrations;
  });
  EXPECT_GT(registrations, 0);
}

}  // namespace
}  // namespace tenon::golden
