// SPDX-License-Identifier: Apache-2.0
#include "config/checked_value.hpp"

#include <algorithm>
#include <stdexcept>

#include "config/checked_section.hpp"
#include "config/list_value.hpp"
#include "config/nearest.hpp"
#include "config/toml_reader.hpp"
#include "config/units.hpp"

namespace tenon::kernel {
namespace {

Error complaint(std::string message) { return {Errc::invalid_parameter, std::move(message)}; }
Error expected(std::string_view what) { return complaint(text("expected ", what)); }

Result<CheckedValue> in_range(const ConfigKey& key, std::int64_t value) {
  if (value < key.minimum) return complaint(text("must be at least ", with_unit(key.type, key.minimum)));
  if (value > key.maximum) return complaint(text("must be at most ", with_unit(key.type, key.maximum)));
  return CheckedValue(value);
}

Result<CheckedValue> check_integer(const ConfigKey& key, const Node& node) {
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) return in_range(key, *integer);
  return expected(type_name(key.type));
}

Result<CheckedValue> check_size(const ConfigKey& key, const Node& node) {
  if (const auto* integer = std::get_if<std::int64_t>(&node.value); integer != nullptr && *integer >= 0) {
    return in_range(key, *integer);
  }
  const auto* written = std::get_if<std::string>(&node.value);
  const auto bytes = written == nullptr ? std::nullopt : parse_size_bytes(*written);
  if (!bytes) return expected(type_name(key.type));
  return in_range(key, *bytes);
}

Result<CheckedValue> check_duration(const ConfigKey& key, const Node& node) {
  const auto* written = std::get_if<std::string>(&node.value);
  const auto parse = key.type == ConfigType::duration ? parse_duration_ms : parse_duration_us;
  const auto count = written == nullptr ? std::nullopt : parse(*written);
  if (!count) return expected(type_name(key.type));
  return in_range(key, *count);
}

Result<CheckedValue> check_boolean(const Node& node) {
  if (const auto* boolean = std::get_if<bool>(&node.value)) return CheckedValue(*boolean);
  return expected(type_name(ConfigType::boolean));
}

Result<CheckedValue> check_number(const Node& node) {
  if (const auto* number = std::get_if<double>(&node.value)) return CheckedValue(*number);
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) return CheckedValue(static_cast<double>(*integer));
  return expected(type_name(ConfigType::number));
}

std::vector<std::string_view> split_choices(std::string_view choices) {
  std::vector<std::string_view> words;
  for (std::size_t begin = 0; begin <= choices.size();) {
    const auto bar = std::min(choices.find('|', begin), choices.size());
    words.push_back(choices.substr(begin, bar - begin));
    begin = bar + 1;
  }
  return words;
}

Result<CheckedValue> check_string(const ConfigKey& key, const Node& node) {
  const std::string* written = node.as_text();
  if (written == nullptr) return expected(type_name(key.type));
  if (key.type == ConfigType::address && !is_address(*written)) return expected(type_name(key.type));
  if (key.type == ConfigType::path && written->empty()) return expected(type_name(key.type));
  if (!key.choices.empty()) {
    const auto words = split_choices(key.choices);
    if (std::find(words.begin(), words.end(), *written) == words.end()) {
      return complaint(text("expected one of ", key.choices, did_you_mean(*written, words)));
    }
  }
  return CheckedValue(*written);
}

Node default_node(const ConfigKey& key) {
  const Position nowhere{"default"};
  const bool is_bare =
      key.type == ConfigType::boolean || key.type == ConfigType::integer || key.type == ConfigType::number;
  if (is_bare || key.default_value.starts_with('[')) {
    if (auto node = read_toml_value(key.default_value, nowhere)) return *node;
  }
  return {std::string(key.default_value), nowhere};
}

}  // namespace

Result<CheckedValue> check_value(const ConfigKey& key, const Node& node) {
  switch (key.type) {
    case ConfigType::boolean:
      return check_boolean(node);
    case ConfigType::integer:
      return check_integer(key, node);
    case ConfigType::number:
      return check_number(node);
    case ConfigType::size:
      return check_size(key, node);
    case ConfigType::duration:
    case ConfigType::short_duration:
      return check_duration(key, node);
    case ConfigType::string:
    case ConfigType::path:
    case ConfigType::address:
      return check_string(key, node);
    case ConfigType::string_list:
    case ConfigType::address_list:
      return check_list(key, node);
    case ConfigType::table_list:
      break;
  }
  return expected(type_name(key.type));
}

CheckedValue default_of(const ConfigKey& key) {
  // No path or address is a fair default; the check would ask for one.
  const bool is_text =
      key.type == ConfigType::path || key.type == ConfigType::address || key.type == ConfigType::string;
  if (is_text && key.default_value.empty()) return std::string();
  if (key.type == ConfigType::table_list) return CheckedTables{};
  auto value = check_value(key, default_node(key));
  if (!value) throw std::logic_error(text("default of configuration key '", key.name, "': ", value.error().message()));
  return *std::move(value);
}

CheckedValue zero_of(ConfigType type) {
  switch (type) {
    case ConfigType::boolean:
      return false;
    case ConfigType::integer:
    case ConfigType::size:
    case ConfigType::duration:
    case ConfigType::short_duration:
      return std::int64_t{0};
    case ConfigType::number:
      return 0.0;
    case ConfigType::string:
    case ConfigType::path:
    case ConfigType::address:
      return std::string();
    case ConfigType::string_list:
    case ConfigType::address_list:
      return std::vector<std::string>();
    case ConfigType::table_list:
      return CheckedTables{};
  }
  return std::string();
}

std::string with_unit(ConfigType type, std::int64_t value) {
  if (type == ConfigType::size) return size_to_string(value);
  if (type == ConfigType::duration) return duration_ms_to_string(value);
  if (type == ConfigType::short_duration) return duration_us_to_string(value);
  return text(value);
}

std::string_view type_name(ConfigType type) {
  switch (type) {
    case ConfigType::boolean:
      return "true or false";
    case ConfigType::integer:
      return "an integer";
    case ConfigType::number:
      return "a number";
    case ConfigType::size:
      return "a size such as \"512MiB\"";
    case ConfigType::duration:
      return "a duration with its unit such as \"500ms\" or \"30s\"";
    case ConfigType::short_duration:
      return "a duration with its unit such as \"100us\" or \"5ms\"";
    case ConfigType::string:
      return "a string";
    case ConfigType::path:
      return "a path";
    case ConfigType::address:
      return "an address such as \"127.0.0.1:10911\"";
    case ConfigType::string_list:
      return "a string or a list of strings";
    case ConfigType::address_list:
      return "an address such as \"127.0.0.1:10911\" or a list of them";
    case ConfigType::table_list:
      return "tables, each with its own [[header]]";
  }
  return "a value";
}

namespace {

std::string inline_tables(const CheckedTables& tables) {
  std::string list;
  for (const auto& section : tables.sections) {
    std::string table;
    for (const CheckedSection::Member& member : section->members()) {
      if (!member.is_set) continue;
      table += text(table.empty() ? "" : ", ", member.key->name, " = ", value_to_string(*member.key, member.value));
    }
    list += text(list.empty() ? "" : ", ", "{", table, "}");
  }
  return text("[", list, "]");
}

}  // namespace

std::string value_to_string(const ConfigKey& key, const CheckedValue& value) {
  if (const auto* tables = std::get_if<CheckedTables>(&value)) return inline_tables(*tables);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (key.type == ConfigType::integer) return text(*number);
    return text('"', with_unit(key.type, *number), '"');
  }
  if (const auto* words = std::get_if<std::vector<std::string>>(&value)) {
    List list;
    for (const std::string& word : *words) list.push_back({word, {}});
    return Node{std::move(list), {}}.to_toml();
  }
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* number = std::get_if<double>(&value)) return text(*number);
  return Node{std::get<std::string>(value), {}}.to_toml();
}

}  // namespace tenon::kernel
