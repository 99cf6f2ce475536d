// SPDX-License-Identifier: Apache-2.0
#include "remoting/batch_body.hpp"

#include <algorithm>

#include "remoting/big_endian.hpp"
#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

/// Total size, magic, body CRC, flag, body length, and behind the body the properties length.
constexpr std::size_t kFlagAt = 12;
constexpr std::size_t kBodyLengthAt = 16;
constexpr std::size_t kBodyAt = 20;
constexpr std::size_t kPropertiesLengthBytes = 2;
constexpr std::size_t kMessageFixedBytes = kBodyAt + kPropertiesLengthBytes;
constexpr std::size_t kMaxProperties = 0x7FFF;

/// The message that fills `bytes` exactly; false if its inner lengths do not add up.
bool read_message(std::span<const std::byte> bytes, BatchMessage& message) {
  const std::size_t body_length = load_be<std::uint32_t>(bytes.data() + kBodyLengthAt);
  if (body_length > bytes.size() - kMessageFixedBytes) return false;
  const std::size_t properties_length_at = kBodyAt + body_length;
  const std::size_t properties_length = load_be<std::uint16_t>(bytes.data() + properties_length_at);
  const std::size_t properties_at = properties_length_at + kPropertiesLengthBytes;
  if (properties_length > kMaxProperties || properties_length != bytes.size() - properties_at) return false;
  message.flag = static_cast<std::int32_t>(load_be<std::uint32_t>(bytes.data() + kFlagAt));
  message.body = bytes.subspan(kBodyAt, body_length);
  message.properties = {reinterpret_cast<const char*>(bytes.data() + properties_at), properties_length};
  return true;
}

}  // namespace

Status split_batch_body(std::span<const std::byte> body, std::vector<BatchMessage>& messages) {
  messages.clear();
  while (!body.empty()) {
    const std::size_t size = body.size() < kMessageFixedBytes ? 0 : load_be<std::uint32_t>(body.data());
    BatchMessage message;
    if (size < kMessageFixedBytes || size > body.size() || !read_message(body.first(size), message)) {
      Error error(Errc::message_illegal, text("message ", messages.size(), " of the batch is malformed"));
      messages.clear();
      return error;
    }
    messages.push_back(message);
    body = body.subspan(size);
  }
  return {};
}

void append_batch_message(OutputBuffer& out, const BatchMessage& message) {
  const std::string_view properties = message.properties.substr(0, kMaxProperties);
  out.append_be32(static_cast<std::uint32_t>(kMessageFixedBytes + message.body.size() + properties.size()));
  out.append_be32(0);  // Magic and CRC: the broker computes its own.
  out.append_be32(0);
  out.append_be32(static_cast<std::uint32_t>(message.flag));
  out.append_be32(static_cast<std::uint32_t>(message.body.size()));
  out.append(message.body);
  out.append_be16(static_cast<std::uint16_t>(properties.size()));
  out.append(properties);
}

}  // namespace tenon::remoting
