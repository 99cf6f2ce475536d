// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "remoting/frame.hpp"
#include "remoting/language.hpp"
#include "tenon/error.hpp"

namespace tenon::remoting {

/// Bits of a header's flag.
inline constexpr std::int32_t kResponseFlag = 1;
inline constexpr std::int32_t kOnewayFlag = 2;

/// One entry of extFields. Both views borrow.
struct Field {
  std::string_view name;
  std::string_view value;

  friend bool operator==(const Field&, const Field&) = default;
};

/// Extension fields in the order of the wire. Of several with one name the last counts, as in a Java map.
class Fields {
 public:
  using const_iterator = std::vector<Field>::const_iterator;

  Fields() = default;
  Fields(std::initializer_list<Field> fields) : fields_(fields) {}

  /// Compares names one by one, which beats a hash table for the 5 to 20 fields of a command.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  bool contains(std::string_view name) const noexcept { return find(name).has_value(); }

  const_iterator begin() const noexcept { return fields_.begin(); }
  const_iterator end() const noexcept { return fields_.end(); }
  std::size_t size() const noexcept { return fields_.size(); }
  bool empty() const noexcept { return fields_.empty(); }

  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
  /// Keeps the memory for the next command.
  void clear() noexcept { fields_.clear(); }

 private:
  std::vector<Field> fields_;
};

/// Memory for strings that do not lie in the frame as they read (escaped JSON). Reused from command to command.
class TextArena {
 public:
  /// Room for `bytes` characters, in place of what was handed out before. The decoder asks once for each header, for an
  /// upper bound of all that it can need.
  char* reserve(std::size_t bytes);
  /// Gives memory back that one unusually large header had needed.
  void shrink() noexcept;

 private:
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
};

/// A decoded header. Made once and decoded into again and again: in the steady state nothing is allocated.
///
/// Ownership: every view borrows either the decoded bytes or the command itself, so all end with the next decode() and
/// with the receive buffer. Threads: one at a time.
class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  Command(Command&&) noexcept = default;
  Command& operator=(Command&&) noexcept = default;

  /// Reads the header of `frame` and keeps a view of its body.
  /// Error: invalid_parameter, with the position of the offending byte; the command is then empty.
  Status decode(const FrameView& frame);
  /// As before the first decode(), but keeps memory for the next.
  void clear() noexcept;

  bool is_response() const noexcept { return (flag & kResponseFlag) != 0; }
  bool is_oneway() const noexcept { return (flag & kOnewayFlag) != 0; }
  std::optional<std::string_view> field(std::string_view name) const noexcept { return fields.find(name); }

  HeaderType type = HeaderType::json;  ///< How it was written; an answer may mirror it.
  std::int32_t code = 0;               ///< A RequestCode, or a ResponseCode if is_response().
  Language language = Language::java;
  std::int32_t version = 0;  ///< Of the peer, see mq_version.hpp.
  std::int32_t opaque = 0;
  std::int32_t flag = 0;
  std::optional<std::string_view> remark;
  bool has_fields = false;  ///< An extFields object was there, even if empty. Always true for binary headers.
  Fields fields;
  std::span<const std::byte> body;

 private:
  TextArena arena_;
};

/// The header alone, in each of the two forms; `command.body` and `command.type` are not touched.
/// Sources: ../shared/reference/remoting-protocol.md 1.2 and 1.3.
Status decode_json_header(std::span<const std::byte> header, Command& command, TextArena& arena);
Status decode_binary_header(std::span<const std::byte> header, Command& command);

}  // namespace tenon::remoting
