// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "replication/extended_frames.hpp"
#include "tenon/log_tap.hpp"

/// Two logs that ought to be the same are compared by their last piece before the place where one goes on with the
/// other: histories of epochs say nothing about a log that was never theirs.
namespace tenon::replication {

/// A piece of the log between `begin_min`, where the other log begins, and `end`; in one file. Empty when the log has
/// nothing there.
Result<LogSample> take_sample(const LogTap& log, PhysicalOffset begin_min, PhysicalOffset end);
/// Error: query_not_found when this log does not have those bytes; corrupt when they are others here.
Status compare_sample(const LogTap& log, const LogSample& sample);

}  // namespace tenon::replication
