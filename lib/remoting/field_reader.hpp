// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "remoting/command.hpp"
#include "tenon/error.hpp"

namespace tenon::remoting {

/// Reads typed values out of extension fields. The first thing wrong is remembered, so a handler reads all it needs in
/// a straight line and asks once:
///
///     FieldReader read(command.fields);
///     const auto topic = read.text("topic");
///     const auto queue_id = read.i32("queueId");
///     if (!read.ok()) return read.error();
///
/// Errors are invalid_parameter and name the field and its text. An absent or empty field is missing for the members
/// without default, and the default for those with one (binary headers cannot tell the two apart).
/// Numbers: decimal, optional sign, no other characters; booleans: true/false in any case (Java: all else is false).
/// Ownership: views borrow the command.
class FieldReader {
 public:
  explicit FieldReader(const Fields& fields) noexcept : fields_(fields) {}
  explicit FieldReader(const Command& command) noexcept : fields_(command.fields) {}

  std::string_view text(std::string_view name);
  std::string_view text_or(std::string_view name, std::string_view fallback) const noexcept;
  std::int32_t i32(std::string_view name);
  std::int32_t i32_or(std::string_view name, std::int32_t fallback);
  std::int64_t i64(std::string_view name);
  std::int64_t i64_or(std::string_view name, std::int64_t fallback);
  bool boolean(std::string_view name);
  bool boolean_or(std::string_view name, bool fallback) const noexcept;

  bool ok() const noexcept { return !error_.has_value(); }
  /// Only when !ok().
  const Error& error() const noexcept { return *error_; }
  Status status() const { return ok() ? Status{} : Status{*error_}; }

 private:
  std::optional<std::string_view> required(std::string_view name);

  const Fields& fields_;
  std::optional<Error> error_;
};

/// Whole text as a decimal number; nothing if it is anything else or does not fit.
std::optional<std::int32_t> parse_i32(std::string_view text) noexcept;
std::optional<std::int64_t> parse_i64(std::string_view text) noexcept;
/// "true" in any case is true, everything else false: Java's Boolean.parseBoolean.
bool parse_boolean(std::string_view text) noexcept;

}  // namespace tenon::remoting
