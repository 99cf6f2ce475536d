# SPDX-License-Identifier: Apache-2.0
include(TenonPlugin)

# How the code of tests is compiled, and their precompiled headers with it. -fPIC: the precompiled header of Asio is made
# for libraries, and -fPIE would not match it. Not optimised, because half of a whole build is tests; what they test is.
set(TENON_TEST_OPTIONS -fPIC $<$<CONFIG:RelWithDebInfo>:-O0>)

# Each file makes the same templates of the libraries and of our headers anew, so files of tests, and of code that few messages
# pass through, are compiled together. Never those that sends and pulls pass through: there it changes what the compiler inlines.
# On where the result is for users; under sanitizers one such file takes a minute and a gigabyte.
set(unity_default OFF)
if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo" AND NOT TENON_SANITIZE)
  set(unity_default ON)
endif()
option(TENON_UNITY "Compile files of tests, and of what sends and pulls do not pass through, together" ${unity_default})

# tenon_compile_together(target): all files of it, sixteen at a time.
# tenon_compile_together(target group file ...): of the files of the target, these as one; the others, if no other call names
# them, each by itself.
# What files that are compiled together name in anonymous namespaces must differ.
function(tenon_compile_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${TENON_UNITY} UNITY_BUILD_BATCH_SIZE 16)
  if(ARGC GREATER 1)
    list(POP_FRONT ARGN group)
    set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
    set_source_files_properties(${ARGN} PROPERTIES UNITY_GROUP ${group})
  endif()
endfunction()

# tenon_add_library(name SOURCES ... LIBRARIES ... [ASIO]): a static library of ours, found as <directory/header.hpp>
# from the directory above it (lib/record/layout.hpp is included as "record/layout.hpp").
# ASIO: the library uses Boost.Asio, so its precompiled header has Asio too, not the standard library alone.
function(tenon_add_library name)
  cmake_parse_arguments(arg "ASIO" "" "SOURCES;LIBRARIES" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH above)
  target_include_directories(${name} PUBLIC ${above})
  target_link_libraries(${name} PUBLIC ${arg_LIBRARIES})
  if(arg_ASIO)
    target_precompile_headers(${name} REUSE_FROM tenon_asio_pch)
  else()
    target_precompile_headers(${name} REUSE_FROM tenon_std_pch)
  endif()
endfunction()

# tenon_add_test(name SOURCES ... LIBRARIES ... [LABELS ...] [ASIO]): one GoogleTest program, run by ctest. Without ASIO its
# precompiled header has GoogleTest alone.
function(tenon_add_test name)
  if(NOT TENON_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "ASIO" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest_main)
  if(arg_ASIO)
    target_precompile_headers(${name} REUSE_FROM tenon_asio_test_pch)
  else()
    target_precompile_headers(${name} REUSE_FROM tenon_test_pch)
  endif()
  target_compile_options(${name} PRIVATE ${TENON_TEST_OPTIONS})
  tenon_compile_together(${name})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(TENON_SANITIZE)  # ThreadSanitizer costs five to fifteen times
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 5")
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()

# tenon_add_fuzzer(name SOURCES ... LIBRARIES ... CORPUS dir): a libFuzzer target; built with clang by `./dev fuzz`.
function(tenon_add_fuzzer name)
  if(NOT TENON_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(arg "" "CORPUS" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})
  if(arg_CORPUS)  # read by `./dev fuzz`
    cmake_path(ABSOLUTE_PATH arg_CORPUS BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    file(WRITE ${PROJECT_BINARY_DIR}/fuzz/${name}.corpus "${arg_CORPUS}\n")
  endif()
endfunction()
