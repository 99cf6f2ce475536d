// SPDX-License-Identifier: Apache-2.0
#include "remoting/json_scanner.hpp"

#include <charconv>
#include <cstring>
#include <utility>

#include "remoting/digits.hpp"
#include "remoting/field_reader.hpp"

namespace tenon::remoting {
namespace {

constexpr int kMaxDepth = 64;  // One bit each in Nesting.

bool is_delimiter(char character) noexcept {
  switch (character) {
    case ',':
    case ':':
    case '{':
    case '}':
    case '[':
    case ']':
    case '"':
    case ' ':
    case '\n':
    case '\r':
    case '\t':
      return true;
    default:
      return false;
  }
}

}  // namespace

bool JsonScanner::escaped_string(const char* first, const char* backslash, std::string_view& into) {
  // What is unescaped never grows, so one reservation of the rest of the text serves all strings that follow.
  if (arena_at_ == nullptr) arena_at_ = arena_.reserve(static_cast<std::size_t>(end_ - first) + json_text::kSlack);
  char* const begin = arena_at_;
  char* out = begin;
  std::memcpy(out, first, static_cast<std::size_t>(backslash - first));
  out += backslash - first;
  const char* at = backslash;
  while (*at != '"') {
    const bool decoded = json_text::decode_escape(at, end_, out);
    if (decoded) json_text::copy_run(at, end_, out);
    at_ = at;
    if (!decoded) return fail("malformed escape");
    if (at == end_) return fail("string without end");
  }
  ++at_;
  arena_at_ = out;
  into = {begin, static_cast<std::size_t>(out - begin)};
  return true;
}

bool JsonScanner::integer(std::int32_t& into) {
  constexpr std::string_view kExpected = "expected a whole number of 32 bits";
  if (peek() == '"') {
    std::string_view quoted;
    if (!string(quoted)) return false;
    const auto number = parse_i32(quoted);
    into = number.value_or(into);
    return number || fail(kExpected);
  }
  const char* behind = at_;
  const std::int64_t plain = take_digits(behind, end_);
  if (behind != at_ && behind != end_ && is_delimiter(*behind) && std::in_range<std::int32_t>(plain)) {
    at_ = behind;
    into = static_cast<std::int32_t>(plain);
    return true;
  }
  std::int32_t number = 0;  // A sign, or something wrong.
  const auto parsed = std::from_chars(at_, end_, number);
  if (parsed.ec != std::errc() || (parsed.ptr != end_ && !is_delimiter(*parsed.ptr))) return fail(kExpected);
  at_ = parsed.ptr;
  into = number;
  return true;
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
  if (next == '"') return skip_string() || fail("string without end");
  if (opens) {
    if (nesting.depth == kMaxDepth) return fail("nested too deeply");
    nesting.open(next == '[');
  } else if (closes) {
    if (!nesting.close(next == ']')) return fail("expected a value");
  } else if (nesting.depth == 0 || (next != ',' && next != ':')) {
    return !word().empty() || fail("expected a value");
  }
  ++at_;
  return true;
}

bool JsonScanner::raw_value(std::string_view& into) {
  skip_space();
  const char* const first = at_;
  Nesting nesting;
  do {
    if (!step_into_value(nesting)) return false;
  } while (nesting.depth > 0);
  into = {first, static_cast<std::size_t>(at_ - first)};
  return true;
}

}  // namespace tenon::remoting
