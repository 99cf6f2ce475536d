// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/websocket_layer.hpp"

#include <algorithm>
#include <utility>

#include "protocol-mqtt/transport/websocket_handshake.hpp"
#include "tenon/text.hpp"

namespace tenon::protocol_mqtt {
namespace {

constexpr std::uint8_t kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;
constexpr std::uint8_t kFinal = 0x80, kReserved = 0x70, kControl = 0x08, kMasked = 0x80, kLengthBits = 0x7F;
constexpr std::uint8_t kLength16 = 126, kLength64 = 127;
constexpr std::uint16_t kProtocolError = 1002, kNotBinary = 1003, kTooBig = 1009;
constexpr std::size_t kMaskSize = 4;
/// More than one MQTT packet of the largest size: a length like that is a mistake.
constexpr std::uint64_t kFrameBytesMax = std::uint64_t{1} << 29;

std::uint8_t byte_at(const std::string& text, std::size_t at) { return static_cast<std::uint8_t>(text[at]); }

void put_header(std::string& out, std::uint8_t opcode, std::size_t size) {
  out.push_back(static_cast<char>(kFinal | opcode));
  int bytes = 0;
  if (size < kLength16) {
    out.push_back(static_cast<char>(size));
  } else {
    bytes = size <= 0xFFFF ? 2 : 8;
    out.push_back(static_cast<char>(bytes == 2 ? kLength16 : kLength64));
  }
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(size >> shift));
}

}  // namespace

Status WebSocketLayer::receive(std::string_view bytes, std::string& inner, std::string& outer) {
  if (stage_ == Stage::closed) return Error(Errc::io, "the WebSocket is closed");
  if (stage_ == Stage::request) {
    if (Status opened = open(bytes, outer); !opened) return opened;
    if (stage_ != Stage::open) return {};
  }
  return receive_frames(bytes, inner, outer);
}

/// Takes the request off the front of `bytes` when it is whole.
Status WebSocketLayer::open(std::string_view& bytes, std::string& outer) {
  const std::size_t before = pending_.size();
  pending_.append(bytes.substr(0, kWebSocketRequestMax - before));
  const auto answer = answer_websocket_request(pending_, *path_);
  if (!answer) return {};
  outer += answer->response;
  pending_ = std::string();
  stage_ = answer->accepted ? Stage::open : Stage::closed;
  if (!answer->accepted) return Error(Errc::io, text("WebSocket refused: ", answer->reason));
  path_.reset();
  bytes.remove_prefix(answer->request_size - before);
  return {};
}

Status WebSocketLayer::receive_frames(std::string_view bytes, std::string& inner, std::string& outer) {
  while (!bytes.empty()) {
    if (remaining_ > 0) {
      pass_on(bytes, inner);
      continue;
    }
    if (!fill(bytes, 2)) return {};
    if (Status valid = check_start(); !valid) return valid;
    if (!fill(bytes, header_size())) return {};
    if ((opcode() & kControl) == 0) {
      if (Status begun = begin_data(); !begun) return begun;
      continue;
    }
    if (!fill(bytes, header_size() + payload_size())) return {};
    if (Status answered = answer_control(outer); !answered) return answered;
    pending_ = std::string();
  }
  return {};
}

void WebSocketLayer::pass_on(std::string_view& bytes, std::string& inner) {
  const std::size_t count = std::min<std::uint64_t>(remaining_, bytes.size());
  const std::size_t start = inner.size();
  inner.append(bytes.substr(0, count));
  for (std::size_t i = start; i < inner.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ mask_[mask_at_]);
    mask_at_ = (mask_at_ + 1) % kMaskSize;
  }
  bytes.remove_prefix(count);
  remaining_ -= count;
}

/// Moves bytes into `pending_` until it has `size` of them; false when there are too few.
bool WebSocketLayer::fill(std::string_view& bytes, std::size_t size) {
  if (pending_.size() < size) {
    const std::string_view next = bytes.substr(0, size - pending_.size());
    pending_.append(next);
    bytes.remove_prefix(next.size());
  }
  return pending_.size() >= size;
}

Status WebSocketLayer::check_start() {
  const std::uint8_t first = byte_at(pending_, 0), second = byte_at(pending_, 1);
  if ((first & kReserved) != 0) return refuse(kProtocolError, "a reserved bit in a WebSocket frame");
  if ((second & kMasked) == 0) return refuse(kProtocolError, "a WebSocket frame that is not masked");
  if ((opcode() & kControl) != 0) {
    const bool short_and_whole = (first & kFinal) != 0 && (second & kLengthBits) < kLength16;
    if (opcode() > kPong) return refuse(kProtocolError, "an unknown WebSocket control frame");
    return short_and_whole ? Status{} : refuse(kProtocolError, "a long or fragmented WebSocket control frame");
  }
  if (opcode() == kText) return refuse(kNotBinary, "a text frame on the WebSocket");
  if (opcode() > kBinary) return refuse(kProtocolError, "an unknown WebSocket frame");
  if ((opcode() == kContinuation) != in_message_) return refuse(kProtocolError, "WebSocket fragments out of order");
  return {};
}

std::size_t WebSocketLayer::header_size() const noexcept {
  const std::uint8_t length = byte_at(pending_, 1) & kLengthBits;
  const std::size_t extended = length == kLength64 ? 8 : 2;
  return 2 + (length < kLength16 ? 0 : extended) + kMaskSize;
}

std::uint64_t WebSocketLayer::payload_size() const noexcept {
  const std::uint8_t length = byte_at(pending_, 1) & kLengthBits;
  if (length < kLength16) return length;
  std::uint64_t size = 0;
  for (std::size_t i = 2; i < header_size() - kMaskSize; ++i) size = size << 8U | byte_at(pending_, i);
  return size;
}

Status WebSocketLayer::begin_data() {
  remaining_ = payload_size();
  if (remaining_ > kFrameBytesMax) return refuse(kTooBig, "a WebSocket frame beyond every limit");
  std::copy_n(pending_.end() - kMaskSize, kMaskSize, mask_.begin());
  mask_at_ = 0;
  in_message_ = (byte_at(pending_, 0) & kFinal) == 0;
  pending_.clear();
  return {};
}

Status WebSocketLayer::answer_control(std::string& outer) {
  const std::size_t header = header_size();
  std::string payload = pending_.substr(header);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<char>(payload[i] ^ pending_[header - kMaskSize + i % kMaskSize]);
  }
  if (opcode() == kPing) {
    put_header(outer, kPong, payload.size());
    outer += payload;
  }
  return opcode() == kClose ? refuse(close_code_, "the client closed the WebSocket") : Status{};
}

/// The close frame is written by end().
Status WebSocketLayer::refuse(std::uint16_t code, std::string_view why) {
  close_code_ = code;
  return Error(Errc::io, std::string(why));
}

Status WebSocketLayer::send(std::string_view bytes, std::string& outer) {
  if (stage_ != Stage::open) return Error(Errc::io, "the WebSocket is not open");
  put_header(outer, kBinary, bytes.size());
  outer += bytes;
  return {};
}

void WebSocketLayer::end(std::string& outer) {
  if (std::exchange(stage_, Stage::closed) != Stage::open) return;
  put_header(outer, kClose, 2);
  outer.push_back(static_cast<char>(close_code_ >> 8U));
  outer.push_back(static_cast<char>(close_code_ & 0xFFU));
}

}  // namespace tenon::protocol_mqtt
