// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <string_view>

#include "remoting/command.hpp"
#include "remoting/json_scanner.hpp"
#include "remoting/limits.hpp"
#include "tenon/text.hpp"

namespace tenon::remoting {
namespace {

/// Reads one header into a command. Every member returns false once the text is found to be wrong.
class JsonHeader {
 public:
  JsonHeader(std::string_view text, Command& command, TextArena& arena) : scan_(text, arena), command_(command) {}

  bool read() {
    if (!scan_.take('{')) return wrong("expected an object");
    if (!scan_.take('}')) {
      do {
        if (!member()) return false;
      } while (scan_.take(','));
      if (!scan_.take('}')) return wrong("expected ',' or '}'");
    }
    return scan_.at_end() || wrong("text after the header");
  }

  Error error() const {
    return {Errc::invalid_parameter, text("malformed JSON header at byte ", scan_.position(), ": ", scan_.problem())};
  }

 private:
  bool wrong(std::string_view what) { return scan_.fail(what); }

  /// Compares with a length known to the compiler, which then needs no call.
  template <std::size_t Size>
  static bool is(std::string_view name, const char (&literal)[Size]) {
    return name.size() == Size - 1 && std::memcmp(name.data(), literal, Size - 1) == 0;
  }

  bool member() {
    std::string_view name;
    if (!scan_.name(name)) return false;
    if (is(name, "code")) return number(command_.code);
    if (is(name, "extFields")) return ext_fields();
    if (is(name, "flag")) return number(command_.flag);
    if (is(name, "language")) return language();
    if (is(name, "opaque")) return number(command_.opaque);
    if (is(name, "remark")) return remark();
    if (is(name, "version")) return number(command_.version);
    std::string_view ignored;
    return scan_.raw_value(ignored);
  }

  /// null leaves the default, as a Java bean keeps it.
  bool number(std::int32_t& into) { return scan_.peek() == 'n' ? null() : scan_.integer(into); }

  bool language() {
    if (scan_.peek() == '"') {
      std::string_view name;
      if (!scan_.string(name)) return false;
      command_.language = language_from_name(name);
      return true;
    }
    std::int32_t ordinal = 0;
    if (!number(ordinal)) return false;
    const bool is_byte = ordinal >= 0 && ordinal <= 0xFF;
    command_.language = is_byte ? language_from_byte(static_cast<std::uint8_t>(ordinal)) : Language::other;
    return true;
  }

  bool remark() {
    std::string_view text;
    if (scan_.peek() != '"') return scan_.raw_value(text);
    if (!scan_.string(text)) return false;
    command_.remark = text;
    return true;
  }

  bool ext_fields() {
    if (scan_.peek() == 'n') return null();
    if (!scan_.take('{')) return wrong("expected an object of strings");
    command_.has_fields = true;
    if (scan_.take('}')) return true;
    do {
      if (!field()) return false;
    } while (scan_.take(','));
    return scan_.take('}') || wrong("expected ',' or '}'");
  }

  bool field() {
    Field field;
    if (!scan_.name(field.name)) return false;
    if (scan_.peek() == '"') {
      if (!scan_.string(field.value)) return false;
    } else {
      // The C++ client writes numbers and booleans without quotes; their text is the value.
      if (!scan_.raw_value(field.value)) return false;
      if (field.value == "null") return true;
    }
    if (command_.fields.size() == kMaxFields) return wrong("too many fields");
    command_.fields.add(field.name, field.value);
    return true;
  }

  bool null() { return scan_.word() == "null" || wrong("expected null"); }

  JsonScanner scan_;
  Command& command_;
};

}  // namespace

Status decode_json_header(std::span<const std::byte> header, Command& command, TextArena& arena) {
  JsonHeader reader({reinterpret_cast<const char*>(header.data()), header.size()}, command, arena);
  if (!reader.read()) return reader.error();
  return {};
}

}  // namespace tenon::remoting
