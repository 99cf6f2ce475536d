// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

namespace tenon::storetools {

/// A file of the commit log, or of a queue, which is to get the length that such files have.
struct WrongLength {
  std::filesystem::path file;
  std::int64_t right_bytes = 0;
};

}  // namespace tenon::storetools
