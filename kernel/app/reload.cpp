// SPDX-License-Identifier: Apache-2.0
#include "app/reload.hpp"

#include <algorithm>
#include <exception>
#include <map>

#include "app/kernel_units.hpp"
#include "app/listed.hpp"
#include "config/reload.hpp"
#include "lifecycle/phases.hpp"

namespace tenon::kernel {
namespace {

// The plug-in sections of the file as it is now, by instance name, checked against the keys of what is loaded.
using FreshSections = std::map<std::string, CheckedSection>;

FreshSections check_plugins(const Composition& fresh, const PluginSet& plugins, SectionChange& change,
                            Problems& problems) {
  FreshSections sections;
  for (const auto& instance : plugins.instances()) {
    const auto now = std::find_if(fresh.plugins.begin(), fresh.plugins.end(),
                                  [&](const PluginTable& table) { return table.name == instance->table.name; });
    if (now == fresh.plugins.end() || now->type != instance->table.type) {
      change.restart.push_back(instance->section_name());
      continue;
    }
    sections.emplace(now->name, check_section(instance->section_name(), now->at, now->table,
                                              instance->plugin->config_keys(), {"type"}, problems));
  }
  for (const PluginTable& table : fresh.plugins) {
    const bool is_new = std::none_of(plugins.instances().begin(), plugins.instances().end(),
                                     [&](const auto& instance) { return instance->table.name == table.name; });
    if (is_new) change.restart.push_back("plugins." + table.name);
  }
  return sections;
}

// True when a live key has changed; the section in force is then the merged one.
bool take_over(CheckedSection& running, const CheckedSection& fresh, SectionChange& change) {
  const std::size_t before = change.live.size();
  running = take_over_live(running, fresh, change);
  return change.live.size() > before;
}

// [broker] has no live keys, so it only reports.
void reload_kernel(const Composition& fresh, Assembly& running, SectionChange& change) {
  for (CheckedSection& section : running.composition.kernel) {
    if (!take_over(section, fresh.section(section.name()), change)) continue;
    if (section.name() == "log") set_log_level(read_log_level(section));
    if (section.name() == "runtime") running.runtime = read_runtime_config(section);
  }
}

void reload_plugins(const FreshSections& fresh, PluginSet& plugins, SectionChange& change, const Logger& log) {
  for (const auto& instance : plugins.instances()) {
    const auto section = fresh.find(instance->table.name);
    if (section == fresh.end()) continue;
    take_over(instance->section, section->second, change);
    try {
      instance->plugin->reload(instance->section);
    } catch (const std::exception& problem) {
      log.error(phase_failure(instance->table.name, "reload", problem.what()));
    }
  }
}

std::string listed_or_nothing(const std::vector<std::string>& words) {
  return words.empty() ? "nothing" : listed(words);
}

}  // namespace

void reload(const ConfigSource& source, Assembly& running, const Logger& log) {
  Problems problems;
  SectionChange change;
  const Composition fresh = read_composition(source.file, source.overrides, kernel_sections(), problems);
  const FreshSections sections = check_plugins(fresh, running.plugins, change, problems);
  SectionDiagnostics complaints(fresh.section("broker"), problems);
  read_broker_config(fresh.section("broker"), complaints);
  read_net_cpus(fresh, running.available_cpus, problems);
  if (!problems.empty()) {
    log.error("reload refused, nothing was changed:\n", problems.to_string());
    return;
  }
  reload_kernel(fresh, running, change);
  reload_plugins(sections, running.plugins, change, log);
  log.info("reloaded: ", listed_or_nothing(change.live), "; waits for a restart: ", listed_or_nothing(change.restart));
}

}  // namespace tenon::kernel
