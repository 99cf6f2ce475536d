// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string_view>

#include "remoting/command.hpp"
#include "remoting/output_buffer.hpp"

namespace tenon::remoting {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

inline FrameView frame_of(HeaderType type, std::string_view header) { return {type, bytes_of(header), {}, 0}; }

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The only frame in `out`; fails the test if there is none or something follows it.
inline FrameView only_frame(const OutputBuffer& out) {
  const auto frame = next_frame(out.bytes());
  if (!frame.has_value() || !*frame) {
    ADD_FAILURE() << "not a whole frame";
    return {};
  }
  EXPECT_EQ((*frame)->size, out.size());
  return **frame;
}

}  // namespace tenon::remoting
