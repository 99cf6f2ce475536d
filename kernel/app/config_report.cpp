// SPDX-License-Identifier: Apache-2.0
#include "app/config_report.hpp"

#include <algorithm>
#include <cstdio>

#include "app/kernel_units.hpp"
#include "config/explain.hpp"
#include "config/nearest.hpp"

namespace tenon::kernel {
namespace {

void print(const std::string& all) { std::fputs(all.c_str(), stdout); }
void complain(const std::string& all) { std::fputs(all.c_str(), stderr); }

// A composition of every plug-in there is, each under the name of its type, to ask them for their keys.
std::vector<PluginTable> every_plugin(const SearchPath& path) {
  std::vector<PluginTable> tables;
  for (const auto& file : path.all()) {
    const std::string type = file.stem().string();
    if (const auto note = read_loadable_note(file))
      tables.push_back({type, type, {file.string()}, {file.string()}, {}});
    else
      complain(text("passed over: ", note.error().message(), "\n"));
  }
  return tables;
}

// A section of a plug-in can be meant without the table that they all are in.
std::string_view short_name(std::string_view section) {
  constexpr std::string_view kTable = "plugins.";
  return section.starts_with(kTable) ? section.substr(kTable.size()) : section;
}

bool is_named(const SectionDeclaration& section, std::string_view name) {
  return section.name == name || section.name == text("plugins.", name);
}

// The sections called `wanted`, or the one key of "SECTION.KEY"; all of them when it is empty.
std::vector<SectionDeclaration> selected(const std::vector<SectionDeclaration>& all, std::string_view wanted) {
  if (wanted.empty()) return all;
  std::vector<SectionDeclaration> chosen;
  const std::size_t dot = wanted.rfind('.');
  for (const SectionDeclaration& section : all) {
    if (is_named(section, wanted)) chosen.push_back(section);
    if (dot == std::string_view::npos || !is_named(section, wanted.substr(0, dot))) continue;
    const auto key = std::ranges::find(section.keys, wanted.substr(dot + 1), &ConfigKey::name);
    if (key != section.keys.end()) chosen.push_back({section.name, section.meaning, {&*key, 1}});
  }
  return chosen;
}

std::string unknown(std::string_view wanted, const std::vector<SectionDeclaration>& sections) {
  std::vector<std::string> names, keys;
  for (const SectionDeclaration& section : sections) {
    names.emplace_back(short_name(section.name));
    for (const ConfigKey& key : section.keys) keys.push_back(text(names.back(), ".", key.name));
  }
  const std::string_view word = short_name(wanted);
  const std::vector<std::string>& alike = word.find('.') == std::string_view::npos ? names : keys;
  std::string known;
  for (const std::string& name : names) known += text(known.empty() ? "" : ", ", name);
  return text("tenon: no section, plug-in or key of one '", wanted, "'",
              did_you_mean(word, {alike.begin(), alike.end()}), "; known are ", known, "\n");
}

Outcome outcome_of(const Assembly& assembly, const Problems& problems) {
  if (problems.empty()) return Outcome::ok;
  complain(problems.to_string());
  return assembly.plugins.refused() ? Outcome::plugin_refused : Outcome::usage;
}

void ignore_fault(const std::string&) {}

}  // namespace

Outcome check_config(const ConfigSource& source) {
  Health health;
  Problems problems;
  const Assembly assembly(source, health, ignore_fault, problems);
  const Outcome outcome = outcome_of(assembly, problems);
  if (outcome == Outcome::ok) print(text(source.file.string(), ": no mistakes\n"));
  return outcome;
}

Outcome show_config(const ConfigSource& source) {
  Health health;
  Problems problems;
  const Assembly assembly(source, health, ignore_fault, problems);
  for (const CheckedSection& section : assembly.composition.kernel) print(show_values(section) + "\n");
  for (const auto& plugin : assembly.plugins.instances()) {
    print(text(show_values(plugin->section), "type = \"", plugin->table.type, "\"\n\n"));
  }
  return outcome_of(assembly, problems);
}

Outcome explain_config(const ExplainRequest& request) {
  Health health;
  Problems problems;
  Executors executors({}, 1, [](const std::string&, const std::string&) {});
  HostContext context(executors, health, ignore_fault, {});
  const SearchPath path = SearchPath::of_this_process({});
  const PluginSet plugins = PluginSet::load(every_plugin(path), path, context, problems);
  complain(problems.to_string());
  std::vector<SectionDeclaration> sections = kernel_sections();
  for (const auto& plugin : plugins.instances()) sections.push_back(plugin->declaration());
  const auto chosen = selected(sections, request.section);
  if (chosen.empty()) {
    complain(unknown(request.section, sections));
    return Outcome::usage;
  }
  print(request.markdown ? explain_as_markdown(chosen) : explain_as_text(chosen));
  return Outcome::ok;
}

}  // namespace tenon::kernel
