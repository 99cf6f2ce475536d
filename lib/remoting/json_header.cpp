// SPDX-License-Identifier: Apache-2.0
#include <optional>
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
  bool wrong(std::string_view what) {
    scan_.fail(what);
    return false;
  }

  bool member() {
    const auto name = scan_.string();
    if (!name) return false;
    if (!scan_.take(':')) return wrong("expected ':'");
    if (*name == "code") return number(command_.code);
    if (*name == "extFields") return ext_fields();
    if (*name == "flag") return number(command_.flag);
    if (*name == "language") return language();
    if (*name == "opaque") return number(command_.opaque);
    if (*name == "remark") return remark();
    if (*name == "version") return number(command_.version);
    return scan_.raw_value().has_value();
  }

  /// null leaves the default, as a Java bean keeps it.
  bool number(std::int32_t& into) {
    if (scan_.peek() == 'n') return null();
    const auto value = scan_.integer();
    if (value) into = *value;
    return value.has_value();
  }

  bool language() {
    if (scan_.peek() == '"') {
      const auto name = scan_.string();
      if (name) command_.language = language_from_name(*name);
      return name.has_value();
    }
    std::int32_t ordinal = 0;
    if (!number(ordinal)) return false;
    command_.language = ordinal < 0 || ordinal > 0xFF ? Language::other : language_from_byte(static_cast<std::uint8_t>(ordinal));
    return true;
  }

  bool remark() {
    if (scan_.peek() == '"') {
      command_.remark = scan_.string();
      return command_.remark.has_value();
    }
    return scan_.raw_value().has_value();
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
    const auto name = scan_.string();
    if (!name) return false;
    if (!scan_.take(':')) return wrong("expected ':'");
    // The C++ client writes numbers and booleans without quotes; their text is the value.
    const bool quoted = scan_.peek() == '"';
    const auto value = quoted ? scan_.string() : scan_.raw_value();
    if (!value) return false;
    if (!quoted && *value == "null") return true;
    if (command_.fields.size() == kMaxFields) return wrong("too many fields");
    command_.fields.add(*name, *value);
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
