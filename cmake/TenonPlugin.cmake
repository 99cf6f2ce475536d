# SPDX-License-Identifier: Apache-2.0
# Also installed with the SDK: third parties call tenon_add_plugin() after find_package(Tenon).
set(TENON_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/plugin.map)

# tenon_add_plugin(name SOURCES ... LIBRARIES ... [ASIO]): builds name.so, which exports the two plug-in symbols and nothing else.
function(tenon_add_plugin name)
  cmake_parse_arguments(arg "ASIO" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Tenon::sdk ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_link_options(${name} PRIVATE LINKER:-z,now LINKER:-z,nodelete LINKER:--version-script=${TENON_PLUGIN_MAP}
                      LINKER:--exclude-libs,ALL)
  # A forbidden call is a link error. (The sanitizer runtimes live in the program, so their symbols stay open.)
  if(NOT TENON_SANITIZE AND NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize")
    target_link_options(${name} PRIVATE LINKER:-z,defs)
  endif()
  if(TARGET tenon_asio_pch)  # inside Tenon's own build
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${TENON_PLUGIN_DIR}
                          INSTALL_RPATH "$ORIGIN/../.." BUILD_RPATH "$ORIGIN/../..")
    install(TARGETS ${name} LIBRARY DESTINATION ${TENON_PLUGIN_DIR} COMPONENT runtime)
    if(arg_ASIO)
      target_precompile_headers(${name} REUSE_FROM tenon_asio_pch)
    endif()
  endif()
endfunction()
