// SPDX-License-Identifier: Apache-2.0
#include "app/plugin_set.hpp"

#include <algorithm>
#include <exception>

#include "config/nearest.hpp"
#include "lifecycle/phases.hpp"
#include "plugin/loader.hpp"

namespace tenon::kernel {
namespace {

std::string type_shown(const PluginTable& table) {
  if (find_entry(table.table, "type") == nullptr) return text("[plugins.", table.name, "] without a type");
  return text("plugins.", table.name, ".type = \"", table.type, "\"");
}

std::string no_such_file(const PluginTable& table, const SearchPath& path) {
  std::vector<std::string> types;
  for (const auto& file : path.all()) types.push_back(file.stem().string());
  const std::vector<std::string_view> candidates(types.begin(), types.end());
  return text(type_shown(table), ": there is no ", table.type, ".so in ", path, did_you_mean(table.type, candidates));
}

// Constructs the plug-in of a file whose note fits.
void construct(PluginInstance& instance, HostContext& context, Problems& problems) {
  const auto loaded = LoadedFile::load(instance.file);
  if (!loaded)
    return problems.add(instance.table.type_at, text(type_shown(instance.table), ": ", loaded.error().message()));
  instance.host = std::make_unique<PluginHost>(instance.table.name, context);
  try {
    instance.plugin = loaded->create(*instance.host);
  } catch (const std::exception& problem) {
    problems.add(instance.table.at, phase_failure(instance.table.name, "load", problem.what()));
  }
}

}  // namespace

SectionDeclaration PluginInstance::declaration() const {
  std::string offers;
  for (const CapabilityRef& ref : note.provides) offers += (offers.empty() ? "; provides " : ", ") + ref.to_string();
  return {section_name(), text("Plug-in ", table.type, " (", note.id, ")", offers, "."), plugin->config_keys()};
}

PluginSet::~PluginSet() {
  while (!instances_.empty()) instances_.pop_back();
}

PluginSet PluginSet::load(std::vector<PluginTable> tables, const SearchPath& path, HostContext& context,
                          Problems& problems) {
  PluginSet set;
  for (PluginTable& table : tables) {
    const auto file = path.find(table.type);
    if (!file) {
      set.incomplete_ = true;
      problems.add(table.type_at, no_such_file(table, path));
      continue;
    }
    auto note = read_loadable_note(*file);
    if (!note) {
      set.refused_ = true;
      problems.add(table.type_at, text(type_shown(table), ": ", note.error().message()));
      continue;
    }
    CheckedSection unchecked(text("plugins.", table.name), table.at);
    set.instances_.push_back(std::make_unique<PluginInstance>(
        PluginInstance{std::move(table), *file, *std::move(note), nullptr, nullptr, std::move(unchecked)}));
  }
  if (set.refused_) set.instances_.clear();
  for (const auto& instance : set.instances_) construct(*instance, context, problems);
  std::erase_if(set.instances_, [](const auto& instance) { return instance->plugin == nullptr; });
  return set;
}

void PluginSet::configure(Problems& problems) {
  for (const auto& instance : instances_) {
    try {
      instance->section = check_section(instance->section_name(), instance->table.at, instance->table.table,
                                        instance->plugin->config_keys(), {"type"}, problems);
      SectionDiagnostics complaints(instance->section, problems);
      instance->plugin->configure(instance->section, complaints);
    } catch (const std::exception& problem) {
      problems.add(instance->table.at, phase_failure(instance->table.name, "configure", problem.what()));
    }
  }
}

void PluginSet::sort(const Dependent& kernel, Problems& problems) {
  std::vector<Dependent> dependents{kernel};
  for (const auto& instance : instances_) {
    dependents.push_back({instance->table.name, instance->note.provides, instance->note.requires_, {}});
  }
  const DependencyOrder order = order_dependents(dependents);
  for (const UnmetDependency& unmet : order.unmet) {
    if (incomplete_) break;  // the file that is not there may be what is missed: that was said
    const PluginTable* table = unmet.dependent == 0 ? nullptr : &instances_[unmet.dependent - 1]->table;
    problems.add(
        table == nullptr ? Position{"tenon"} : table->at,
        text(table == nullptr ? std::string("the kernel") : text("[plugins.", table->name, "]"), " ", unmet.message));
  }
  if (!order.unmet.empty()) return;
  std::vector<std::unique_ptr<PluginInstance>> sorted;
  for (const std::size_t index : order.order) {
    if (index > 0) sorted.push_back(std::move(instances_[index - 1]));
  }
  instances_ = std::move(sorted);
}

bool PluginSet::provides(std::string_view capability) const {
  return std::any_of(instances_.begin(), instances_.end(), [capability](const auto& instance) {
    const auto& offers = instance->note.provides;
    return std::any_of(offers.begin(), offers.end(), [capability](const auto& ref) { return ref.name == capability; });
  });
}

}  // namespace tenon::kernel
