// SPDX-License-Identifier: Apache-2.0
#include "remoting/frame.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "remoting/test_frames.hpp"

namespace tenon::remoting {
namespace {

using namespace std::string_literals;

const std::string kFrame = "\x00\x00\x00\x09\x00\x00\x00\x02{}abc"s;

TEST(NextFrame, GivesHeaderAndBodyWithoutCopying) {
  const std::string input = kFrame + "rest";
  const auto frame = next_frame(bytes_of(input)).value();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, HeaderType::json);
  EXPECT_EQ(frame->size, kFrame.size());
  EXPECT_EQ(static_cast<const void*>(frame->header.data()), input.data() + 8);
  EXPECT_EQ(frame->header.size(), 2u);
  EXPECT_EQ(frame->body.size(), 3u);
}

TEST(NextFrame, WaitsForEveryMissingByte) {
  for (std::size_t size = 0; size < kFrame.size(); ++size) {
    const auto frame = next_frame(bytes_of(kFrame).first(size));
    ASSERT_TRUE(frame.has_value()) << size;
    EXPECT_FALSE(frame->has_value()) << size;
  }
}

TEST(NextFrame, RefusesBadLengthsBeforeTheRestArrives) {
  const std::string cases[] = {
      "\xff\xff\xff\xff"s,                  // negative
      "\x80\x00\x00\x00"s,                  // most negative
      "\x00\x00\x00\x00"s,                  // no room for the header word
      "\x00\x00\x00\x03"s,                  // one byte short of it
      "\x00\xff\xff\xfd"s,                  // one byte more than 16 MiB with its length field
      "\x00\x00\x00\x09\x00\x00\x00\x06"s,  // header longer than the frame
      "\x00\x00\x00\x09\x00\xff\xff\xff"s,
      "\x00\x00\x00\x09\x02\x00\x00\x02"s,  // unknown header type
      "\x00\x00\x00\x09\xff\x00\x00\x02"s,
  };
  for (const std::string& input : cases) {
    const auto frame = next_frame(bytes_of(input));
    ASSERT_TRUE(frame.has_error()) << testing::PrintToString(input);
    EXPECT_TRUE(frame.error().is(Errc::invalid_parameter));
    EXPECT_FALSE(frame.error().message().empty());
  }
}

TEST(NextFrame, AcceptsTheLargestFrame) {
  const auto frame = next_frame(bytes_of("\x00\xff\xff\xfc"s));
  ASSERT_TRUE(frame.has_value());
  EXPECT_FALSE(frame->has_value());
  EXPECT_EQ(announced_frame_size(bytes_of("\x00\xff\xff\xfc"s)), kMaxFrameBytes);
}

TEST(NextFrame, AcceptsHeaderWithoutBodyAndEmptyHeader) {
  const auto no_body = next_frame(bytes_of("\x00\x00\x00\x06\x01\x00\x00\x02xy"s)).value();
  ASSERT_TRUE(no_body);
  EXPECT_EQ(no_body->type, HeaderType::binary);
  EXPECT_TRUE(no_body->body.empty());
  const auto empty = next_frame(bytes_of("\x00\x00\x00\x04\x00\x00\x00\x00"s)).value();
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->header.empty());
}

TEST(NextFrame, KeepsToALowerLimit) {
  EXPECT_TRUE(next_frame(bytes_of("\x00\x00\x00\x7d"s), 128).has_error());
  EXPECT_TRUE(next_frame(bytes_of("\x00\x00\x00\x7c"s), 128).has_value());
}

}  // namespace
}  // namespace tenon::remoting
