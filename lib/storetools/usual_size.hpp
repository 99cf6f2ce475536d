// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>

#include "tenon/error.hpp"

namespace tenon::storetools {

/// The length that most files of a kind have, in bytes, so that one which was cut short is not taken for the rule.
class UsualSize {
 public:
  void add(std::int64_t size) {
    if (size > 0) ++files_[size];
  }
  /// Of two that are as frequent, the larger. Empty if there was no file, or none with a byte in it.
  std::optional<std::int64_t> value() const;

 private:
  std::map<std::int64_t, std::int64_t> files_;  ///< How many, by size.
};

/// Of the files of all queues below `root`, such as `consumequeue`. Error: io.
Result<std::optional<std::int64_t>> usual_queue_file_size(const std::filesystem::path& root);

}  // namespace tenon::storetools
