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
  /// `unit`: of what the files hold, in bytes. A length that is no multiple of it is nobody's rule.
  explicit UsualSize(std::int64_t unit) : unit_(unit) {}
  /// `base`: the offset that the file is named by.
  void add(std::int64_t base, std::int64_t size);
  /// Of two that are as frequent, the one that more names are a multiple of; of two such, the larger. Empty if there
  /// was no file of whole units.
  std::optional<std::int64_t> value() const;

 private:
  std::int64_t names_that_fit(std::int64_t size) const;

  std::int64_t unit_;
  std::map<std::int64_t, std::int64_t> files_;  ///< How many, by size.
  std::map<std::int64_t, std::int64_t> bases_;  ///< How many, by base.
};

/// Files named by an offset, of all queues below `root`, such as `consumequeue`, with their length in bytes. Error: io.
Status for_each_queue_file(const std::filesystem::path& root,
                           const std::function<void(const std::filesystem::path&, std::int64_t)>& visit);
/// Of the files of all queues below `root`, such as `consumequeue`. Error: io.
Result<std::optional<std::int64_t>> usual_queue_file_size(const std::filesystem::path& root, std::int64_t unit);

}  // namespace tenon::storetools
