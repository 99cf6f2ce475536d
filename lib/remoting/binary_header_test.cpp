// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

using namespace std::string_literals;

/// The worked frame of the protocol reference: request 105 for TopicTest.
const std::string kRouteRequest =
    "\x00\x69"
    "\x00"
    "\x01\xdf"
    "\x00\x00\x00\x03"
    "\x00\x00\x00\x00"
    "\x00\x00\x00\x00"
    "\x00\x00\x00\x14"
    "\x00\x05topic\x00\x00\x00\x09TopicTest"s;

Status decode_binary(Command& command, std::string_view header) {
  return command.decode(frame_of(HeaderType::binary, header));
}

TEST(BinaryHeader, ReadsTheWorkedFrame) {
  Command command;
  ASSERT_TRUE(decode_binary(command, kRouteRequest));
  EXPECT_EQ(command.type, HeaderType::binary);
  EXPECT_EQ(command.code, 105);
  EXPECT_EQ(command.version, 479);
  EXPECT_EQ(command.opaque, 3);
  EXPECT_FALSE(command.remark);
  ASSERT_EQ(command.fields.size(), 1u);
  EXPECT_EQ(command.field("topic"), "TopicTest");
}

TEST(BinaryHeader, ReadsNegativeCodeRemarkAndEmptyValue) {
  Command command;
  const std::string header =
      "\xff\xff\x09\x01\x3d\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x00\x02no\x00\x00\x00\x07\x00\x01i\x00\x00\x00\x00"s;
  ASSERT_TRUE(decode_binary(command, header));
  EXPECT_EQ(command.code, -1);
  EXPECT_EQ(command.language, Language::go);
  EXPECT_EQ(command.opaque, -1);
  EXPECT_TRUE(command.is_response());
  EXPECT_EQ(command.remark, "no");
  EXPECT_EQ(command.field("i"), "");
}

TEST(BinaryHeader, EveryPrefixIsRefused) {
  for (std::size_t size = 0; size < kRouteRequest.size(); ++size) {
    const std::string prefix = kRouteRequest.substr(0, size);
    Command command;
    EXPECT_TRUE(decode_binary(command, prefix).has_error()) << size;
  }
}

TEST(BinaryHeader, RefusesLengthsBeyondTheHeader) {
  for (const std::size_t position : {13u, 17u, 21u, 28u}) {
    std::string header = kRouteRequest;
    header[position] = '\x7f';
    Command command;
    EXPECT_TRUE(decode_binary(command, header).has_error()) << position;
    header[position] = '\xff';
    EXPECT_TRUE(decode_binary(command, header).has_error()) << position;
  }
}

TEST(BinaryHeader, IgnoresWhatFollowsTheFields) {
  Command command;
  ASSERT_TRUE(decode_binary(command, kRouteRequest + "tail"));
  EXPECT_EQ(command.fields.size(), 1u);
}

}  // namespace
}  // namespace tenon::remoting
