// SPDX-License-Identifier: Apache-2.0
#include "fastjson/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

#include "fastjson/references.hpp"
#include "fastjson/string_scan.hpp"
#include "tenon/text.hpp"

namespace tenon::fastjson {
namespace {

/// Recursive descent; `depth_` bounds the recursion. Nothing means: wrong, see error().
class Reader {
 public:
  Reader(std::string_view text, const Limits& limits)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), limits_(limits) {}

  std::optional<Value> document() {
    auto root = value();
    if (!root) return std::nullopt;
    skip_space();
    if (at_ != end_) return wrong("nothing after the value");
    return root;
  }

  bool has_references() const { return has_references_; }

  Error error() const {
    const auto line = 1 + std::count(begin_, at_, '\n');
    const char* line_begin = at_;
    while (line_begin != begin_ && line_begin[-1] != '\n') --line_begin;
    return {Errc::message_illegal,
            text("malformed JSON at line ", line, ", column ", at_ - line_begin + 1, ": expected ", expected_)};
  }

 private:
  std::nullopt_t wrong(std::string_view expected) {
    expected_ = expected;
    return std::nullopt;
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  char peek() {
    skip_space();
    return at_ == end_ ? '\0' : *at_;
  }
  bool take(char character) {
    if (peek() != character || at_ == end_) return false;
    ++at_;
    return true;
  }

  std::optional<Value> value() {
    if (++values_ > limits_.values) return wrong("fewer values");
    switch (peek()) {
      case '{':
        return nested(&Reader::object);
      case '[':
        return nested(&Reader::array);
      case '"':
      case '\'':
        return string();
      default:
        return word();
    }
  }

  std::optional<Value> nested(std::optional<Value> (Reader::*read)()) {
    if (depth_ == limits_.depth) return wrong("less nesting");
    ++depth_;
    ++at_;
    auto all = (this->*read)();
    --depth_;
    return all;
  }

  std::optional<Value> object() {
    Value::Object members;
    while (!take('}')) {
      if (!members.empty() && !take(',')) return wrong("',' or '}'");
      auto key = this->key();
      if (!key) return std::nullopt;
      if (!take(':')) return wrong("':'");
      auto one = value();
      if (!one) return std::nullopt;
      if (key->as_string() == kReferenceKey) has_references_ = true;
      members.push_back({std::move(*key), std::move(*one)});
    }
    return Value(std::move(members));
  }

  std::optional<Value> array() {
    Value::Array elements;
    while (!take(']')) {
      if (!elements.empty() && !take(',')) return wrong("',' or ']'");
      auto one = value();
      if (!one) return std::nullopt;
      elements.push_back(std::move(*one));
    }
    return Value(std::move(elements));
  }

  /// A string, a number, an object, or a bare name.
  std::optional<Value> key() {
    const char next = peek();
    if (next == '"' || next == '\'' || next == '{' || next == '[') return value();
    if (++values_ > limits_.values) return wrong("fewer values");
    const std::string_view name = take_word();
    if (name.empty()) return wrong("a key");
    if (auto number = integer(name)) return Value(*number);
    return Value(name);
  }

  std::optional<Value> string() {
    auto text = scan_string(at_, end_);
    if (!text) return wrong(at_ == end_ ? "the end of the string" : "an escape sequence");
    return Value(std::move(*text));
  }

  std::string_view take_word() {
    skip_space();
    const char* const first = at_;
    while (at_ != end_ && is_word(*at_)) ++at_;
    return {first, static_cast<std::size_t>(at_ - first)};
  }
  static bool is_word(char character) {
    const auto byte = static_cast<unsigned char>(character);
    return byte > 0x20 && byte != ',' && byte != ':' && byte != '{' && byte != '}' && byte != '[' && byte != ']' &&
           byte != '"' && byte != '\'';
  }

  std::optional<Value> word() {
    const char* const first = at_;
    const std::string_view name = take_word();
    if (name == "true") return Value(true);
    if (name == "false") return Value(false);
    if (name == "null") return Value();
    if (auto number = integer(name)) return Value(*number);
    if (auto number = real(name)) return Value(*number);
    at_ = first;
    return wrong("a value");
  }

  static std::optional<std::int64_t> integer(std::string_view name) { return number<std::int64_t>(name); }
  static std::optional<double> real(std::string_view name) {
    // from_chars also takes "inf" and "nan", which are no JSON.
    if (name.empty() || std::string_view("-0123456789").find(name.front()) == std::string_view::npos)
      return std::nullopt;
    auto parsed = number<double>(name);
    if (parsed && !std::isfinite(*parsed)) parsed.reset();
    return parsed;
  }
  template <class Number>
  static std::optional<Number> number(std::string_view name) {
    Number parsed{};
    const char* const end = name.data() + name.size();
    const auto outcome = std::from_chars(name.data(), end, parsed);
    if (name.empty() || outcome.ec != std::errc() || outcome.ptr != end) return std::nullopt;
    return parsed;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  const Limits& limits_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  bool has_references_ = false;
  std::string_view expected_;
};

}  // namespace

Result<Value> parse(std::string_view text, const Limits& limits, References references) {
  if (text.size() > limits.text_bytes) {
    return Error(Errc::message_illegal,
                 tenon::text("a JSON text of ", text.size(), " bytes is longer than ", limits.text_bytes));
  }
  Reader reader(text, limits);
  auto root = reader.document();
  if (!root) return reader.error();
  if (references == References::resolve && reader.has_references() && !resolve_references(*root, limits)) {
    return Error(Errc::message_illegal, tenon::text("the references of a JSON text repeat more than ", limits.values,
                                                    " values or nest more than ", limits.depth, " deep"));
  }
  return *std::move(root);
}

Result<Value> parse(std::span<const std::byte> text, const Limits& limits) {
  return parse(std::string_view(reinterpret_cast<const char*>(text.data()), text.size()), limits);
}

}  // namespace tenon::fastjson
