// SPDX-License-Identifier: Apache-2.0
#include "fastjson/string_scan.hpp"

#include <charconv>
#include <cstddef>
#include <cstdint>

namespace tenon::fastjson {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

void append_utf8(std::string& out, char32_t code_point) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

/// The code unit whose four digits stand at `at`.
std::optional<char32_t> code_unit(const char* at, const char* end) {
  if (end - at < 4) return std::nullopt;
  std::uint32_t unit = 0;
  const auto parsed = std::from_chars(at, at + 4, unit, 16);
  if (parsed.ec != std::errc() || parsed.ptr != at + 4) return std::nullopt;
  return unit;
}

/// `at` is behind `\u`.
bool scan_unicode(const char*& at, const char* end, std::string& out) {
  const auto unit = code_unit(at, end);
  if (!unit) return false;
  at += 4;
  if (*unit < 0xD800 || *unit > 0xDFFF) return append_utf8(out, *unit), true;
  if (*unit < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
    const auto second = code_unit(at + 2, end);
    if (second && *second >= 0xDC00 && *second <= 0xDFFF) {
      at += 6;
      append_utf8(out, 0x10000 + ((*unit - 0xD800) << 10) + (*second - 0xDC00));
      return true;
    }
  }
  append_utf8(out, kReplacement);
  return true;
}

/// `at` is behind the backslash.
bool scan_escape(const char*& at, const char* end, std::string& out) {
  if (at == end) return false;
  switch (*at++) {
    case '"':
      out += '"';
      return true;
    case '\'':
      out += '\'';
      return true;
    case '\\':
      out += '\\';
      return true;
    case '/':
      out += '/';
      return true;
    case 'n':
      out += '\n';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'v':
      out += '\v';
      return true;
    case '0':
      out += '\0';
      return true;
    case 'u':
      return scan_unicode(at, end, out);
    default:
      --at;
      return false;
  }
}

void append_escaped(std::string& out, char character) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    default:
      break;
  }
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(character);
  out += "\\u00";
  out += kDigits[byte >> 4];
  out += kDigits[byte & 0xF];
}

bool needs_escape(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

}  // namespace

std::optional<std::string> scan_string(const char*& at, const char* end) {
  const char quote = *at++;
  std::string out;
  while (true) {
    const char* const run = at;
    while (at != end && *at != quote && *at != '\\') ++at;
    out.append(run, at);
    if (at == end) return std::nullopt;
    if (*at++ == quote) return out;
    if (!scan_escape(at, end, out)) return std::nullopt;
  }
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* const run = at;
    while (at != end && !needs_escape(*at)) ++at;
    out.append(run, at);
    if (at != end) append_escaped(out, *at++);
  }
  out += '"';
}

}  // namespace tenon::fastjson
