# SPDX-License-Identifier: Apache-2.0
# What makes a build cheaper and its result no other: ccache and mold when they are there, neither is needed, and a compiler
# that looks for garbage in its memory later, which takes 7 % of its time (docs/adr/0021).
find_program(TENON_CCACHE ccache)
if(TENON_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache needs to cache compilations that use a precompiled header. Base directory and "no hash of the
  # working directory" let several build directories, and several clones, share one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=true
      CCACHE_IGNOREOPTIONS=--param=ggc-min-heapsize=* ${TENON_CCACHE})
endif()
find_program(TENON_MOLD mold)
if(TENON_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(--param=ggc-min-heapsize=262144)  # KiB
endif()
