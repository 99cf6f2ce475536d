// SPDX-License-Identifier: Apache-2.0
// Every recorded frame decodes to what the recorder says, and encodes back to the same bytes where Java wrote it.
#include <gtest/gtest.h>

#include "golden_directory.hpp"
#include "recording.hpp"
#include "remoting/command_writer.hpp"

namespace tenon::golden {
namespace {

using remoting::Command;
using remoting::FrameView;

FrameView frame_of(const RecordedFrame& recorded) {
  const auto frame = remoting::next_frame(recorded.wire.bytes());
  if (frame.has_error() || !*frame) {
    ADD_FAILURE() << recorded.place << ": " << (frame.has_error() ? frame.error().message() : "not whole");
    return {};
  }
  return **frame;
}

void expect_same_fields(const RecordedFrame& recorded, const Command& command) {
  const fastjson::Value* ext = recorded.decoded.find("ext");
  const std::size_t count = ext == nullptr ? 0 : ext->members().size();
  EXPECT_EQ(command.fields.size(), count) << recorded.place;
  if (ext == nullptr) return;
  for (const fastjson::Member& member : ext->members()) {
    const std::string name(member.key.as_text().value_or("?"));
    const auto value = command.field(name);
    ASSERT_TRUE(value) << recorded.place << " " << name;
    EXPECT_EQ(*value, member.value.as_text().value_or("")) << recorded.place << " " << name;
  }
}

void expect_same_header(const RecordedFrame& recorded, const Command& command) {
  const fastjson::Value& decoded = recorded.decoded;
  EXPECT_EQ(command.code, decoded.i32_or("code", -1)) << recorded.place;
  EXPECT_EQ(language_name(command.language), decoded.text_or("language", "")) << recorded.place;
  EXPECT_EQ(command.version, decoded.i32_or("version", -1)) << recorded.place;
  EXPECT_EQ(command.opaque, decoded.i32_or("opaque", -1)) << recorded.place;
  EXPECT_EQ(command.flag, decoded.i32_or("flag", -1)) << recorded.place;
  EXPECT_EQ(command.is_response(), !recorded.is_request()) << recorded.place;
  EXPECT_EQ(command.remark.value_or(""), decoded.text_or("remark", "")) << recorded.place;
}

TEST(RecordedFrames, DecodeToWhatWasRecorded) {
  TENON_NEED_GOLDEN();
  Command command;
  const int frames = for_each_frame([&](const RecordedFrame& recorded) {
    const FrameView frame = frame_of(recorded);
    EXPECT_EQ(frame.size, static_cast<std::size_t>(recorded.decoded.i64_or("frameLength", 0)) + 4) << recorded.place;
    EXPECT_EQ(frame.body.size(), recorded.body.size()) << recorded.place;
    const Status outcome = command.decode(frame);
    ASSERT_TRUE(outcome.has_value()) << recorded.place << ": " << outcome.error().message();
    expect_same_header(recorded, command);
    expect_same_fields(recorded, command);
  });
  EXPECT_GT(frames, 5000);
  RecordProperty("frames", frames);
}

/// Feeds what was decoded, in the recorded order, to the encoder.
remoting::OutputBuffer encode_again(const Command& command, std::string_view body) {
  remoting::HeaderStart start;
  start.type = command.type;
  start.code = command.code;
  start.opaque = command.opaque;
  start.flag = command.flag;
  start.remark = command.remark;
  start.language = command.language;
  start.version = command.version;
  remoting::OutputBuffer out;
  remoting::CommandWriter writer(out, start);
  if (command.has_fields) writer.fields(command.fields);
  EXPECT_TRUE(writer.finish(body));
  return out;
}

TEST(RecordedFrames, OfJavaEncodeToTheSameBytes) {
  TENON_NEED_GOLDEN();
  Command command;
  int same = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    ASSERT_TRUE(command.decode(frame_of(recorded)).has_value()) << recorded.place;
    if (command.language != remoting::Language::java) return;
    const remoting::OutputBuffer out = encode_again(command, recorded.body);
    EXPECT_EQ(out.text(), recorded.wire.text()) << recorded.place;
    same += out.text() == recorded.wire.text();
  });
  EXPECT_GT(same, 5000);
  RecordProperty("same_bytes", same);
}

TEST(RecordedFrames, OfOtherClientsEncodeToTheSameMeaning) {
  TENON_NEED_GOLDEN();
  Command command, again;
  int frames = 0;
  for_each_frame([&](const RecordedFrame& recorded) {
    ASSERT_TRUE(command.decode(frame_of(recorded)).has_value()) << recorded.place;
    if (command.language == remoting::Language::java) return;
    const remoting::OutputBuffer out = encode_again(command, recorded.body);
    const auto frame = remoting::next_frame(out.bytes());
    ASSERT_TRUE(frame.has_value() && *frame) << recorded.place;
    ASSERT_TRUE(again.decode(**frame).has_value()) << recorded.place;
    expect_same_header(recorded, again);
    expect_same_fields(recorded, again);
    ++frames;
  });
  EXPECT_GT(frames, 100);
}

}  // namespace
}  // namespace tenon::golden
