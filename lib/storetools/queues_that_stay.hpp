// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <set>
#include <vector>

#include "logstore/options.hpp"
#include "storetools/wrong_length.hpp"
#include "tenon/error.hpp"

namespace tenon::storetools {

/// What keeps a broker from opening a store, in queues that a repair does not make again.
struct QueuesThatStay {
  std::vector<WrongLength> wrong_lengths;
  std::vector<std::filesystem::path> foreign_files;  ///< Also those before a gap, which are no queue with the others.
};

/// Looks at queues without a record, at light queues, whose entries belong to records of others, and at extensions.
/// `made`: the directories of queues that are made again. Error: io.
Result<QueuesThatStay> look_at_queues_that_stay(const logstore::StoreOptions& options,
                                                const std::set<std::filesystem::path>& made);

}  // namespace tenon::storetools
