// SPDX-License-Identifier: Apache-2.0
#include "config/checked_section.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "config/nearest.hpp"

namespace tenon::kernel {

bool CheckedTables::operator==(const CheckedTables& other) const {
  return std::ranges::equal(sections, other.sections, [](const auto& left, const auto& right) {
    return std::ranges::equal(left->members(), right->members(), {}, &CheckedSection::Member::value,
                              &CheckedSection::Member::value);
  });
}

const CheckedSection::Member* CheckedSection::find(std::string_view key) const noexcept {
  const auto found =
      std::find_if(members_.begin(), members_.end(), [key](const Member& member) { return member.key->name == key; });
  return found == members_.end() ? nullptr : &*found;
}

const CheckedSection::Member* CheckedSection::find_path(std::string_view path) const noexcept {
  const auto opening = path.find('['), closing = path.find("].");
  if (opening == std::string_view::npos || closing == std::string_view::npos) return find(path);
  const Member* list = find(path.substr(0, opening));
  const auto* tables = list == nullptr ? nullptr : std::get_if<CheckedTables>(&list->value);
  std::size_t number = 0;
  const auto parsed = std::from_chars(path.data() + opening + 1, path.data() + closing, number);
  if (tables == nullptr || parsed.ec != std::errc() || number >= tables->sections.size()) return nullptr;
  return tables->sections[number]->find_path(path.substr(closing + 2));
}

template <class Value>
const Value& CheckedSection::get(std::string_view key, std::initializer_list<ConfigType> types) const {
  const Member* member = find(key);
  if (member == nullptr)
    throw std::logic_error(text("configuration key '", key, "' of [", name_, "] was not declared"));
  if (std::find(types.begin(), types.end(), member->key->type) == types.end()) {
    throw std::logic_error(text("configuration key '", key, "' of [", name_, "] was asked for by another type"));
  }
  return std::get<Value>(member->value);
}

bool CheckedSection::boolean(std::string_view key) const { return get<bool>(key, {ConfigType::boolean}); }
std::int64_t CheckedSection::integer(std::string_view key) const {
  return get<std::int64_t>(key, {ConfigType::integer});
}
double CheckedSection::number(std::string_view key) const { return get<double>(key, {ConfigType::number}); }
std::int64_t CheckedSection::size_bytes(std::string_view key) const {
  return get<std::int64_t>(key, {ConfigType::size});
}
std::chrono::milliseconds CheckedSection::duration(std::string_view key) const {
  return std::chrono::milliseconds(get<std::int64_t>(key, {ConfigType::duration}));
}
std::chrono::microseconds CheckedSection::short_duration(std::string_view key) const {
  return std::chrono::microseconds(get<std::int64_t>(key, {ConfigType::short_duration}));
}
std::string CheckedSection::string(std::string_view key) const {
  return get<std::string>(key, {ConfigType::string, ConfigType::path, ConfigType::address});
}
std::vector<std::string> CheckedSection::list(std::string_view key) const {
  return get<std::vector<std::string>>(key, {ConfigType::string_list, ConfigType::address_list});
}
std::vector<const ConfigSection*> CheckedSection::tables(std::string_view key) const {
  std::vector<const ConfigSection*> tables;
  for (const auto& section : get<CheckedTables>(key, {ConfigType::table_list}).sections)
    tables.push_back(section.get());
  return tables;
}
bool CheckedSection::is_set(std::string_view key) const {
  const Member* member = find(key);
  if (member == nullptr)
    throw std::logic_error(text("configuration key '", key, "' of [", name_, "] was not declared"));
  return member->is_set;
}

namespace {

void find_unknown(const CheckedSection& section, const Table& table, std::span<const ConfigKey> keys,
                  const std::vector<std::string_view>& reserved, Problems& problems) {
  std::vector<std::string_view> valid = reserved;
  for (const ConfigKey& key : keys) valid.push_back(key.name);
  for (const Entry& entry : table) {
    if (std::find(valid.begin(), valid.end(), entry.key) != valid.end()) continue;
    problems.add(entry.at,
                 text("unknown key '", entry.key, "' in [", section.name(), "]", did_you_mean(entry.key, valid)));
  }
}

/// A single table in its own brackets stands for a list of one.
Result<CheckedValue> check_tables(const std::string& name, const ConfigKey& key, const Node& node, Problems& problems) {
  CheckedTables tables;
  const auto add = [&](const Node& item) {
    const auto* table = std::get_if<Table>(&item.value);
    if (table == nullptr) return false;
    auto checked = check_section(text(name, "[", tables.sections.size(), "]"), item.at, *table, key.keys, {}, problems);
    tables.sections.push_back(std::make_shared<const CheckedSection>(std::move(checked)));
    return true;
  };
  const auto* list = std::get_if<List>(&node.value);
  if (list == nullptr ? add(node) : std::ranges::all_of(*list, add)) return CheckedValue(std::move(tables));
  return Error(Errc::invalid_parameter, text("expected ", type_name(key.type)));
}

Result<CheckedValue> check_any(const CheckedSection& section, const ConfigKey& key, const Node& node,
                               Problems& problems) {
  if (key.type != ConfigType::table_list) return check_value(key, node);
  return check_tables(text(section.name(), ".", key.name), key, node, problems);
}

CheckedSection::Member take(const CheckedSection& section, const ConfigKey& key, const Table& table,
                            Problems& problems) {
  CheckedSection::Member member{&key, {}, false, section.at(), {}};
  if (const Entry* entry = find_entry(table, key.name)) {
    member.at = entry->value().at;
    member.shown = entry->value().to_string();
    member.is_set = true;
    if (auto value = check_any(section, key, entry->value(), problems)) {
      member.value = *std::move(value);
      return member;
    } else {
      problems.add(member.at, text(section.name(), ".", key.name, " = ", member.shown, ": ", value.error().message()));
    }
  } else if (key.required) {
    problems.add(section.at(), text("[", section.name(), "] needs the key '", key.name, "': ", key.meaning));
  }
  member.value = key.required ? zero_of(key.type) : default_of(key);
  if (!member.is_set) member.shown = value_to_string(key, member.value);
  return member;
}

}  // namespace

CheckedSection check_section(std::string name, const Position& at, const Table& table, std::span<const ConfigKey> keys,
                             const std::vector<std::string_view>& reserved, Problems& problems) {
  CheckedSection section(std::move(name), at);
  find_unknown(section, table, keys, reserved, problems);
  for (const ConfigKey& key : keys) section.add(take(section, key, table, problems));
  return section;
}

void SectionDiagnostics::error(std::string_view key, std::string_view message) {
  if (const CheckedSection::Member* member = section_.find_path(key)) {
    problems_.add(member->at, text(section_.name(), ".", key, " = ", member->shown, ": ", message));
  } else {
    problems_.add(section_.at(), text(section_.name(), ".", key, ": ", message));
  }
}

}  // namespace tenon::kernel
