// SPDX-License-Identifier: Apache-2.0
#include "client/message_decoder.hpp"

#include <gtest/gtest.h>

#include "record/record_encoder.hpp"
#include "remoting/batch_body.hpp"
#include "remoting/zlib_stream.hpp"
#include "tenon/properties.hpp"

namespace tenon::client {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

struct Sample {
  std::string topic = "T", body = "hello", properties;
  std::int32_t sys_flag = 0;
};

std::vector<std::byte> record_of(const Sample& sample, std::int64_t offset) {
  tenon::Message message;
  message.topic = sample.topic;
  message.queue_id = 3;
  message.sys_flag = sample.sys_flag;
  message.born_host = HostAddress::v4({10, 0, 0, 1}, 5000);
  message.store_host = HostAddress::v4({192, 168, 1, 10}, 10911);
  message.properties = sample.properties;
  message.body = bytes_of(sample.body);
  std::vector<std::byte> bytes(record::encoded_size(message));
  record::encode(message, bytes.data());
  record::patch(bytes.data(), {{offset}, {4096}, 1234}, false);
  return bytes;
}

TEST(DecodeMessages, ReadsConcatenatedRecords) {
  Sample sample;
  append_property(sample.properties, property::unique_key, "UNIQUE");
  append_property(sample.properties, property::tags, "TagA");
  auto bytes = record_of(sample, 7);
  const auto second = record_of({}, 8);
  bytes.insert(bytes.end(), second.begin(), second.end());
  const auto messages = decode_messages(bytes, "broker-a").value();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].queue, (MessageQueue{"T", "broker-a", 3}));
  EXPECT_EQ(messages[0].queue_offset, 7);
  EXPECT_EQ(messages[0].body, "hello");
  EXPECT_EQ(messages[0].message_id, "UNIQUE");
  EXPECT_EQ(messages[0].tags(), "TagA");
  EXPECT_EQ(messages[0].offset_message_id, "C0A8010A00002A9F0000000000001000");
  EXPECT_EQ(messages[1].message_id, messages[1].offset_message_id);
  EXPECT_EQ(messages[1].store_timestamp_ms, 1234);
}

std::string text_of(const remoting::OutputBuffer& batch) {
  return {reinterpret_cast<const char*>(batch.bytes().data()), batch.bytes().size()};
}

TEST(DecodeMessages, TakesABatchThatIsOneRecordApart) {
  remoting::OutputBuffer batch;
  const std::string first = "UNIQ_KEY\1u0\2TAGS\1a\2";
  remoting::append_batch_message(batch, {5, first, bytes_of("one")});
  remoting::append_batch_message(batch, {6, {}, bytes_of("two")});
  const std::string body = text_of(batch);
  const auto messages = decode_messages(record_of({.body = body, .properties = {}, .sys_flag = 0xC0}, 7), "b").value();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].body, "one");
  EXPECT_EQ(messages[0].message_id, "u0");
  EXPECT_EQ(messages[0].tags(), "a");
  EXPECT_EQ(messages[0].flag, 5);
  EXPECT_EQ(messages[0].queue_offset, 7);
  EXPECT_EQ(messages[1].body, "two");
  EXPECT_EQ(messages[1].queue_offset, 8);
  const auto damaged =
      decode_messages(record_of({.body = "no batch", .properties = {}, .sys_flag = 0xC0}, 0), "b").value();
  EXPECT_EQ(damaged.at(0).body, "no batch");
}

TEST(DecodeMessages, LeavesABatchWholeThatNoQueueCanHold) {
  remoting::OutputBuffer batch;
  const auto decoded_at = [&batch](std::int64_t offset) {
    return decode_messages(record_of({.body = text_of(batch), .properties = {}, .sys_flag = 0xC0}, offset), "b")
        .value();
  };
  for (int number = 0; number < kInnerBatchMax; ++number) remoting::append_batch_message(batch, {0, {}, {}});
  EXPECT_EQ(decoded_at(7).back().queue_offset, 7 + kInnerBatchMax - 1);
  EXPECT_EQ(decoded_at(INT64_MAX - kInnerBatchMax).size(), std::size_t{kInnerBatchMax});
  EXPECT_EQ(decoded_at(INT64_MAX - kInnerBatchMax + 1).size(), 1U);
  remoting::append_batch_message(batch, {0, {}, {}});
  EXPECT_EQ(decoded_at(7).size(), 1U);
}

TEST(DecodeMessages, InflatesZlibAndKeepsWhatItCannotInflate) {
  const auto deflated = remoting::deflate_all(bytes_of("a long body"), 5);
  const std::string stored(reinterpret_cast<const char*>(deflated.data()), deflated.size());
  for (const std::int32_t type : {0x000, 0x300}) {
    const auto messages =
        decode_messages(record_of({.body = stored, .properties = {}, .sys_flag = 1 | type}, 0), "b").value();
    EXPECT_EQ(messages.at(0).body, "a long body");
    EXPECT_FALSE(messages.at(0).body_is_compressed);
  }
  for (const std::int32_t flags : {0x101, 0x201}) {
    const auto messages =
        decode_messages(record_of({.body = stored, .properties = {}, .sys_flag = flags}, 0), "b").value();
    EXPECT_EQ(messages.at(0).body, stored);
    EXPECT_TRUE(messages.at(0).body_is_compressed);
  }
  const auto damaged = decode_messages(record_of({.body = "no zlib", .properties = {}, .sys_flag = 1}, 0), "b").value();
  EXPECT_TRUE(damaged.at(0).body_is_compressed);
}

TEST(DecodeMessages, GivesARetriedMessageItsTopicBack) {
  Sample sample;
  sample.topic = "%RETRY%g";
  append_property(sample.properties, property::retry_topic, "Orders");
  EXPECT_EQ(decode_messages(record_of(sample, 0), "b").value().at(0).queue.topic, "Orders");
}

TEST(DecodeMessages, RefusesEveryCutRecord) {
  const auto bytes = record_of({}, 0);
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_messages(std::span(bytes).first(size), "b").has_value()) << size;
  }
  EXPECT_TRUE(decode_messages({}, "b").value().empty());
}

}  // namespace
}  // namespace tenon::client
