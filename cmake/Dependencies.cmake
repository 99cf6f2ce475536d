# SPDX-License-Identifier: Apache-2.0
# Everything comes from the distribution (Debian 12); `./dev setup` installs it.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(spdlog REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(isal IMPORTED_TARGET libisal)
find_package(CLI11 REQUIRED)
if(TENON_TESTS OR NOT DEFINED TENON_TESTS)
  find_package(GTest REQUIRED)
endif()
