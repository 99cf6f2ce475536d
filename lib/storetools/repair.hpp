// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "logstore/file_sizes.hpp"
#include "logstore/file_system.hpp"
#include "storetools/delivery_times.hpp"
#include "storetools/log_reader.hpp"
#include "storetools/wrong_length.hpp"

namespace tenon::storetools {

struct RepairRequest {
  std::filesystem::path directory;             ///< The store's root.
  std::filesystem::path commit_log_directory;  ///< Empty: `<directory>/commitlog`.
  bool cut_records = false;                    ///< Also cut when whole records lie behind the first damaged one.
  Progress progress;                           ///< May be empty.
  logstore::FileSystem* files = &logstore::posix_file_system();  ///< What is changed is changed through it.
};

/// What repair() does to a store.
struct RepairPlan {
  PhysicalOffset cut_at;         ///< New end of the commit log.
  std::int64_t bytes_cut = 0;    ///< Behind it, up to the last byte that is not zero.
  std::int64_t records_cut = 0;  ///< Whole ones among them.
  std::int64_t records_kept = 0;
  std::vector<std::filesystem::path> log_files_cut;  ///< Behind the cut, also those with nothing but zeros.
  std::vector<std::filesystem::path> foreign_files;  ///< Beside files of the commit log, or of queues that stay, or
                                                     ///< before a gap in one.
  std::vector<WrongLength> wrong_lengths;
  std::vector<std::filesystem::path> queues;  ///< Directories that are made again from the records.
  std::shared_ptr<DeliveryTimes> delivery_times = std::make_shared<DeliveryTimes>();  ///< Of delayed messages.
  logstore::FileSizes sizes;
  std::filesystem::path commit_log;
};

/// Reads the log and says what is to be done; changes nothing. Error: busy, io.
Result<RepairPlan> plan_repair(const RepairRequest& request);

/// Cuts the log at its first damaged record, or where a file of it is missing, and makes consume queues, index and
/// checkpoint again from what is left. Everything that is cut or replaced goes to `saved`, a new directory below the
/// store's root; queues of which no record is left keep their files, and so their offsets. Holds the store's lock
/// meanwhile. Errors: busy, or corrupt when whole records would be cut and the request does not allow it: nothing was
/// changed then. io: may have stopped half-way; the next repair ends it then, with a plan of its own, and a start makes
/// the queues from the log.
Status repair(const RepairRequest& request, const RepairPlan& plan, const std::filesystem::path& saved);

}  // namespace tenon::storetools
