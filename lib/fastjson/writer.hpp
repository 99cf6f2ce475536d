// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "fastjson/value.hpp"

namespace tenon::fastjson {

enum class Layout {
  compact,  ///< Bodies on the wire.
  pretty,   ///< Config files: one member a line, indented by tabs, as fastjson's PrettyFormat.
};
enum class IntegerKeys {
  bare,    ///< `{0:1}`: what Java servers write.
  quoted,  ///< `{"0":1}`: valid JSON, accepted by all clients.
};

struct Style {
  Layout layout = Layout::compact;
  IntegerKeys integer_keys = IntegerKeys::bare;
};

/// Writes JSON text as it is told to, member by member, without a tree in memory:
///
///     Writer json(text);
///     json.begin_object().member("counter", 3).key("offsetTable").begin_object();
///     json.key(0).value(12).end_object().end_object();
///
/// Strings are UTF-8 and escaped as Java's servers do it: only quote, backslash and control characters.
/// The caller keeps the structure right (a key before each value in an object). A key that is an object is written
/// between begin_key() and end_key(). Ownership: borrows `out`. Threads: one at a time.
class Writer {
 public:
  explicit Writer(std::string& out, Style style = {}) : out_(out), style_(style) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();

  Writer& key(std::string_view name);
  Writer& key(const char* name) { return key(std::string_view(name)); }
  template <class Number>
  requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>) Writer& key(Number number) {
    return integer_key(static_cast<std::int64_t>(number));
  }
  /// Whatever one value is written between the two becomes the key, raw: `{{"topic":"t"}:...}`.
  Writer& begin_key();
  Writer& end_key();

  Writer& null();
  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(bool boolean);
  Writer& value(double number);  ///< Always with a fraction, as Java: `0.0`. Not-a-number and infinities: null.
  template <class Number>
  requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>) Writer& value(Number number) {
    return integer(static_cast<std::int64_t>(number));
  }
  Writer& value(const Value& tree);
  /// Text that is JSON already.
  Writer& raw(std::string_view json);

  template <class Any>
  Writer& member(std::string_view name, const Any& any) {
    return key(name).value(any);
  }
  /// Leaves the member out when there is no value, as Java does with null.
  template <class Any>
  Writer& member(std::string_view name, const std::optional<Any>& any) {
    return any ? key(name).value(*any) : *this;
  }

 private:
  struct Level {
    bool any = false;
    bool is_array = false;
  };
  Writer& integer_key(std::int64_t number);
  Writer& integer(std::int64_t number);
  void append_integer(std::int64_t number);
  void key_of(const Value& name);
  void before_key();
  void before_value();
  void open(char bracket, bool is_array);
  void close(char bracket);
  void new_line();

  std::string& out_;
  Style style_;
  std::vector<Level> levels_;
  bool after_key_ = false;
  int in_key_ = 0;  ///< Inside a key everything is on one line.
};

/// A whole tree as text.
std::string to_json(const Value& value, Style style = {});

}  // namespace tenon::fastjson
