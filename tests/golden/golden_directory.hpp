// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace tenon::golden {

/// Where the recordings are: the environment variable TENON_GOLDEN, else what the build was configured with.
inline std::filesystem::path directory() {
  const char* const asked = std::getenv("TENON_GOLDEN");
  return asked != nullptr ? std::filesystem::path(asked) : std::filesystem::path(TENON_GOLDEN_DIRECTORY);
}

/// Whether there are recordings to compare with. Somebody who names a directory means it: then a missing one is a
/// failure.
inline bool available() {
  if (std::filesystem::is_directory(directory())) return true;
  if (std::getenv("TENON_GOLDEN") != nullptr) ADD_FAILURE() << "TENON_GOLDEN names no directory: " << directory();
  return false;
}

}  // namespace tenon::golden

/// First line of a test that needs recordings.
#define TENON_NEED_GOLDEN()          \
  if (!::tenon::golden::available()) \
  GTEST_SKIP() << "no recordings at " << ::tenon::golden::directory() << "; set TENON_GOLDEN to compare with them"
