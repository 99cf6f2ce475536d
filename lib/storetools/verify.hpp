// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "storetools/log_reader.hpp"

namespace tenon::storetools {

struct VerifyRequest {
  std::filesystem::path directory;             ///< The store's root.
  std::filesystem::path commit_log_directory;  ///< Empty: `<directory>/commitlog`.
  Progress progress;                           ///< May be empty.
};

/// What was looked at.
struct VerifySummary {
  LogReader::Summary log;
  std::int64_t log_files = 0;
  std::int64_t queues = 0, queue_entries = 0;
  std::int64_t index_entries = 0;
  bool clean_stop = false;
  std::int64_t unfinished_repairs = 0;
  std::map<std::string, std::int64_t> deleted;  ///< Records from before their topic was deleted, by its name.
};

/// Looks at every byte of a stopped store that is held against another: each record's own checks, each queue entry
/// against its record and each record against its entry, index entries, checkpoint. Changes nothing.
/// Error: busy while a broker uses the store; io.
Result<VerifySummary> verify(const VerifyRequest& request, Findings& findings);

/// Error: busy if a broker holds the store's lock. Changes nothing.
Status check_not_in_use(const std::filesystem::path& directory);
/// From where on the next start would read records again: the end of time after a clean stop.
PhysicalOffset recovery_start(const LogReader& log, const std::filesystem::path& directory, bool clean_stop);

}  // namespace tenon::storetools
