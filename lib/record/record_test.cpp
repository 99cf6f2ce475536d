// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "record/crc32.hpp"
#include "record/record_check.hpp"
#include "record/record_encoder.hpp"
#include "record/record_view.hpp"

namespace tenon::record {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  for (const std::byte byte : bytes) {
    out += "0123456789ABCDEF"[static_cast<unsigned>(byte) >> 4];
    out += "0123456789ABCDEF"[static_cast<unsigned>(byte) & 15];
  }
  return out;
}

/// The message of store-format.md 15.2.
Message sample() {
  Message message;
  message.topic = "TopicTest";
  message.queue_id = 3;
  message.born_timestamp_ms = 1'700'000'000'000;
  message.born_host = HostAddress::v4({192, 168, 0, 10}, 50123);
  message.store_host = HostAddress::v4({192, 168, 0, 1}, 10911);
  message.body = bytes_of("Hello RocketMQ");
  message.properties = "KEYS\1KEY1\2TAGS\1TagA\2";
  return message;
}

std::vector<std::byte> encoded(const Message& message, const AppendFields& fields) {
  std::vector<std::byte> out(encoded_size(message));
  EXPECT_EQ(encode(message, out.data()), out.size());
  patch(out.data(), fields, message.born_host.is_v6());
  return out;
}

TEST(Record, EncodesTheReferenceVector) {
  const auto record = encoded(sample(), {{7}, {4096}, 1'700'000'000'123});
  EXPECT_EQ(hex(record),
            "00000086DAA320A769C865ED000000030000000000000000000000070000000000001000000000000000018BCFE56800C0A8000A"
            "0000C3CB0000018BCFE5687BC0A8000100002A9F0000000000000000000000000000000E48656C6C6F20526F636B65744D51"
            "09546F7069635465737400144B455953014B4559310254414753015461674102");
}

TEST(Record, DecodesWhatItEncodes) {
  Message message = sample();
  const std::string topic = "%RETRY%" + std::string(200, 'g');
  message.topic = topic;
  message.flag = -1;
  message.sys_flag = sys_flag::compressed | sys_flag::born_host_v6;  // the host bit is wrong on purpose
  message.reconsume_times = 16;
  message.prepared_transaction_offset = {99};
  message.store_host = HostAddress::parse("[fe80::1]:1").value();
  const auto record = encoded(message, {{1}, {2}, 3});
  const RecordView view = RecordView::decode(record).value();
  EXPECT_EQ(view.magic(), Magic::v2);
  EXPECT_EQ(view.topic(), topic);
  EXPECT_EQ(view.flag(), -1);
  EXPECT_EQ(view.sys_flag(), sys_flag::compressed | sys_flag::store_host_v6);
  EXPECT_EQ(view.born_host(), message.born_host);
  EXPECT_EQ(view.store_host(), message.store_host);
  EXPECT_EQ(view.reconsume_times(), 16);
  EXPECT_EQ(view.prepared_transaction_offset(), PhysicalOffset{99});
  EXPECT_EQ(view.queue_offset(), QueueOffset{1});
  EXPECT_EQ(view.physical_offset(), PhysicalOffset{2});
  EXPECT_EQ(view.store_timestamp_ms(), 3);
  EXPECT_EQ(store_timestamp_of(record.data()), 3);
  EXPECT_EQ(view.properties().find(property::keys), "KEY1");
  EXPECT_EQ(view.message().body.size(), message.body.size());
}

TEST(Record, CrcIsMasked) {
  EXPECT_EQ(masked_crc32(bytes_of("a")), 0x68B7BE43);
  EXPECT_EQ(masked_crc32(bytes_of("Hello RocketMQ")), 1'774'740'973);
  EXPECT_EQ(masked_crc32({}), 0);
}

TEST(Record, EveryCutIsRefused) {
  const auto record = encoded(sample(), {{0}, {0}, 1});
  for (std::size_t size = 0; size < record.size(); ++size) {
    const std::vector<std::byte> cut(record.begin(), record.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_TRUE(RecordView::decode(cut).has_error()) << size;
    EXPECT_EQ(check_record(cut, {0}).state, RecordState::damaged) << size;
  }
}

TEST(Record, CheckSeesDamage) {
  auto record = encoded(sample(), {{0}, {0}, 1});
  EXPECT_EQ(check_record(record, {0}).state, RecordState::whole);
  EXPECT_EQ(check_record(record, {134}).state, RecordState::damaged) << "another physical offset";
  record[90] ^= std::byte{1};
  EXPECT_EQ(check_record(record, {0}).state, RecordState::damaged) << "body";
  encode_blank(record.data(), 134);
  EXPECT_EQ(check_record(record, {0}).state, RecordState::blank);
  EXPECT_EQ(check_record(std::vector<std::byte>(200), {0}).state, RecordState::damaged);
}

TEST(Record, SizesAreLimited) {
  Message message = sample();
  EXPECT_TRUE(check_sizes(message, {}).has_value());
  const std::string long_topic(256, 't'), properties(32'768, 'p');
  message.topic = long_topic;
  EXPECT_TRUE(check_sizes(message, {}).error().is(Errc::message_illegal));
  message = sample();
  message.properties = properties;
  EXPECT_TRUE(check_sizes(message, {}).error().is(Errc::message_illegal));
  message = sample();
  EXPECT_TRUE(check_sizes(message, {.body_bytes_max = 3}).error().is(Errc::message_illegal));
  message.topic = {};
  EXPECT_TRUE(check_sizes(message, {}).error().is(Errc::message_illegal));
  message = sample();
  message.queue_id = -1;
  EXPECT_TRUE(check_sizes(message, {}).error().is(Errc::message_illegal));
}

TEST(Record, WhatJustFitsIsTakenAndItsSizeIsKnown) {
  const std::string topic(255, 't'), properties(32'767, 'p');
  const HostAddress v4 = sample().born_host, v6 = HostAddress::parse("[fe80::1]:1").value();
  for (const std::size_t topic_size : {1, 127, 128, 255}) {
    for (const auto& [born_host, store_host] : {std::pair{v4, v4}, {v4, v6}, {v6, v4}, {v6, v6}}) {
      Message message = sample();
      message.topic = std::string_view(topic).substr(0, topic_size);
      message.properties = properties;
      message.queue_id = 0;
      message.born_host = born_host;
      message.store_host = store_host;
      ASSERT_TRUE(check_sizes(message, {.body_bytes_max = message.body.size()}).has_value());
      std::vector<std::byte> bytes(encoded_size(message));
      EXPECT_EQ(encode(message, bytes.data()), bytes.size());
    }
  }
}

}  // namespace
}  // namespace tenon::record
