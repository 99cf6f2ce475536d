// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "tenon/log_tap.hpp"
#include "tenon/topics.hpp"

namespace tenon::ha {

/// The topics of the messages between `from`, the begin of a record, and the end of the log, and those that delayed and
/// transactional messages there are meant for. Each with as many queues as its messages show, `queues_min` at least.
/// Reads at most some files; a longer log is looked at from a later begin on.
std::vector<TopicConfig> topics_in_log(const LogTap& log, PhysicalOffset from, std::int32_t queues_min);

}  // namespace tenon::ha
