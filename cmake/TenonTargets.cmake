# SPDX-License-Identifier: Apache-2.0
include(TenonPlugin)

# How the code of tests is compiled, and their precompiled headers with it. -fPIC: the precompiled header of Asio is made
# for libraries, and -fPIE would not match it. Not optimised, because half of a whole build is tests; what they test is.
set(TENON_TEST_OPTIONS -fPIC $<$<CONFIG:RelWithDebInfo>:-O0>)

# Each file of a test makes the same templates of GoogleTest and of our headers anew, so sixteen are compiled as one. Never
# what users run: there it changes what the compiler inlines. Off under sanitizers, where one such file takes a minute and a
# gigabyte.
option(TENON_UNITY_TESTS "Compile files of test programs together" OFF)

# tenon_compile_together(target): for programs of tests, and for libraries that only they use. What their files name in
# anonymous namespaces must differ.
function(tenon_compile_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${TENON_UNITY_TESTS} UNITY_BUILD_BATCH_SIZE 16)
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
