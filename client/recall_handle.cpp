// SPDX-License-Identifier: Apache-2.0
// Recall handles: url-safe Base64 of "v1 topic brokerName timestamp uniqueKey". Source: RecallMessageHandle.java.
#include "client/delay_admin.hpp"
#include "tenon/text.hpp"

namespace tenon::client {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      bits = bits << 8 | (index < group.size() ? static_cast<unsigned char>(group[index]) : 0);
    }
    for (std::size_t index = 0; index < 4; ++index) {
      out.push_back(index <= group.size() ? kAlphabet[(bits >> (18 - 6 * index)) & 63] : '=');
    }
  }
  return out;
}

std::string from_base64(std::string_view letters) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : letters) {
    const std::size_t value = kAlphabet.find(letter);
    if (value == std::string_view::npos) break;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count & 0xFF));
  }
  return out;
}

}  // namespace

std::string make_recall_handle(std::string_view topic, std::string_view broker_name, std::int64_t timestamp_ms,
                               std::string_view unique_key) {
  return to_base64(text("v1 ", topic, ' ', broker_name, ' ', timestamp_ms, ' ', unique_key));
}

Result<std::string> topic_of_recall_handle(std::string_view handle) {
  const std::string plain = from_base64(handle);
  const std::size_t end = plain.find(' ', 3);
  if (!plain.starts_with("v1 ") || end == std::string::npos) {
    return Error(Errc::invalid_parameter, text("'", handle, "' is no recall handle"));
  }
  return plain.substr(3, end - 3);
}

}  // namespace tenon::client
