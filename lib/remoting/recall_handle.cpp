// SPDX-License-Identifier: Apache-2.0
#include "remoting/recall_handle.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kHandleMax = 1024;

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

/// Empty for text that is no Base64; the padding may be left off.
std::string from_base64(std::string_view text_of_handle) {
  while (text_of_handle.ends_with('=')) text_of_handle.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char letter : text_of_handle) {
    const std::size_t value = kAlphabet.find(letter);
    if (value == std::string_view::npos) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> count & 0xFF));
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text_of_handle) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin <= text_of_handle.size();) {
    const std::size_t end = std::min(text_of_handle.find(' ', begin), text_of_handle.size());
    words.push_back(text_of_handle.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace

std::string RecallHandle::encode() const {
  return to_base64(text("v1 ", topic, ' ', broker_name, ' ', timestamp_ms, ' ', unique_key));
}

Result<RecallHandle> RecallHandle::decode(std::string_view handle) {
  const Error bad(Errc::illegal_operation, "recall handle is invalid");
  if (handle.size() > kHandleMax) return bad;
  const std::string plain = from_base64(handle);
  const std::vector<std::string_view> words = split(plain);
  if (words.size() != 5 || words[0] != "v1") return bad;
  RecallHandle decoded{std::string(words[1]), std::string(words[2]), 0, std::string(words[4])};
  const char* const end = words[3].data() + words[3].size();
  const auto [stop, error] = std::from_chars(words[3].data(), end, decoded.timestamp_ms);
  if (error != std::errc{} || stop != end) return bad;
  return decoded;
}

}  // namespace tenon::remoting
