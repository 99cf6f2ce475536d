// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace tenon::cli {

/// One file below templates/, compiled into the program by EmbedTemplates.cmake.
struct TemplateFile {
  std::string_view capability;  ///< The directory: "filter", ...; "any" goes with each.
  std::string_view path;        ///< With placeholders: "@name@.hpp".
  std::string_view text;
};
std::span<const TemplateFile> template_files();

}  // namespace tenon::cli
