// SPDX-License-Identifier: Apache-2.0
#include "record/message_id.hpp"

#include <gtest/gtest.h>

namespace tenon::record {
namespace {

TEST(OffsetMessageId, IsHostPortAndOffsetInHex) {
  const OffsetMessageId id{HostAddress::v4({192, 168, 0, 1}, 10911), {4096}};
  EXPECT_EQ(to_string(id), "C0A8000100002A9F0000000000001000");
  EXPECT_EQ(parse_offset_message_id("C0A8000100002A9F0000000000001000").value(), id);
  EXPECT_EQ(parse_offset_message_id("c0a8000100002a9f0000000000001000").value(), id);
}

TEST(OffsetMessageId, HoldsIpv6Hosts) {
  const OffsetMessageId id{HostAddress::parse("[::1]:10911").value(), {7}};
  EXPECT_EQ(to_string(id), "0000000000000000000000000000000100002A9F0000000000000007");
  EXPECT_EQ(to_string(id).size(), kOffsetMessageIdSizeMax);
  EXPECT_EQ(parse_offset_message_id(to_string(id)).value(), id);
}

TEST(OffsetMessageId, RefusesOtherText) {
  for (const char* bad : {"", "C0", "G0A8000100002A9F0000000000001000", "C0A8000100012A9F0000000000001000"}) {
    EXPECT_TRUE(parse_offset_message_id(bad).has_error()) << bad;
  }
}

}  // namespace
}  // namespace tenon::record
