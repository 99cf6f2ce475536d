# SPDX-License-Identifier: Apache-2.0
# TENON_SANITIZE = address;undefined | thread | empty. Every target gets it: a plug-in of another setting is refused.
set(TENON_SANITIZE "" CACHE STRING "Sanitizers, a list for -fsanitize=")
if(TENON_SANITIZE)
  list(JOIN TENON_SANITIZE "," sanitize)
  add_compile_options(-fsanitize=${sanitize} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${sanitize})
  # GCC 12 reports false positives from inlined standard library code under sanitizers.
  add_compile_options(-Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds -Wno-restrict -Wno-tsan)
endif()
