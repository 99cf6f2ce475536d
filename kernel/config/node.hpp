// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/position.hpp"

namespace tenon::kernel {

struct Node;

/// A member of a table, with the place of its key.
struct Entry {
  std::string key;
  Position at;
  std::vector<Node> node;  ///< Exactly one; a vector because Node is incomplete here.

  const Node& value() const;
  Node& value();
};

using Table = std::vector<Entry>;  ///< In the order of the file; keys are unique.
using List = std::vector<Node>;
/// What TOML knows and no key of ours takes (dates and times), as text.
struct Unsupported {
  std::string text;
};

/// A value of the configuration file, free of the parser that read it.
struct Node {
  using Value = std::variant<bool, std::int64_t, double, std::string, List, Table, Unsupported>;
  Value value;
  Position at;
  std::string written{};  ///< Of a value from the command line: as it stands there.

  bool is_table() const noexcept { return std::holds_alternative<Table>(value); }
  /// As it would be written in TOML; tables only as "{...}".
  std::string to_toml() const;
  /// For messages: as it was written on the command line, else as in TOML; long values are cut.
  std::string to_string() const;
  /// The value of a key that takes text: a string, or any word of the command line. nullptr for others.
  const std::string* as_text() const noexcept;
};

inline const Node& Entry::value() const { return node.front(); }
inline Node& Entry::value() { return node.front(); }

const Entry* find_entry(const Table& table, std::string_view key) noexcept;
Entry* find_entry(Table& table, std::string_view key) noexcept;
/// The member `key`, replaced when there is one.
Entry& put_entry(Table& table, std::string_view key, Position at, Node value);

}  // namespace tenon::kernel
