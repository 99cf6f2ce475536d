# SPDX-License-Identifier: Apache-2.0
# `cmake --install`: component `runtime` is what a server needs, `sdk` what a plug-in author needs.
include(CMakePackageConfigHelpers)

install(TARGETS tenon_sdk EXPORT TenonTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT sdk)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/include/tenon ${PROJECT_BINARY_DIR}/sdk/include/tenon
        DESTINATION include COMPONENT sdk FILES_MATCHING PATTERN "*.hpp")
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Tenon)
# The conformance suites: headers, and a library for what is not a template.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/testing/include/tenon DESTINATION include COMPONENT sdk)
if(TARGET tenon_testing)
  set_target_properties(tenon_testing PROPERTIES EXPORT_NAME testing)
  install(TARGETS tenon_testing EXPORT TenonTestingTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk)
  install(EXPORT TenonTestingTargets NAMESPACE Tenon:: DESTINATION ${package_dir} COMPONENT sdk)
endif()

install(EXPORT TenonTargets NAMESPACE Tenon:: DESTINATION ${package_dir} COMPONENT sdk)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/TenonConfig.cmake.in ${PROJECT_BINARY_DIR}/TenonConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TenonConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/TenonConfig.cmake ${PROJECT_BINARY_DIR}/TenonConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/TenonPlugin.cmake ${PROJECT_SOURCE_DIR}/cmake/plugin.map
        DESTINATION ${package_dir} COMPONENT sdk)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/ DESTINATION share/tenon/conf COMPONENT runtime FILES_MATCHING PATTERN "*.toml")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/examples DESTINATION share/tenon COMPONENT sdk PATTERN "out_of_tree_test*" EXCLUDE)
