// SPDX-License-Identifier: Apache-2.0
#include "config/overrides.hpp"

#include <optional>
#include <vector>

#include "config/toml_reader.hpp"

namespace tenon::kernel {
namespace {

// The parts of "plugins.filter-tag.x"; a part in double quotes may hold dots. Empty for a malformed path.
std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char letter : path) {
    if (letter == '"')
      quoted = !quoted;
    else if (letter == '.' && !quoted)
      parts.emplace_back();
    else
      parts.back() += letter;
  }
  for (const std::string& part : parts) {
    if (part.empty() || quoted) return {};
  }
  return parts;
}

Node value_of(std::string_view written, const Position& at) {
  auto toml = read_toml_value(written, at);
  if (!toml || std::holds_alternative<Unsupported>(toml->value)) return {std::string(written), at};
  const bool is_word = !std::holds_alternative<List>(toml->value) && !toml->is_table();
  if (is_word) toml->written = written;
  return *std::move(toml);
}

void put_at(Table& root, const std::vector<std::string>& path, const Position& at, Node value, Problems& problems) {
  Table* table = &root;
  for (std::size_t index = 0; index + 1 < path.size(); ++index) {
    Entry* entry = find_entry(*table, path[index]);
    if (entry == nullptr) entry = &put_entry(*table, path[index], at, {Table{}, at});
    if (!entry->value().is_table()) return problems.add(at, text("'", path[index], "' is a value, not a section"));
    table = &std::get<Table>(entry->value().value);
  }
  put_entry(*table, path.back(), at, std::move(value));
}

}  // namespace

void apply_overrides(std::span<const std::string> overrides, Table& table, Problems& problems) {
  for (const std::string& override_text : overrides) {
    const Position at{text("--set ", override_text)};
    const auto equals = override_text.find('=');
    const auto path = split_path(std::string_view(override_text).substr(0, equals));
    if (equals == std::string::npos || path.empty()) {
      problems.add(at, "expected KEY=VALUE, such as broker.data_dir=/var/lib/tenon");
      continue;
    }
    put_at(table, path, at, value_of(std::string_view(override_text).substr(equals + 1), at), problems);
  }
}

}  // namespace tenon::kernel
