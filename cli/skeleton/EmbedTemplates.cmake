# SPDX-License-Identifier: Apache-2.0
# Writes ${CMAKE_CURRENT_BINARY_DIR}/template_files.cpp from the files below skeleton/templates.
file(GLOB_RECURSE templates RELATIVE ${CMAKE_CURRENT_LIST_DIR}/templates CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/templates/*)
list(SORT templates)
set(entries "")
foreach(template ${templates})
  string(REGEX MATCH "^[^/]+" capability ${template})
  string(REGEX REPLACE "^[^/]+/" "" path ${template})
  string(REGEX REPLACE "\\.in$" "" path ${path})
  file(READ ${CMAKE_CURRENT_LIST_DIR}/templates/${template} text)
  string(APPEND entries "    {\"${capability}\", \"${path}\", R\"tenon_template(${text})tenon_template\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/templates/${template})
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/template_files.cpp CONTENT [[
// Generated from cli/skeleton/templates.
#include "skeleton/template_files.hpp"

namespace tenon::cli {
std::span<const TemplateFile> template_files() {
  static constexpr TemplateFile kFiles[] = {
${entries}  };
  return kFiles;
}
}  // namespace tenon::cli
]])
