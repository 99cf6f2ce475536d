// SPDX-License-Identifier: Apache-2.0
#include "config/explain.hpp"

#include <algorithm>

#include "config/checked_value.hpp"

namespace tenon::kernel {
namespace {

std::string_view short_type(ConfigType type) {
  switch (type) {
    case ConfigType::boolean:
      return "boolean";
    case ConfigType::integer:
      return "integer";
    case ConfigType::number:
      return "number";
    case ConfigType::size:
      return "size";
    case ConfigType::duration:
    case ConfigType::short_duration:
      return "duration";
    case ConfigType::string:
      return "string";
    case ConfigType::path:
      return "path";
    case ConfigType::address:
      return "address";
    case ConfigType::string_list:
      return "list of strings";
    case ConfigType::address_list:
      return "list of addresses";
    case ConfigType::table_list:
      return "tables";
  }
  return "value";
}

// "integer, 0 .. 64" or "async | sync"
std::string type_and_bounds(const ConfigKey& key) {
  if (!key.choices.empty()) {
    std::string choices;
    for (const char letter : key.choices) choices += letter == '|' ? std::string(" or ") : std::string(1, letter);
    return choices;
  }
  std::string out(short_type(key.type));
  const bool has_minimum = key.minimum != INT64_MIN, has_maximum = key.maximum != INT64_MAX;
  if (has_minimum && has_maximum)
    out += text(", ", with_unit(key.type, key.minimum), " .. ", with_unit(key.type, key.maximum));
  else if (has_minimum)
    out += text(", at least ", with_unit(key.type, key.minimum));
  else if (has_maximum)
    out += text(", at most ", with_unit(key.type, key.maximum));
  return out;
}

std::string shown_default(const ConfigKey& key) {
  return key.required ? "required" : value_to_string(key, default_of(key));
}

std::string escaped(std::string_view cell) {
  std::string out;
  for (const char letter : cell) out += letter == '|' ? std::string("\\|") : std::string(1, letter);
  return out;
}

/// Calls `use` with the shown name of each key, those of tables in lists after their list: "listeners[].address".
template <class Use>
void for_each_key(std::span<const ConfigKey> keys, const std::string& before, const Use& use) {
  for (const ConfigKey& key : keys) {
    const std::string name = text(before, key.name);
    use(name, key);
    for_each_key(key.keys, text(name, "[]."), use);
  }
}

}  // namespace

std::string explain_as_text(std::span<const SectionDeclaration> sections) {
  std::string out;
  for (const SectionDeclaration& section : sections) {
    out += text(out.empty() ? "" : "\n", "[", section.name, "]  ", section.meaning, "\n");
    for_each_key(section.keys, "  ", [&out](const std::string& name, const ConfigKey& key) {
      out += text(name, " = ", shown_default(key), "\n      ", key.meaning, "\n      ", type_and_bounds(key),
                  key.reload == Reload::live ? "; SIGHUP takes a change over\n" : "\n");
    });
  }
  return out;
}

std::string explain_as_markdown(std::span<const SectionDeclaration> sections) {
  std::string out =
      "# Configuration reference\n\nWritten by `tenon config explain --markdown`; do not edit by hand. A change of a "
      "key "
      "marked *live* is taken over at SIGHUP, any other needs a restart.\n";
  for (const SectionDeclaration& section : sections) {
    out += text("\n## `[", section.name, "]`\n\n", section.meaning, "\n\n");
    if (section.keys.empty()) {
      out += "No keys of its own.\n";
      continue;
    }
    out += "| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
    for_each_key(section.keys, "", [&out](const std::string& name, const ConfigKey& key) {
      out += text("| `", name, "` | ", escaped(type_and_bounds(key)), " | `", escaped(shown_default(key)), "` | ",
                  escaped(key.meaning), key.reload == Reload::live ? " *live*" : "", " |\n");
    });
  }
  return out;
}

std::string show_values(const CheckedSection& section) {
  std::string out = text("[", section.name(), "]\n");
  for (const CheckedSection::Member& member : section.members()) {
    std::string line = text(member.key->name, " = ", value_to_string(*member.key, member.value));
    line.resize(std::max<std::size_t>(line.size() + 1, 48), ' ');
    out += text(line, "# ", member.is_set ? member.at.to_string() : "default", "\n");
  }
  return out;
}

}  // namespace tenon::kernel
