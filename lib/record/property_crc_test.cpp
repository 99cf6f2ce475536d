// SPDX-License-Identifier: Apache-2.0
#include "record/property_crc.hpp"

#include <gtest/gtest.h>

#include "record/record_encoder.hpp"

namespace tenon::record {
namespace {

using namespace std::string_literals;

/// The record of store-format.md 15.2, with the CRC.
std::vector<std::byte> example() {
  Message message;
  message.topic = "TopicTest";
  message.queue_id = 3;
  message.born_timestamp_ms = 1'700'000'000'000;
  message.born_host = HostAddress::parse("192.168.0.10:50123").value();
  message.store_host = HostAddress::parse("192.168.0.1:10911").value();
  const std::string body = "Hello RocketMQ";
  message.body = std::as_bytes(std::span(body));
  const std::string properties = with_room_for_property_crc("KEYS\1KEY1\2TAGS\1TagA\2");
  message.properties = properties;
  std::vector<std::byte> bytes(encoded_size(message));
  encode(message, bytes.data());
  patch(bytes.data(), {{7}, {4096}, 1'700'000'000'123}, false);
  write_property_crc(bytes);
  return bytes;
}

TEST(PropertyCrc, IsThatOfRocketMQ) {
  const auto bytes = example();
  EXPECT_EQ(bytes.size(), 154U);
  const RecordView view = RecordView::decode(bytes).value();
  EXPECT_EQ(view.properties().find("__CRC32#"), "3402077210");
  EXPECT_FALSE(property_crc_is_wrong(view));
}

TEST(PropertyCrc, NoticesEveryFlippedByte) {
  const auto good = example();
  for (std::size_t at = 4; at < good.size(); ++at) {
    auto bytes = good;
    bytes[at] ^= std::byte{0x10};
    const auto view = RecordView::decode(bytes);
    const bool in_the_name = at >= good.size() - 20 && (at < good.size() - 11 || at == good.size() - 1);
    if (!view || in_the_name) continue;
    EXPECT_TRUE(property_crc_is_wrong(*view)) << at;
  }
}

TEST(PropertyCrc, ReplacesTheOneThatAClientSent) {
  EXPECT_EQ(with_room_for_property_crc("__CRC32#\1"
                                       "12\2A\1b"),
            "A\1b\2__CRC32#\1"
            "0000000000\2");
  EXPECT_EQ(with_room_for_property_crc(""),
            "__CRC32#\1"
            "0000000000\2");
}

}  // namespace
}  // namespace tenon::record
