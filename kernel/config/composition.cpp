// SPDX-License-Identifier: Apache-2.0
#include "config/composition.hpp"

#include <algorithm>
#include <stdexcept>

#include "config/nearest.hpp"
#include "config/overrides.hpp"
#include "config/toml_reader.hpp"

namespace tenon::kernel {
namespace {

constexpr std::string_view kPlugins = "plugins";
constexpr std::string_view kType = "type";

// The table of a section; an empty one, after a complaint, when something else has its name.
const Table& table_of(const Entry& entry, std::string_view shown_name, Problems& problems) {
  static const Table empty;
  if (entry.value().is_table()) return std::get<Table>(entry.value().value);
  problems.add(entry.at, text("'", shown_name, "' must be a section: [", shown_name, "]"));
  return empty;
}

CheckedSection check_kernel_section(const Table& root, const std::string& origin, const SectionDeclaration& declared,
                                    Problems& problems) {
  const Entry* entry = find_entry(root, declared.name);
  const Position at = entry == nullptr ? Position{origin} : entry->at;
  const Table none;
  return check_section(declared.name, at, entry == nullptr ? none : table_of(*entry, declared.name, problems),
                       declared.keys, {}, problems);
}

PluginTable read_plugin(const Entry& entry, Problems& problems) {
  const std::string shown_name = text(kPlugins, ".", entry.key);
  PluginTable plugin{entry.key, entry.key, entry.at, entry.at, table_of(entry, shown_name, problems)};
  const Entry* type = find_entry(plugin.table, kType);
  if (type == nullptr) return plugin;
  plugin.type_at = type->value().at;
  if (const std::string* word = type->value().as_text())
    plugin.type = *word;
  else
    problems.add(plugin.type_at, text(shown_name, ".type = ", type->value().to_string(), ": expected a string"));
  return plugin;
}

void find_unknown_sections(const Table& root, std::span<const SectionDeclaration> declared, Problems& problems) {
  std::vector<std::string_view> valid{kPlugins};
  for (const SectionDeclaration& section : declared) valid.push_back(section.name);
  for (const Entry& entry : root) {
    if (std::find(valid.begin(), valid.end(), entry.key) != valid.end()) continue;
    const auto hint = did_you_mean(entry.key, valid);
    problems.add(entry.at, entry.value().is_table() ? text("unknown section [", entry.key, "]", hint)
                                                    : text("unknown key '", entry.key, "' outside of any section"));
  }
}

}  // namespace

const CheckedSection& Composition::section(std::string_view name) const {
  for (const CheckedSection& candidate : kernel) {
    if (candidate.name() == name) return candidate;
  }
  throw std::logic_error(text("section [", name, "] was not declared"));
}

Composition check_composition(Table root, const std::string& origin,
                              std::span<const SectionDeclaration> kernel_sections, Problems& problems) {
  Composition composition;
  find_unknown_sections(root, kernel_sections, problems);
  for (const SectionDeclaration& declared : kernel_sections) {
    composition.kernel.push_back(check_kernel_section(root, origin, declared, problems));
  }
  if (const Entry* plugins = find_entry(root, kPlugins)) {
    for (const Entry& entry : table_of(*plugins, kPlugins, problems)) {
      PluginTable plugin = read_plugin(entry, problems);
      if (entry.value().is_table()) composition.plugins.push_back(std::move(plugin));
    }
  }
  return composition;
}

Composition read_composition(const std::filesystem::path& file, std::span<const std::string> overrides,
                             std::span<const SectionDeclaration> kernel_sections, Problems& problems) {
  Table root = read_toml_file(file, problems);
  apply_overrides(overrides, root, problems);
  Composition composition = check_composition(std::move(root), file.string(), kernel_sections, problems);
  if (composition.plugins.empty() && problems.empty()) {
    problems.add({file.string()},
                 "no plug-in is enabled: a [plugins.NAME] section each makes a broker or a name server");
  }
  return composition;
}

}  // namespace tenon::kernel
