// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replication/epoch_history.hpp"
#include "tenon/metadata_copy.hpp"

namespace tenon::ha {

/// What topics cover that know all messages before `end`, in a log with this history.
CoveredLog coverage_up_to(PhysicalOffset end, const replication::EpochHistory& epochs);

/// Up to where a log that ends at `log_end` and has this history is the one that `covered` speaks of: behind that it
/// was cut back, or lost its end, and has other messages now. 0 where the history does not know the epoch.
PhysicalOffset still_covered(const CoveredLog& covered, const replication::EpochHistory& epochs,
                             PhysicalOffset log_end);

}  // namespace tenon::ha
