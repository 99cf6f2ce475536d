// SPDX-License-Identifier: Apache-2.0
#include "config/node.hpp"

#include <algorithm>

namespace tenon::kernel {
namespace {

constexpr std::size_t kShownBytesMax = 80;

std::string quoted(const std::string& value) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char letter : value) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      continue;
    }
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + '"';
}

struct Shown {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return text(value); }
  std::string operator()(double value) const { return text(value); }
  std::string operator()(const std::string& value) const { return quoted(value); }
  std::string operator()(const Unsupported& value) const { return value.text; }
  std::string operator()(const Table&) const { return "{...}"; }
  std::string operator()(const List& list) const {
    std::string out = "[";
    for (const Node& node : list) {
      out += (out.size() > 1 ? ", " : "") + node.to_toml();
    }
    return out + "]";
  }
};

}  // namespace

std::string Node::to_toml() const { return std::visit(Shown{}, value); }

std::string Node::to_string() const {
  std::string shown = written.empty() ? to_toml() : written;
  if (shown.size() > kShownBytesMax) shown.replace(kShownBytesMax, std::string::npos, "...");
  return shown;
}

const std::string* Node::as_text() const noexcept {
  const auto* string = std::get_if<std::string>(&value);
  return string == nullptr && !written.empty() ? &written : string;
}

const Entry* find_entry(const Table& table, std::string_view key) noexcept {
  const auto found = std::find_if(table.begin(), table.end(), [key](const Entry& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &*found;
}

Entry* find_entry(Table& table, std::string_view key) noexcept {
  const auto found = std::find_if(table.begin(), table.end(), [key](const Entry& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &*found;
}

Entry& put_entry(Table& table, std::string_view key, Position at, Node value) {
  Entry* entry = find_entry(table, key);
  if (entry == nullptr) {
    table.push_back({std::string(key), std::move(at), {}});
    entry = &table.back();
  } else {
    entry->at = std::move(at);
  }
  entry->node.clear();
  entry->node.push_back(std::move(value));
  return *entry;
}

}  // namespace tenon::kernel
