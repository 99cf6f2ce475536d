// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "logstore/descriptor_cache.hpp"
#include "tenon/filter.hpp"

namespace tenon::logstore {

/// Tags codes below those of any hash are addresses of units in the extension.
inline bool is_extension_address(std::int64_t tags_code) noexcept {
  return tags_code < std::numeric_limits<std::int32_t>::min();
}

/// What a Java broker with enableConsumeQueueExt says of the messages of one queue, beside their entries: the tags
/// code, the store time, and which filters they pass. Read only: nothing is added, and none of it is deleted. Files:
/// `consumequeue_ext/<topic>/<queueId>/<20 digits>`, ../shared/reference/store-format.md 3.5. Threads: any.
class QueueExtension {
 public:
  struct Unit {
    std::int64_t tags_code = 0;
    IndexExtension extension;  ///< Borrows `bit_map`.
    std::vector<std::byte> bit_map;
  };

  QueueExtension(DescriptorCache& descriptors, std::string directory)
      : descriptors_(descriptors), directory_(std::move(directory)) {}

  /// Reads the names and lengths of the files. Error: io.
  Status load(FileSystem& file_system);
  /// False, and `unit` means nothing, when there is no whole unit at the address, or it cannot be had at once.
  bool read(std::int64_t address, Unit& unit) const;

 private:
  struct Place {
    std::int64_t base, end;
  };

  DescriptorCache& descriptors_;
  std::string directory_;
  std::vector<Place> files_;  ///< Ascending.
};

}  // namespace tenon::logstore
