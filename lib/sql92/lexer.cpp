// SPDX-License-Identifier: Apache-2.0
#include "sql92/lexer.hpp"

#include <algorithm>

namespace tenon::sql92 {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::string_view kLineEnds = "\n\r";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_decimal(char c) { return c >= '0' && c <= '9'; }
bool begins_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '$'; }
bool continues_name(char c) { return begins_name(c) || is_decimal(c); }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

struct Keyword {
  std::string_view word;
  TokenKind kind;
};
constexpr Keyword kKeywords[] = {
    {"NOT", TokenKind::word_not},
    {"AND", TokenKind::word_and},
    {"OR", TokenKind::word_or},
    {"BETWEEN", TokenKind::word_between},
    {"IN", TokenKind::word_in},
    {"TRUE", TokenKind::word_true},
    {"FALSE", TokenKind::word_false},
    {"NULL", TokenKind::word_null},
    {"IS", TokenKind::word_is},
    {"CONTAINS", TokenKind::word_contains},
    {"STARTSWITH", TokenKind::word_starts_with},
    {"ENDSWITH", TokenKind::word_ends_with},
};

TokenKind kind_of_word(std::string_view word) {
  for (const Keyword& keyword : kKeywords) {
    if (std::ranges::equal(word, keyword.word, {}, upper)) return keyword.kind;
  }
  return TokenKind::identifier;
}

std::size_t count_digits(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, is_decimal);
  return static_cast<std::size_t>(end - text.begin());
}

/// Length of `e`, an optional sign and digits at the front of `text`; 0 if there is no such thing.
std::size_t exponent_length(std::string_view text) {
  if (text.empty() || upper(text.front()) != 'E') return 0;
  const std::size_t sign = text.size() > 1 && (text[1] == '+' || text[1] == '-') ? 1 : 0;
  const std::size_t digits = count_digits(text.substr(1 + sign));
  return digits == 0 ? 0 : 1 + sign + digits;
}

/// Length of the real at the front of `text`; 0 if there is an integer, or none at all.
std::size_t real_length(std::string_view text) {
  const std::size_t whole = count_digits(text);
  std::size_t length = whole;
  std::size_t fraction = 0;
  const bool point = length < text.size() && text[length] == '.';
  if (point) {
    fraction = count_digits(text.substr(length + 1));
    length += 1 + fraction;
  }
  if (whole + fraction == 0) return 0;
  const std::size_t exponent = exponent_length(text.substr(length));
  return point || exponent != 0 ? length + exponent : 0;
}

/// Length of the integer at the front of `text`, which is a digit. A zero stands alone.
std::size_t integer_length(std::string_view text) {
  if (text.front() == '0') return 1;
  const std::size_t digits = count_digits(text);
  const bool suffix = digits < text.size() && upper(text[digits]) == 'L';
  return digits + (suffix ? 1 : 0);
}

/// Length of the string at the front of `text`, which is a quote; 0 if it has no end. A doubled quote that nothing
/// closes behind is an end and the beginning of another token: the longest match that there is.
std::size_t string_length(std::string_view text) {
  std::size_t longest = 0;
  for (std::size_t quote = text.find('\'', 1); quote != npos; quote = text.find('\'', quote + 2)) {
    longest = quote + 1;
    if (longest >= text.size() || text[longest] != '\'') break;
  }
  return longest;
}

TokenKind operator_at(std::string_view text, std::size_t& length) {
  const char second = text.size() > 1 ? text[1] : '\0';
  length = 1;
  switch (text.front()) {
    case '(':
      return TokenKind::open;
    case ')':
      return TokenKind::close;
    case ',':
      return TokenKind::comma;
    case '+':
      return TokenKind::plus;
    case '-':
      return TokenKind::minus;
    case '=':
      return TokenKind::equal;
    case '<':
      length = second == '>' || second == '=' ? 2 : 1;
      return second == '>' ? TokenKind::not_equal : second == '=' ? TokenKind::less_equal : TokenKind::less;
    case '>':
      length = second == '=' ? 2 : 1;
      return second == '=' ? TokenKind::greater_equal : TokenKind::greater;
    default:
      return TokenKind::illegal;
  }
}

}  // namespace

void Lexer::skip_blanks_and_comments() noexcept {
  while (at_ < text_.size()) {
    if (is_blank(text_[at_])) {
      ++at_;
    } else if (rest().starts_with("--")) {
      const std::size_t line_end = text_.find_first_of(kLineEnds, at_);
      if (line_end == npos) return;
      at_ = line_end + 1;
    } else if (rest().starts_with("/*")) {
      const std::size_t close = text_.find("*/", at_ + 2);
      if (close == npos) return;
      at_ = close + 2;
    } else {
      return;
    }
  }
}

Token Lexer::take(TokenKind kind, std::size_t length) noexcept {
  const Token token{kind, text_.substr(at_, length), at_};
  at_ += length;
  return token;
}

Token Lexer::next() noexcept {
  skip_blanks_and_comments();
  if (at_ >= text_.size()) return {TokenKind::end, {}, text_.size()};
  const std::string_view text = rest();
  const char first = text.front();
  if (begins_name(first)) {
    const auto end = std::ranges::find_if_not(text, continues_name);
    const auto length = static_cast<std::size_t>(end - text.begin());
    return take(kind_of_word(text.substr(0, length)), length);
  }
  if (is_decimal(first) || first == '.') {
    if (const std::size_t length = real_length(text)) return take(TokenKind::real, length);
    if (is_decimal(first)) return take(TokenKind::integer, integer_length(text));
  }
  if (first == '\'') {
    if (const std::size_t length = string_length(text)) return take(TokenKind::string, length);
  }
  std::size_t length = 0;
  const TokenKind kind = operator_at(text, length);
  return kind == TokenKind::illegal ? Token{kind, text.substr(0, 1), at_} : take(kind, length);
}

}  // namespace tenon::sql92
