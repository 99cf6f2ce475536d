// SPDX-License-Identifier: Apache-2.0
#include "fastjson/writer.hpp"

#include <charconv>

#include "fastjson/number_text.hpp"
#include "fastjson/string_scan.hpp"

namespace tenon::fastjson {

void Writer::new_line() {
  out_ += '\n';
  out_.append(levels_.size(), '\t');
}

void Writer::before_key() {
  Level& level = levels_.back();
  if (level.any) out_ += ',';
  level.any = true;
  if (style_.layout == Layout::pretty && !in_key_) new_line();
}

void Writer::before_value() {
  if (after_key_ || levels_.empty()) {
    after_key_ = false;
    return;
  }
  if (levels_.back().is_array) before_key();
}

void Writer::open(char bracket, bool is_array) {
  before_value();
  out_ += bracket;
  levels_.push_back({false, is_array});
}

void Writer::close(char bracket) {
  const bool any = levels_.back().any;
  levels_.pop_back();
  if (any && style_.layout == Layout::pretty && !in_key_) new_line();
  out_ += bracket;
}

Writer& Writer::begin_object() { return open('{', false), *this; }
Writer& Writer::end_object() { return close('}'), *this; }
Writer& Writer::begin_array() { return open('[', true), *this; }
Writer& Writer::end_array() { return close(']'), *this; }

Writer& Writer::key(std::string_view name) {
  before_key();
  append_string(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

Writer& Writer::integer_key(std::int64_t number) {
  before_key();
  const bool quoted = style_.integer_keys == IntegerKeys::quoted;
  if (quoted) out_ += '"';
  append_integer(number);
  out_ += quoted ? "\":" : ":";
  after_key_ = true;
  return *this;
}

Writer& Writer::begin_key() {
  before_key();
  after_key_ = true;  // The key itself needs nothing before it.
  ++in_key_;
  return *this;
}

Writer& Writer::end_key() {
  --in_key_;
  out_ += ':';
  after_key_ = true;
  return *this;
}

void Writer::append_integer(std::int64_t number) {
  char digits[24];
  out_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

Writer& Writer::null() { return raw("null"); }

Writer& Writer::value(std::string_view text) {
  before_value();
  append_string(out_, text);
  return *this;
}

Writer& Writer::value(bool boolean) { return raw(boolean ? "true" : "false"); }

Writer& Writer::value(double number) { return raw(real_text(number)); }

Writer& Writer::integer(std::int64_t number) {
  before_value();
  append_integer(number);
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

void Writer::key_of(const Value& name) {
  if (const auto text = name.as_string()) {
    key(*text);
  } else if (name.is_integer()) {
    integer_key(*name.as_i64());
  } else {
    begin_key().value(name).end_key();
  }
}

Writer& Writer::value(const Value& tree) {
  if (const auto text = tree.as_string()) return value(*text);
  if (tree.is_null()) return null();
  if (tree.is_bool()) return value(*tree.as_bool());
  if (tree.is_integer()) return integer(*tree.as_i64());
  if (tree.is_real()) return value(*tree.as_double());
  if (tree.is_array()) {
    begin_array();
    for (const Value& element : tree.elements()) value(element);
    return end_array();
  }
  begin_object();
  for (const Member& member : tree.members()) {
    key_of(member.key);
    value(member.value);
  }
  return end_object();
}

std::string to_json(const Value& value, Style style) {
  std::string out;
  Writer(out, style).value(value);
  return out;
}

}  // namespace tenon::fastjson
