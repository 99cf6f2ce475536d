// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "replication/classic_frames.hpp"
#include "replication/extended_frames.hpp"

namespace tenon::replication {
namespace {

template <class Bytes>
std::string hex(const Bytes& bytes) {
  std::string out;
  for (const auto byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte) & 0xFFU);
    out += digits;
  }
  return out;
}

// ../shared/golden/wire/broker-4.9.7/slave-4.9.7-sync.jsonl
TEST(ClassicFrames, AreAsRecorded) {
  EXPECT_EQ(hex(encode_report({0})), "0000000000000000");
  EXPECT_EQ(hex(encode_report({477})), "00000000000001dd");
  EXPECT_EQ(hex(encode_classic_header({{0}, 477})), "0000000000000000000001dd");
  EXPECT_EQ(hex(encode_classic_header({{477}, 0})), "00000000000001dd00000000");
  EXPECT_EQ(decode_report(encode_report({477})), PhysicalOffset{477});
  const ClassicHeader header = decode_classic_header(encode_classic_header({{527}, -3}));
  EXPECT_EQ(header.begin, PhysicalOffset{527});
  EXPECT_EQ(header.size, -3);
}

std::vector<Frame> one_of_each() {
  return {Welcome{.identity = {"c", "broker-a", 0},
                  .log_file_size = 1 << 30,
                  .log_min = {1 << 30},
                  .log_max = {77},
                  .acknowledge = Acknowledge::flushed,
                  .epochs = {{1, {0}}, {7, {99}}}},
          Hello{.identity = {"c", "broker-a", 2}, .begin = {55}, .last_epoch = 7, .sample = {{11}, 44, 12345}},
          Chunk{.begin = {5}, .size = 6, .crc = 7, .epoch = {8, {9}}, .log_max = {10}, .confirmed = {11}},
          Acknowledgement{{99}}, Refusal{"no"}};
}

TEST(ExtendedFrames, SurviveTheWire) {
  for (const Frame& frame : one_of_each()) {
    const std::string bytes = encode_frame(frame);
    const auto read = next_frame(std::as_bytes(std::span(bytes)));
    ASSERT_TRUE(read.has_value()) << read.error().message();
    ASSERT_TRUE(read->has_value());
    EXPECT_EQ((*read)->size, bytes.size());
    EXPECT_EQ(encode_frame((*read)->frame), bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto part = next_frame(std::as_bytes(std::span(bytes)).first(size));
      ASSERT_TRUE(part.has_value());
      EXPECT_FALSE(part->has_value());
    }
  }
}

TEST(ExtendedFrames, AnyFlippedBitIsSeen) {
  for (const Frame& frame : one_of_each()) {
    const std::string good = encode_frame(frame);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bad = good;
      bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
      const auto read = next_frame(std::as_bytes(std::span(bad)));
      EXPECT_TRUE(read.has_error() || !read->has_value()) << bit;
    }
  }
}

TEST(ExtendedFrames, RandomBytesAreRefusedAtOnce) {
  std::mt19937 random(3);
  for (int round = 0; round < 2'000; ++round) {
    std::string bytes(64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    EXPECT_TRUE(next_frame(std::as_bytes(std::span(bytes))).has_error());
  }
}

}  // namespace
}  // namespace tenon::replication
