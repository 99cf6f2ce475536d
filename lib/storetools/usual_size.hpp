// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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

/// Files named by an offset, of all queues below `root`, such as `consumequeue`, with their length in bytes. Error: io.
Status for_each_queue_file(const std::filesystem::path& root,
                           const std::function<void(const std::filesystem::path&, std::int64_t)>& visit);
/// Of the files of all queues below `root`, such as `consumequeue`. Error: io.
Result<std::optional<std::int64_t>> usual_queue_file_size(const std::filesystem::path& root);

}  // namespace tenon::storetools
