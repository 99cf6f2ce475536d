// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "fastjson/value.hpp"
#include "tenon/error.hpp"

namespace tenon::fastjson {

/// What one text may cost. A value takes about 40 bytes besides its text.
struct Limits {
  std::size_t text_bytes = 64 * 1024 * 1024;
  std::size_t values = 4 * 1000 * 1000;  ///< Members count twice: key and value.
  std::size_t depth = 64;
};
/// For the files that a process keeps of its own: whatever it has written it must be able to read, texts of clients
/// inside included.
inline constexpr Limits kOwnFile{SIZE_MAX, SIZE_MAX, 256};

/// Whether `{"$ref":"$.a"}` is a reference or an object with a member of that name. The second is for texts whose keys
/// are anybody's and that repeat no object: fastjson never writes a reference there.
enum class References { resolve, none };

/// Reads one JSON text of the dialect that RocketMQ's parts write and accept:
///
///  - keys as strings, bare integers (`{0:"a"}`), bare words, or raw objects (`{{"topic":"t"}:{...}}`);
///  - white space anywhere and after the end (the C++ client ends bodies with a line feed); no comments;
///  - `{"$ref":"$.a.b"}` (fastjson 1 writes it for a repeated object) is replaced by a copy of what it names; a
///  reference
///    that names nothing, or one of its own parents, becomes null.
///
/// Errors (message_illegal): malformed text, with line, column and what was expected; a text beyond `limits`.
/// Sources: ../shared/reference/remoting-protocol.md 3.0, store-format.md 9.1.
Result<Value> parse(std::string_view text, const Limits& limits = {}, References references = References::resolve);
Result<Value> parse(std::span<const std::byte> text, const Limits& limits = {});

}  // namespace tenon::fastjson
