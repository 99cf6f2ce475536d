// SPDX-License-Identifier: Apache-2.0
#include "remoting/register_body.hpp"

#include <gtest/gtest.h>

#include "remoting/test_frames.hpp"
#include "remoting/zlib_stream.hpp"

namespace tenon::remoting {
namespace {

RegisterParts sample() {
  return {R"({"counter":1})", {"TopicA 4 4 6 SINGLE_TAG", "TopicB 8 8 6 SINGLE_TAG"}, "[]", {R"({"bname":"b"})"}};
}

TEST(RegisterBody, RoundTrips) {
  for (const bool with_mappings : {false, true}) {
    const auto body = encode_compressed_register_body(sample(), with_mappings);
    const auto parts = decode_compressed_register_body(body, with_mappings);
    ASSERT_TRUE(parts.has_value()) << parts.error().message();
    EXPECT_EQ(parts->data_version, sample().data_version);
    EXPECT_EQ(parts->topic_configs, sample().topic_configs);
    EXPECT_EQ(parts->queue_mappings.size(), with_mappings ? 1u : 0u);
  }
}

TEST(RegisterBody, RefusesDamage) {
  const auto body = encode_compressed_register_body(sample(), false);
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_TRUE(decode_compressed_register_body(std::span(body).first(size), false).has_error()) << size;
  }
  EXPECT_TRUE(decode_compressed_register_body(deflate_all(bytes_of("\xff\xff\xff\xff{}")), false).has_error());
  EXPECT_TRUE(decode_compressed_register_body(body, true).has_error()) << "the mappings are missing";
}

TEST(Inflate, IsBounded) {
  const std::vector<std::byte> zeros(10 * 1000 * 1000);
  const auto bomb = deflate_all(zeros);
  EXPECT_LT(bomb.size(), 20000u);
  EXPECT_TRUE(inflate_bounded(bomb, zeros.size() - 1).has_error());
  const auto plain = inflate_bounded(bomb, zeros.size());
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->size(), zeros.size());
  EXPECT_TRUE(inflate_bounded(deflate_all({}), 0).has_value());
}

TEST(Crc32, IsJavas31Bits) {
  EXPECT_EQ(crc32_31(bytes_of("123456789")), 0xCBF43926U & 0x7FFFFFFFU);
  EXPECT_EQ(crc32_31({}), 0u);
}

}  // namespace
}  // namespace tenon::remoting
