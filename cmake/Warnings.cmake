# SPDX-License-Identifier: Apache-2.0
# Warnings are errors, for every target of ours.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
                    -Wimplicit-fallthrough -Wundef -Werror -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options(-Wno-unused-private-field -Wno-unknown-warning-option)
endif()
