// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "remoting/pull_fields.hpp"
#include "remoting/send_fields.hpp"
#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

SendFields sample_send() {
  SendFields fields;
  fields.producer_group = "pg";
  fields.topic = "T";
  fields.default_topic = "TBW102";
  fields.default_topic_queue_nums = 4;
  fields.queue_id = -1;
  fields.sys_flag = 1;
  fields.born_timestamp_ms = 1795264120926;
  fields.flag = 5;
  fields.properties = "KEYS\x01k\x02";
  fields.reconsume_times = 2;
  fields.max_reconsume_times = 16;
  fields.batch = true;
  fields.broker_name = "broker-a";
  return fields;
}

TEST(SendFields, RoundTripInBothEncodings) {
  for (const HeaderType type : {HeaderType::json, HeaderType::binary}) {
    OutputBuffer out;
    CommandWriter writer(out, request_start(type, RequestCode::send_message_v2, 1));
    write_send_fields(writer, sample_send());
    writer.finish();
    Command command;
    ASSERT_TRUE(command.decode(only_frame(out)));
    const auto fields = decode_send_fields(command);
    ASSERT_TRUE(fields.has_value()) << fields.error().message();
    EXPECT_EQ(fields->topic, "T");
    EXPECT_EQ(fields->queue_id, -1);
    EXPECT_EQ(fields->born_timestamp_ms, 1795264120926);
    EXPECT_EQ(fields->properties, "KEYS\x01k\x02");
    EXPECT_EQ(fields->max_reconsume_times, 16);
    EXPECT_TRUE(fields->batch);
    EXPECT_FALSE(fields->unit_mode);
    EXPECT_EQ(fields->broker_name, "broker-a");
  }
}

TEST(SendFields, LongNamesBelongToCode10) {
  Command command;
  ASSERT_TRUE(command.decode(
      frame_of(HeaderType::json,
               R"({"code":10,"extFields":{"producerGroup":"pg","topic":"T","defaultTopic":"TBW102","flag":"0",)"
               R"("defaultTopicQueueNums":"4","queueId":"3","sysFlag":"0","bornTimestamp":"12","bname":"b"}})")));
  const auto fields = decode_send_fields(command);
  ASSERT_TRUE(fields.has_value()) << fields.error().message();
  EXPECT_EQ(fields->queue_id, 3);
  EXPECT_EQ(fields->broker_name, "b");
  EXPECT_FALSE(fields->max_reconsume_times);
}

TEST(SendFields, ErrorsNameTheField) {
  Command command;
  ASSERT_TRUE(command.decode(frame_of(
      HeaderType::json, R"({"code":310,"extFields":{"a":"pg","b":"T","c":"D","d":"4","f":"0","g":"12","h":"0"}})")));
  const auto missing = decode_send_fields(command);
  ASSERT_TRUE(missing.has_error());
  EXPECT_EQ(missing.error().message(), "the field e is missing");
  ASSERT_TRUE(command.decode(
      frame_of(HeaderType::json,
               R"({"code":310,"extFields":{"a":"pg","b":"T","c":"D","d":"4","e":"x","f":"0","g":"12","h":"0"}})")));
  const auto malformed = decode_send_fields(command);
  ASSERT_TRUE(malformed.has_error());
  EXPECT_NE(malformed.error().message().find("field e"), std::string::npos);
}

TEST(PullFields, RoundTripAndErrors) {
  PullFields sample;
  sample.consumer_group = "g";
  sample.topic = "T";
  sample.queue_id = 2;
  sample.queue_offset = 77;
  sample.max_msg_nums = 32;
  sample.sys_flag = pull_sys_flag::suspend | pull_sys_flag::subscription;
  sample.suspend_timeout_ms = 15000;
  sample.subscription = "a || b";
  sample.sub_version = 5;
  OutputBuffer out;
  CommandWriter writer(out, request_start(HeaderType::json, RequestCode::pull_message, 1));
  write_pull_fields(writer, sample);
  writer.finish();
  Command command;
  ASSERT_TRUE(command.decode(only_frame(out)));
  const auto fields = decode_pull_fields(command);
  ASSERT_TRUE(fields.has_value()) << fields.error().message();
  EXPECT_EQ(fields->queue_offset, 77);
  EXPECT_EQ(fields->subscription, "a || b");
  EXPECT_EQ(fields->expression_type, "TAG");
  EXPECT_TRUE(fields->has(pull_sys_flag::suspend));
  EXPECT_FALSE(fields->has(pull_sys_flag::commit_offset));
  EXPECT_EQ(fields->max_msg_bytes, 0);

  ASSERT_TRUE(command.decode(frame_of(HeaderType::json, R"({"code":11,"extFields":{"consumerGroup":"g"}})")));
  const auto missing = decode_pull_fields(command);
  ASSERT_TRUE(missing.has_error());
  EXPECT_EQ(missing.error().message(), "the field topic is missing");
}

}  // namespace
}  // namespace tenon::remoting
