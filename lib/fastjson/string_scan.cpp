// SPDX-License-Identifier: Apache-2.0
#include "fastjson/string_scan.hpp"

#include "json_text/json_text.hpp"

namespace tenon::fastjson {
namespace {

bool scan_escape(const char*& at, const char* end, std::string& out) {
  char decoded[json_text::kMaxDecoded];
  char* behind = decoded;
  if (!json_text::decode_any_escape(at, end, behind)) return false;
  out.append(decoded, behind);
  return true;
}

void append_escape(std::string& out, char character) {
  char escape[json_text::kMaxEscaped];
  out.append(escape, json_text::write_escape(escape, character));
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
    if (*at == quote) return ++at, out;
    if (!scan_escape(at, end, out)) return std::nullopt;
  }
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* const run = at;
    while (at != end && !json_text::needs_escape(*at)) ++at;
    out.append(run, at);
    if (at != end) append_escape(out, *at++);
  }
  out += '"';
}

}  // namespace tenon::fastjson
