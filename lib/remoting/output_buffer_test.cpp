// SPDX-License-Identifier: Apache-2.0
#include "remoting/output_buffer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace tenon::remoting {
namespace {

using namespace std::string_literals;

TEST(OutputBuffer, GrowsAndKeepsItsBytes) {
  OutputBuffer out;
  std::string expected;
  for (int index = 0; index < 1000; ++index) {
    out.append("abc");
    out.append_be16(0x0102);
    expected += "abc\x01\x02";
  }
  EXPECT_EQ(out.text(), expected);
}

TEST(OutputBuffer, WritesBigEndianAndPatches) {
  OutputBuffer out;
  out.append_be32(0);
  out.append_be64(0x0102030405060708);
  out.patch_be32(0, 0xFF000001);
  EXPECT_EQ(out.text(), "\xff\x00\x00\x01\x01\x02\x03\x04\x05\x06\x07\x08"s);
}

TEST(OutputBuffer, MovesAndGivesBack) {
  OutputBuffer out(10000);
  out.append("x");
  OutputBuffer moved = std::move(out);
  EXPECT_EQ(moved.text(), "x");
  moved.shrink_above(100);
  EXPECT_GE(moved.capacity(), 10000u) << "content is kept";
  moved.clear();
  moved.shrink_above(100);
  EXPECT_EQ(moved.capacity(), 0u);
  moved.append(std::string_view());
  EXPECT_TRUE(moved.empty());
}

}  // namespace
}  // namespace tenon::remoting
