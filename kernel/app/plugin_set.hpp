// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/composition.hpp"
#include "lifecycle/plugin_host.hpp"
#include "plugin/dependency_order.hpp"
#include "plugin/note.hpp"
#include "plugin/search_path.hpp"
#include "tenon/plugin.hpp"

namespace tenon::kernel {

/// One `[plugins.NAME]` of the composition, loaded.
/// Ownership: the host outlives the plug-in; the context both were made with outlives this.
struct PluginInstance {
  PluginTable table;
  std::filesystem::path file;
  Note note;
  std::unique_ptr<PluginHost> host;
  std::unique_ptr<Plugin> plugin;
  CheckedSection section;

  std::string section_name() const { return "plugins." + table.name; }
  SectionDeclaration declaration() const;
};

/// The plug-ins of a process, in the order of the file until sort() puts providers first.
/// Threads: one (`ctl`).
class PluginSet {
 public:
  PluginSet() = default;
  PluginSet(PluginSet&&) = default;
  PluginSet& operator=(PluginSet&&) = delete;
  /// Destroys in reverse order.
  ~PluginSet();

  /// Finds and loads the file of every table. No code of any runs unless the notes of all were found fit.
  static PluginSet load(std::vector<PluginTable> tables, const SearchPath& path, HostContext& context,
                        Problems& problems);

  /// Checks every section against the keys its plug-in declares, and lets the plug-in take its values.
  void configure(Problems& problems);
  /// Puts providers before those who need them. `kernel` joins in as one of them: what it provides can be required.
  void sort(const Dependent& kernel, Problems& problems);

  /// True when a file was refused: not a plug-in, or one of another build.
  bool refused() const noexcept { return refused_; }
  std::span<const std::unique_ptr<PluginInstance>> instances() const noexcept { return instances_; }
  bool provides(std::string_view capability_with_revision) const;

 private:
  std::vector<std::unique_ptr<PluginInstance>> instances_;
  bool refused_ = false;
  bool incomplete_ = false;  ///< A file that the configuration names was not found.
};

}  // namespace tenon::kernel
