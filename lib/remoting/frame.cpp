// SPDX-License-Identifier: Apache-2.0
#include "remoting/frame.hpp"

#include "remoting/big_endian.hpp"
#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

constexpr std::size_t kFrameLengthBytes = 4;
/// What the length field counts besides header and body: the type byte and the header length.
constexpr std::size_t kHeaderWordBytes = 4;

Error bad_length(std::int32_t length, std::size_t max_frame_bytes) {
  return {Errc::invalid_parameter, text("frame length ", length, " is not between ", kHeaderWordBytes, " and ",
                                        max_frame_bytes - kFrameLengthBytes)};
}

}  // namespace

Result<std::optional<FrameView>> next_frame(std::span<const std::byte> input, std::size_t max_frame_bytes) {
  if (input.size() < kFrameLengthBytes) return std::optional<FrameView>();
  const auto length = load_be<std::uint32_t>(input.data());
  if (length < kHeaderWordBytes || length > max_frame_bytes - kFrameLengthBytes) {
    return bad_length(static_cast<std::int32_t>(length), max_frame_bytes);
  }
  if (input.size() < kFramePrefixBytes) return std::optional<FrameView>();
  const auto type = static_cast<std::uint8_t>(input[kFrameLengthBytes]);
  if (type > static_cast<std::uint8_t>(HeaderType::binary)) {
    return Error(Errc::invalid_parameter, text("unknown header type ", static_cast<int>(type), " in a frame"));
  }
  const std::size_t header_bytes = load_be<std::uint32_t>(input.data() + kFrameLengthBytes) & kMaxHeaderBytes;
  if (header_bytes > length - kHeaderWordBytes) {
    return Error(Errc::invalid_parameter,
                 text("header length ", header_bytes, " is more than the frame length ", length, " has room for"));
  }
  const std::size_t size = kFrameLengthBytes + length;
  if (input.size() < size) return std::optional<FrameView>();
  const std::size_t body_begin = kFramePrefixBytes + header_bytes;
  return std::optional<FrameView>(FrameView{static_cast<HeaderType>(type),
                                            input.subspan(kFramePrefixBytes, header_bytes),
                                            input.subspan(body_begin, size - body_begin), size});
}

std::size_t announced_frame_size(std::span<const std::byte> input) noexcept {
  if (input.size() < kFrameLengthBytes) return 0;
  return kFrameLengthBytes + load_be<std::uint32_t>(input.data());
}

}  // namespace tenon::remoting
