// SPDX-License-Identifier: Apache-2.0
#include "remoting/json_scanner.hpp"

#include <charconv>
#include <cstring>

#include "remoting/field_reader.hpp"
#include "remoting/json_text.hpp"

namespace tenon::remoting {
namespace {

constexpr int kMaxDepth = 64;  // One bit each in Nesting.

bool is_delimiter(char character) noexcept {
  switch (character) {
    case ',': case ':': case '{': case '}': case '[': case ']': case '"': case ' ': case '\n': case '\r': case '\t':
      return true;
    default: return false;
  }
}

}  // namespace

std::optional<std::string_view> JsonScanner::string() {
  if (!take('"')) return fail("expected a string");
  const char* const first = at_;
  const char* const stop = json_text::find_quote_or_backslash(first, end_);
  if (stop == end_) return fail("string without end");
  if (*stop == '\\') return escaped_string(first, stop);
  at_ = stop + 1;
  return std::string_view(first, static_cast<std::size_t>(stop - first));
}

std::optional<std::string_view> JsonScanner::escaped_string(const char* first, const char* backslash) {
  // What is unescaped never grows, so one reservation of the rest of the text serves all strings that follow.
  if (arena_at_ == nullptr) arena_at_ = arena_.reserve(static_cast<std::size_t>(end_ - first) + json_text::kSlack);
  char* const begin = arena_at_;
  char* out = begin;
  std::memcpy(out, first, static_cast<std::size_t>(backslash - first));
  out += backslash - first;
  at_ = backslash;
  while (*at_ != '"') {
    if (!json_text::decode_escape(at_, end_, out)) return fail("malformed escape");
    json_text::copy_run(at_, end_, out);
    if (at_ == end_) return fail("string without end");
  }
  ++at_;
  arena_at_ = out;
  return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

std::optional<std::int32_t> JsonScanner::integer() {
  std::optional<std::int32_t> number;
  if (peek() == '"') {
    const auto quoted = string();
    if (!quoted) return std::nullopt;
    number = parse_i32(*quoted);
  } else {
    std::int32_t value = 0;
    const auto parsed = std::from_chars(at_, end_, value);
    if (parsed.ec == std::errc() && (parsed.ptr == end_ || is_delimiter(*parsed.ptr))) {
      at_ = parsed.ptr;
      number = value;
    }
  }
  if (!number) return fail("expected a whole number of 32 bits");
  return number;
}

std::string_view JsonScanner::word() noexcept {
  skip_space();
  const char* const first = at_;
  while (at_ != end_ && !is_delimiter(*at_)) ++at_;
  return {first, static_cast<std::size_t>(at_ - first)};
}

bool JsonScanner::skip_string() noexcept {
  ++at_;
  while (true) {
    at_ = json_text::find_quote_or_backslash(at_, end_);
    if (at_ == end_) return false;
    if (*at_++ == '"') return true;
    if (at_ == end_) return false;
    ++at_;
  }
}

bool JsonScanner::step_into_value(Nesting& nesting) noexcept {
  const char next = peek();
  const bool opens = next == '{' || next == '[';
  const bool closes = next == '}' || next == ']';
  if (next == '"') return skip_string() || (fail("string without end"), false);
  if (opens) {
    if (nesting.depth == kMaxDepth) return fail("nested too deeply"), false;
    nesting.open(next == '[');
  } else if (closes) {
    if (!nesting.close(next == ']')) return fail("expected a value"), false;
  } else if (nesting.depth == 0 || (next != ',' && next != ':')) {
    return !word().empty() || (fail("expected a value"), false);
  }
  ++at_;
  return true;
}

std::optional<std::string_view> JsonScanner::raw_value() {
  skip_space();
  const char* const first = at_;
  Nesting nesting;
  do {
    if (!step_into_value(nesting)) return std::nullopt;
  } while (nesting.depth > 0);
  return std::string_view(first, static_cast<std::size_t>(at_ - first));
}

}  // namespace tenon::remoting
