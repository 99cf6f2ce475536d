// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "replication/epoch_history.hpp"
#include "tenon/log_tap.hpp"

namespace tenon::replication {

/// Begins an epoch at the end of the log, for a broker that becomes the master: its number is at least `number_min` and
/// above all that this broker knows. What was received of a record that is not whole is forgotten first. On disk when
/// it returns. Errors: those of LogTap::truncate_log() and EpochKeeper::replace().
Result<Epoch> begin_own_epoch(LogTap& log, EpochKeeper& epochs, std::int64_t number_min);

/// Forgets the epoch that begin_own_epoch() began if nothing of it was written: it must not make this log look like the
/// latest. For a master that ends and let no slave in, which would count on it. `before`: the history before it, which
/// may end with an epoch that has no byte either and lost its place to this one: a former master's, and what that was
/// begun on was confirmed to it. Error: io.
Status forget_unused_epoch(const LogTap& log, EpochKeeper& epochs, EpochHistory before);

/// At the start, before anybody is told an epoch: forgets those that begin beyond the end of the log. Epochs are on
/// disk at once and the log is not, so a power cut may leave one whose begin is gone again; a log that claims it would
/// win an election against one that has what was acknowledged before. Error: io.
Status forget_lost_epochs(const LogTap& log, EpochKeeper& epochs);

}  // namespace tenon::replication
