// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "tenon/error.hpp"

namespace tenon::remoting {

/// How a header is written. The value is the frame's type byte.
enum class HeaderType : std::uint8_t { json = 0, binary = 1 };

/// Largest frame, its four length bytes included (RocketMQ's `com.rocketmq.remoting.frameMaxLength`).
inline constexpr std::size_t kMaxFrameBytes = 16 * 1024 * 1024;
/// Length field, type byte and header length.
inline constexpr std::size_t kFramePrefixBytes = 8;
/// Largest header that the 24-bit length field can announce.
inline constexpr std::size_t kMaxHeaderBytes = 0xFFFFFF;

/// One whole frame inside a receive buffer. Ownership: all spans borrow that buffer.
struct FrameView {
  HeaderType type = HeaderType::json;
  std::span<const std::byte> header;
  std::span<const std::byte> body;  ///< Empty for "no body", which the protocol cannot tell from an empty one.
  std::size_t size = 0;             ///< All bytes of the frame, length field included: how far to move on.
};

/// The frame at the start of `input`; nothing if its end has not arrived yet. Copies nothing.
///
/// Lengths are checked as soon as their bytes are there, so a hostile announcement never makes anyone wait or allocate.
/// Errors (invalid_parameter; the connection cannot be used any more): a length that is negative, shorter than its
/// header or beyond `max_frame_bytes`; an unknown type byte.
/// Source: ../shared/reference/remoting-protocol.md 1.1.
Result<std::optional<FrameView>> next_frame(std::span<const std::byte> input,
                                            std::size_t max_frame_bytes = kMaxFrameBytes);

/// How many bytes the frame at the start of `input` announces, length field included; 0 while fewer than four bytes are
/// there. Not checked against any limit: call next_frame() first. For sizing the receive buffer.
std::size_t announced_frame_size(std::span<const std::byte> input) noexcept;

}  // namespace tenon::remoting
