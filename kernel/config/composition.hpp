// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/checked_section.hpp"
#include "config/node.hpp"
#include "config/problems.hpp"
#include "tenon/config.hpp"

namespace tenon::kernel {

/// A table of the configuration, declared as data: checks it, explains it, documents it.
struct SectionDeclaration {
  std::string name;     ///< "broker", "plugins.store"
  std::string meaning;  ///< One line.
  std::span<const ConfigKey> keys;
};

/// One `[plugins.NAME]` table, not yet checked: that takes the keys its plug-in declares.
struct PluginTable {
  std::string name;  ///< Instance name, the NAME.
  std::string type;  ///< Its `type` key, or NAME.
  Position at;       ///< Of the table.
  Position type_at;  ///< Of the type, or of the table.
  Table table;
};

/// What one configuration file together with the command line asks for.
struct Composition {
  std::vector<CheckedSection> kernel;  ///< In the order of the declarations.
  std::vector<PluginTable> plugins;    ///< In the order of the file.

  /// The checked section of that name; it must have been declared.
  const CheckedSection& section(std::string_view name) const;
};

/// Reads and checks the file; what is wrong goes to `problems`, and the result is then good for finding more mistakes
/// only.
Composition read_composition(const std::filesystem::path& file, std::span<const std::string> overrides,
                             std::span<const SectionDeclaration> kernel_sections, Problems& problems);
/// The same for text that was read already; `origin` names it in messages.
Composition check_composition(Table root, const std::string& origin,
                              std::span<const SectionDeclaration> kernel_sections, Problems& problems);

}  // namespace tenon::kernel
