// SPDX-License-Identifier: Apache-2.0
#include "bench/response.hpp"

#include <charconv>
#include <cstring>

namespace tenon::bench {
namespace {

constexpr std::size_t kFrameBytesMax = 16 * 1024 * 1024;
constexpr std::string_view kOpaque = R"("opaque":)";

std::uint32_t u32(const char* at) noexcept {
  const auto* bytes = reinterpret_cast<const unsigned char*>(at);
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

template <class Number>
bool number_at(std::string_view text, std::size_t at, Number& out) noexcept {
  while (at < text.size() && (text[at] == ' ' || text[at] == '"')) ++at;
  return at <= text.size() && std::from_chars(text.data() + at, text.data() + text.size(), out).ec == std::errc{};
}

bool member(std::string_view header, std::string_view quoted_name, std::int32_t& out) noexcept {
  const std::size_t at = header.find(quoted_name);
  return at != std::string_view::npos && number_at(header, at + quoted_name.size(), out);
}

}  // namespace

std::optional<std::int64_t> Response::field(std::string_view name) const {
  std::size_t at = header.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  at += name.size();
  at += binary ? 4 : 2;  // JSON: the closing quote and the colon; binary: the length of the value
  std::int64_t value = 0;
  if (!number_at(header, at, value)) return std::nullopt;
  return value;
}

std::string_view Response::remark() const {
  constexpr std::string_view name = R"("remark":")";
  const std::size_t at = binary ? std::string_view::npos : header.find(name);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = header.substr(at + name.size());
  return rest.substr(0, rest.find('"'));
}

bool ResponseReader::read_json(Response& response) {
  const std::string_view header = response.header;
  const std::size_t likely = header.size() - opaque_from_end_;
  if (opaque_from_end_ == 0 || opaque_from_end_ > header.size() || header.substr(likely, kOpaque.size()) != kOpaque) {
    const std::size_t found = header.find(kOpaque);
    if (found == std::string_view::npos) return false;
    opaque_from_end_ = header.size() - found;
  }
  if (!number_at(header, header.size() - opaque_from_end_ + kOpaque.size(), response.opaque)) return false;
  std::int32_t flag = 1;
  if (response.opaque < 1'000'000'000) member(header, R"("flag":)", flag);  // ours are larger: certainly an answer
  response.is_request = (flag & 1) == 0;
  return member(header, R"("code":)", response.code);
}

ResponseReader::Outcome ResponseReader::next(std::string_view& stream, Response& response) {
  if (stream.size() < 8) return Outcome::incomplete;
  const std::size_t length = u32(stream.data()), header_length = u32(stream.data() + 4) & 0xFFFFFF;
  if (length > kFrameBytesMax || length < 4 + header_length) return Outcome::malformed;
  if (stream.size() < 4 + length) return Outcome::incomplete;
  response.header = stream.substr(8, header_length);
  response.body = stream.substr(8 + header_length, length - 4 - header_length);
  response.binary = stream[4] != 0;
  stream.remove_prefix(4 + length);
  if (!response.binary) return read_json(response) ? Outcome::complete : Outcome::malformed;
  if (header_length < 21) return Outcome::malformed;
  const char* header = response.header.data();
  response.code = static_cast<std::int16_t>(u32(header) >> 16);
  response.opaque = static_cast<std::int32_t>(u32(header + 5));
  response.is_request = (header[12] & 1) == 0;
  return Outcome::complete;
}

}  // namespace tenon::bench
